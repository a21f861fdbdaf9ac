"""PyPI's JSON API: `pypi/<name>/json`, also with a version, of a project, group or the instance.

Read-only, for tools that know no other: Dependabot (dates), pip-tools (hashes), bandersnatch.
"""

import asyncio
import re

import orjson

from wheelyard.domain.conditional import if_none_match
from wheelyard.domain.documents.as_legacy_json import (
    latest_version,
    legacy_json,
    metadata_source,
)
from wheelyard.domain.documents.page import ProjectPage
from wheelyard.domain.errors import Reason, Refused, not_found
from wheelyard.domain.keys import core_metadata_key
from wheelyard.domain.names import normalise_name
from wheelyard.domain.version_order import version_key
from wheelyard.http.addresses import base_url
from wheelyard.http.answers import Answer
from wheelyard.http.asgi import App, Receive, Scope, Send, header
from wheelyard.http.figures import JSON_ROUTE
from wheelyard.http.indexes import BASE, open_index
from wheelyard.http.middleware.measured import note_route
from wheelyard.http.pages import entity_tag
from wheelyard.http.paths import decode_segment
from wheelyard.http.services import Services

_LONG = 200
"""Documents with more files are rendered in a thread, so that they do not hold up others."""

_ROUTE = re.compile(BASE + rb"/pypi/(?P<name>[^/]+)(?:/(?P<version>[^/]+))?/json/?")


class LegacyJson:
    """Answers PyPI's JSON API; everything else goes to `app`."""

    def __init__(self, services: Services, app: App) -> None:
        self._services = services
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on. Raises Refused."""
        match = _ROUTE.fullmatch(scope["raw_path"]) if scope["type"] == "http" else None
        if match is None:
            await self._app(scope, receive, send)
            return
        if scope["method"] not in {"GET", "HEAD"}:
            raise Refused(Reason.METHOD_NOT_ALLOWED, "The index can only be read: GET, HEAD.")
        note_route(scope, JSON_ROUTE)
        async with self._services.db.read() as tx:
            opened = await open_index(tx, self._services, scope, match)
            name = normalise_name(decode_segment(match["name"]) or "")
            page = None if name is None else await opened.index.page(name)
        if page is None:
            raise opened.absent("404 Package")
        answer = await self._answer(scope, match, page, is_public=opened.is_public)
        await answer.send(scope, send)

    async def _answer(
        self, scope: Scope, match: re.Match[bytes], page: ProjectPage, *, is_public: bool
    ) -> Answer:
        version = _wanted_version(match["version"], page)
        # Below /packages/, where `downloads` has them as well: bandersnatch takes no others.
        base = f"{base_url(scope, self._services)}/packages{match['base'].decode()}"
        address = f"{base}/simple/{page.name}/"
        metadata, is_whole = await self._metadata(page, version), match["version"] is None
        if len(page.files) > _LONG:
            body = await asyncio.to_thread(_render, page, version, metadata, address, is_whole)
        else:
            body = _render(page, version, metadata, address, is_whole)
        etag = entity_tag(body, "legacy")
        headers = (
            (b"content-type", b"application/json"),
            (b"cache-control", b"public, no-cache" if is_public else b"private, no-cache"),
            (b"etag", etag.encode()),
            (b"x-pypi-last-serial", str(page.serial).encode()),
        )
        if if_none_match(header(scope, b"if-none-match"), etag):
            return Answer(304, headers)
        return Answer(200, headers, body)

    async def _metadata(self, page: ProjectPage, version: str) -> bytes:
        source = metadata_source(page, version)
        if source is None or source.metadata_sha256 is None:
            return b""
        chunks = self._services.blobs.read(core_metadata_key(source.metadata_sha256))
        try:
            return b"".join([chunk async for chunk in chunks])
        except KeyError:
            return b""


def _render(
    page: ProjectPage, version: str, metadata: bytes, page_url: str, with_releases: bool
) -> bytes:
    return orjson.dumps(legacy_json(page, version, metadata, page_url, with_releases=with_releases))


def _wanted_version(raw: bytes | None, page: ProjectPage) -> str:
    """Return the version that the address names, or the latest. Raises Refused (not found)."""
    if raw is None:
        return latest_version(page) or (page.versions[-1] if page.versions else "0")
    key = version_key(decode_segment(raw) or "")  # the same for 1.0 and 1.0.0
    spelled = next((file.version for file in page.files if version_key(file.version) == key), None)
    if spelled is None:
        raise not_found("404 Package")
    return spelled
