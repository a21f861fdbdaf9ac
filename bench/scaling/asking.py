"""Requests to a seeded registry, as a publisher and as an administrator send them."""

import gzip
import itertools
from base64 import b64encode
from typing import Any
from urllib.parse import quote

import orjson
import requests

from distributions import build_wheel, upload_fields
from scaling.measuring import Answer, Client
from scaling.seeding import Seeded
from visiting import SESSION_COOKIE

JSON = {"Accept": "application/vnd.pypi.simple.v1+json", "Accept-Encoding": "gzip"}
HTML = {"Accept": "text/html", "Accept-Encoding": "gzip"}

REAL_VERSION = "99"
"""The major version of what is published during the run: those files have bytes."""

_numbers = itertools.count(1)


class Asking:
    """Requests over one connection."""

    def __init__(self, seeded: Seeded, client: Client) -> None:
        self.corpus = seeded.corpus
        self.path = f"/{seeded.project.full_path}"
        self.group_path = f"/{seeded.group.full_path}"
        self.project = f"/api/v4/projects/{seeded.project.id}"
        self.group = f"/api/v4/groups/{quote(seeded.group.full_path, safe='')}"
        self.index = f"{self.project}/packages/pypi"
        self._client = client
        credentials = b64encode(b"__token__:" + seeded.member_secret.encode()).decode()
        self._publisher = {"Authorization": f"Basic {credentials}"}
        self._administrator = {"PRIVATE-TOKEN": seeded.admin_secret}
        self._browser = {
            "Cookie": f"{SESSION_COOKIE}={seeded.admin_session}",
            "Accept": "text/html",
        }

    def read(self, path: str, form: dict[str, str] = JSON, etag: str | None = None) -> Answer:
        """Read from an index, compressed; with an ETag, only if it has changed."""
        condition = {} if etag is None else {"If-None-Match": etag}
        return self._client.ask(path, {**self._publisher, **form, **condition})

    def page(self, name: str) -> Answer:
        """Read the page of a name."""
        return self.read(self.page_address(name))

    def page_address(self, name: str) -> str:
        """Return where the page of a name is."""
        return f"{self.index}/simple/{name}/"

    def call(self, path: str, method: str = "GET", body: bytes | None = None) -> Answer:
        """Call the REST API."""
        headers = {**self._administrator, "Content-Type": "application/json"}
        return self._client.ask(path, headers, method, body)

    def visit(self, path: str) -> Answer:
        """Read a page of the web, as an administrator who is signed in."""
        return self._client.ask(path, self._browser)

    def upload(self, name: str) -> Answer:
        """Publish one more version of a name: a small wheel."""
        version = f"{REAL_VERSION}.{next(_numbers)}"
        filename, content = build_wheel(name, version, requires_python=">=3.9")
        form = requests.Request(
            "POST",
            "http://localhost",
            data=upload_fields(filename, content),
            files={"content": (filename, content)},
        ).prepare()
        headers = {**self._publisher, "Content-Type": form.headers["Content-Type"]}
        return self._client.ask(self.index, headers, "POST", _bytes(form.body))

    def upload_new(self) -> Answer:
        """Publish a name that nobody has published before."""
        return self.upload(f"brand-new-{next(_numbers)}")


def decoded(answer: Answer) -> Any:
    """Return the JSON value of an answer."""
    body = answer.body
    if answer.headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    return orjson.loads(body)


def _bytes(body: Any) -> bytes:
    if not isinstance(body, bytes):
        raise TypeError("requests makes a form with a file in memory")
    return body
