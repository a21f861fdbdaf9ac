"""Requests as tests make them: the addresses of an index, uploads, and raw bytes on the wire."""

import itertools
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from requests.adapters import HTTPAdapter

from distributions import build_wheel, upload_fields
from wheelyard.domain.models.places import Namespace, Project

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
TIMEOUT_SECONDS = 60

Auth = tuple[str, str] | None
"""A user name and a secret, for Basic."""

_numbers = itertools.count(1)


def fresh_address() -> str:
    """Return an address of this machine that no other test of this process comes from.

    A server counts wrong secrets by address, and tests send many.
    """
    number = next(_numbers)
    return f"127.{1 + number // 62500 % 250}.{number // 250 % 250}.{1 + number % 250}"


class _FromAddress(HTTPAdapter):
    """Connects from an address of its own."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, source_address=(fresh_address(), 0))


def open_session() -> requests.Session:
    """Return connections that are kept, without credentials of whoever runs the tests."""
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", _FromAddress())
    return session


@dataclass(frozen=True)
class Index:
    """The index of one project or group, and a session to ask it with."""

    session: requests.Session
    base: str

    def get(
        self,
        rest: str = "/simple/",
        auth: Auth = None,
        *,
        headers: Mapping[str, str] = JSON,
        method: str = "GET",
    ) -> requests.Response:
        """Read `rest`, an address below this index."""
        return self.session.request(
            method,
            self.base + rest,
            auth=auth,
            headers=dict(headers),
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )

    def upload(
        self,
        filename: str,
        content: bytes,
        auth: Auth = None,
        *,
        form: Mapping[str, list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Upload a file as twine does, with the usual form unless one is given."""
        return self.session.post(
            self.base,
            auth=auth,
            data=upload_fields(filename, content) if form is None else form,
            files={"content": (filename, content)},
            headers=dict(headers or {}),
            timeout=TIMEOUT_SECONDS,
        )

    def upload_wheel(self, name: str, auth: Auth = None, version: str = "1.0") -> requests.Response:
        """Upload a small wheel."""
        return self.upload(*build_wheel(name, version), auth)

    def names(self, auth: Auth = None) -> list[str]:
        """Return the names that the index lists."""
        return [project["name"] for project in self.get(auth=auth).json()["projects"]]

    def files(self, name: str, auth: Auth = None) -> list[dict[str, object]]:
        """Return the files that a page lists; none when there is no such page."""
        answer = self.get(f"/simple/{name}/", auth)
        if answer.status_code == requests.codes.not_found:
            return []
        files: list[dict[str, object]] = answer.json()["files"]
        return files


def project_index(session: requests.Session, address: str, project: Project | int | str) -> Index:
    """Return the index of a project: the thing, its id, or its `:id` as it stands in the URL."""
    raw_id = project.id if isinstance(project, Project) else project
    return Index(session, f"{address}/api/v4/projects/{raw_id}/packages/pypi")


def group_index(session: requests.Session, address: str, group: Namespace | int | str) -> Index:
    """Return the index of a group: the thing, its id, or its full path."""
    raw_id = group.id if isinstance(group, Namespace) else quote(str(group), safe="")
    return Index(session, f"{address}/api/v4/groups/{raw_id}/-/packages/pypi")


@dataclass(frozen=True)
class RawAnswer:
    """What came back for bytes that no client library would send."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def send_raw(
    address: str,
    target: bytes,
    *,
    method: bytes = b"GET",
    headers: Mapping[bytes, bytes] | None = None,
    body: bytes = b"",
) -> RawAnswer:
    """Send a request with exactly this target and these headers, from an address of its own."""
    host, port = urlsplit(address).netloc.split(":")
    lines = [method + b" " + target + b" HTTP/1.1", b"Host: test", b"Connection: close"]
    lines += [name + b": " + value for name, value in (headers or {}).items()]
    if body:
        lines.append(b"Content-Length: %d" % len(body))
    server, source = (host, int(port)), (fresh_address(), 0)
    with socket.create_connection(server, TIMEOUT_SECONDS, source) as connection:
        connection.sendall(b"\r\n".join([*lines, b"", body]))
        response = HTTPResponse(connection, method=method.decode("latin-1"))
        response.begin()
        return RawAnswer(
            response.status,
            {name.lower(): value for name, value in response.headers.items()},
            response.read(),
        )
