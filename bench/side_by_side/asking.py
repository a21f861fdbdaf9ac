"""Asking a server once: what stands on its pages, and whether it serves what is to be measured."""

import html
import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from side_by_side.peers.peer import Place

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "text/html"
_TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(url: str, headers: Mapping[str, str]) -> Answer:
    """GET `url` on a connection of its own; follows no redirect. Raises OSError."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", parts.path, headers=dict(headers))
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, response.read())
    finally:
        connection.close()


def page_url(place: Place, name: str) -> str:
    """Return the address of a package's page."""
    return f"{place.index}{name}/"


def answers(place: Place) -> bool:
    """Tell whether the server answers its list of packages, or at least refuses it, by now."""
    try:
        return ask(place.index, place.read_headers).status < 500  # noqa: PLR2004
    except (OSError, http.client.HTTPException):
        return False


def file_urls(place: Place, name: str) -> dict[str, str]:
    """Return file names and addresses from a package's page. Raises LookupError without a page."""
    url = page_url(place, name)
    answer = ask(url, place.read_headers | {"Accept": f"{JSON}, {HTML};q=0.5"})
    if answer.status != 200:  # noqa: PLR2004
        raise LookupError(f"{answer.status} for the page of {name}")
    if answer.headers.get("content-type", "").startswith(JSON):
        links = [file["url"] for file in json.loads(answer.body)["files"]]
    else:
        links = [
            html.unescape(link) for link in re.findall(r'href="([^"]+)"', answer.body.decode())
        ]
    plain = [urldefrag(urljoin(url, link)).url for link in links]
    return {unquote(link.rpartition("/")[2]): link for link in plain}
