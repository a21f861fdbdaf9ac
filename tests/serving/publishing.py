"""A client for the tests of this folder: uploads, reads an index as installers do, downloads."""

import base64
import hashlib
import http.client
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from urllib.parse import urlsplit

import requests

from registry import Registry
from running import Server

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
TIMEOUT_SECONDS = 60
BOUNDARY = "a-boundary-of-the-tests"


def form_around(filename: str) -> tuple[bytes, bytes]:
    """Return what stands before and after the file in an upload form."""
    name, version = filename.split("-")[:2]
    fields = {":action": "file_upload", "name": name, "version": version}
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in fields.items()
    ]
    file = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="content"; filename="{filename}"'
    kind = "Content-Type: application/octet-stream"
    return "".join(
        [*parts, f"{file}\r\n{kind}\r\n\r\n"]
    ).encode(), f"\r\n--{BOUNDARY}--\r\n".encode()


@dataclass(frozen=True, slots=True)
class Publisher:
    """One who may publish in a project of a running server."""

    server: Server
    project_id: int
    secret: str

    @classmethod
    def of(cls, server: Server) -> "Publisher":
        """Make a project, and somebody who may publish in it."""
        project, secret = Registry(server.data).publisher()
        return cls(server, project.id, secret)

    @property
    def base(self) -> str:
        """The address that uploads go to."""
        return f"{self.server.address}/api/v4/projects/{self.project_id}/packages/pypi"

    @property
    def auth(self) -> tuple[str, str]:
        """The user name and the password."""
        return ("__token__", self.secret)

    def upload(
        self, filename: str, content: bytes, session: requests.Session | None = None
    ) -> requests.Response:
        """Upload a wheel as twine does."""
        name, version = filename.split("-")[:2]
        return (session or requests.Session()).post(
            self.base,
            auth=self.auth,
            data={":action": "file_upload", "name": name, "version": version},
            files={"content": (filename, content)},
            timeout=TIMEOUT_SECONDS,
        )

    def stream(
        self, filename: str, content: Iterable[bytes], size_bytes: int | None
    ) -> tuple[int, bytes]:
        """Upload a wheel piece by piece, chunked when no size is given; return status and body."""
        head, tail = form_around(filename)
        headers = {
            "Authorization": "Basic " + base64.b64encode(":".join(self.auth).encode()).decode(),
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        }
        if size_bytes is not None:
            headers["Content-Length"] = str(len(head) + size_bytes + len(tail))
        else:
            headers["Transfer-Encoding"] = "chunked"
        address = urlsplit(self.server.address).netloc
        with closing(http.client.HTTPConnection(address, timeout=TIMEOUT_SECONDS)) as connection:
            connection.request(
                "POST",
                urlsplit(self.base).path,
                body=chain([head], content, [tail]),
                headers=headers,
                encode_chunked=size_bytes is None,
            )
            answer = connection.getresponse()
            return answer.status, answer.read()

    def listed(self, name: str, session: requests.Session | None = None) -> dict[str, str]:
        """Read the page of a project; return each file's name and its whole address."""
        page = f"{self.base}/simple/{name}/"
        answer = self.get(page, session, headers=JSON)
        answer.raise_for_status()
        return {file["filename"]: page + file["url"] for file in answer.json()["files"]}

    def names(self) -> list[str]:
        """Read the names that the index lists."""
        answer = self.get(f"{self.base}/simple/", headers=JSON)
        answer.raise_for_status()
        return [project["name"] for project in answer.json()["projects"]]

    def sha256(self, url: str) -> str:
        """Download a file and return the digest of what came."""
        answer = self.get(url)
        answer.raise_for_status()
        return hashlib.sha256(answer.content).hexdigest()

    def open(self, url: str) -> requests.Response:
        """Begin a download; its body is read from `raw`."""
        return requests.get(url, auth=self.auth, stream=True, timeout=TIMEOUT_SECONDS)

    def get(
        self,
        url: str,
        session: requests.Session | None = None,
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        """GET, with the token."""
        return (session or requests.Session()).get(
            url, auth=self.auth, headers=headers, timeout=TIMEOUT_SECONDS
        )
