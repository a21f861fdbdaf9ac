"""Files of the index and their metadata that memory does not answer.

Small ones are kept in memory for the next time; large ones are sent from the store.
"""

import re
from functools import partial
from typing import NamedTuple

from wheelyard.domain.errors import Reason, Refused, not_found
from wheelyard.domain.keys import BlobKey, core_metadata_key, distribution_key
from wheelyard.domain.metrics import INDEX_READS
from wheelyard.domain.models.packages import PackageFile
from wheelyard.http.answers import Headers
from wheelyard.http.asgi import App, Receive, Scope, Send
from wheelyard.http.figures import FILE, FILE_ROUTE, STORES
from wheelyard.http.files import StoredBody, read_whole
from wheelyard.http.indexes import BASE, OpenIndex, open_index
from wheelyard.http.memory import Access, IndexMemory, Kept, file_key
from wheelyard.http.middleware.measured import note_route
from wheelyard.http.moments import Moments
from wheelyard.http.paths import decode_segment
from wheelyard.http.redirects import Redirects
from wheelyard.http.representations import represent
from wheelyard.http.services import Services
from wheelyard.ports.database import Transaction

# PyPI's files are below /packages/, and bandersnatch takes no address that is not (`legacy`).
_ROUTE = re.compile(rb"(?:/packages)?" + BASE + rb"/files/(?P<sha256>[^/]+)/(?P<filename>[^/]+)")
_METADATA_SUFFIX = ".metadata"
_YEAR = b"max-age=31536000, immutable"
_SMALL_BYTES = 256 * 1024


class _Object(NamedTuple):
    """What a request asks for: a file's bytes or its metadata.

    size_bytes: None for metadata, whose size no row tells.
    """

    file: PackageFile
    is_metadata: bool
    key: BlobKey
    sha256: str
    size_bytes: int | None
    name_serial: int | None

    def headers(self, *, is_public: bool) -> Headers:
        """Return the header fields that do not depend on the bytes' being in memory."""
        kind = b"text/plain; charset=utf-8" if self.is_metadata else b"application/octet-stream"
        return (
            (b"content-type", kind),
            (b"cache-control", (b"public, " if is_public else b"private, ") + _YEAR),
            (b"x-content-type-options", b"nosniff"),
        )


class Downloads:
    """Answers reads of files; everything else goes to `app`."""

    def __init__(self, services: Services, memory: IndexMemory, moments: Moments, app: App) -> None:
        self._services = services
        self._memory = memory
        self._moments = moments
        self._redirects = Redirects(services.blobs, services.delivery, services.external_url)
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on. Raises Refused."""
        match = _ROUTE.fullmatch(scope["raw_path"]) if scope["type"] == "http" else None
        if match is None:
            await self._app(scope, receive, send)
            return
        if scope["method"] not in {"GET", "HEAD"}:
            raise Refused(Reason.METHOD_NOT_ALLOWED, "The index can only be read: GET, HEAD.")
        note_route(scope, FILE_ROUTE)
        moment = await self._moments.get()
        async with self._services.db.read() as tx:
            opened = await open_index(tx, self._services, scope, match)
            access = opened.access(moment)
            self._memory.keep_access(scope["headers"], match["base"], access)
            found = await _find(tx, opened, match)
        self._services.metrics.count(INDEX_READS, FILE, STORES)
        # Small ones are read once, for this answer and for memory.
        content = None
        if found.size_bytes is None or found.size_bytes <= _SMALL_BYTES:
            content = await read_whole(self._services.blobs, found.key, found.size_bytes)
        await self._body(found, access, content).send(scope, send)
        if content is not None and len(content) <= _SMALL_BYTES:
            self._keep(found, content, access, match, moment.stamps.serial)

    def _body(self, found: _Object, access: Access, content: bytes | None) -> StoredBody:
        served = partial(self._services.usage.file_served, found.file.id, self._services.clock())
        size_bytes = found.size_bytes if content is None else len(content)
        return StoredBody(
            self._services.blobs,
            found.key,
            found.sha256,
            size_bytes or 0,
            found.headers(is_public=access.is_public),
            content=content,
            redirects=self._redirects,
            when_served=None if found.is_metadata else served,
        )

    def _keep(
        self,
        found: _Object,
        content: bytes,
        access: Access,
        match: re.Match[bytes],
        serial: int,
    ) -> None:
        """Leave a small object in memory, for the address that it was asked for under."""
        name_serial = found.name_serial
        if name_serial is None:
            return
        headers = (*found.headers(is_public=access.is_public), (b"accept-ranges", b"bytes"))
        kept = Kept(
            represent(content, f'"{found.sha256}"', headers),
            found.file.project_id,
            found.file.normalised_name,
            name_serial,
            serial,
            file_id=None if found.is_metadata else found.file.id,
        )
        file = (match["sha256"], match["filename"])
        self._memory.keep(file_key(found.file.project_id, *file, access), kept)
        if access.project_id is None:
            self._memory.keep_source(match["base"], access, file, found.file.project_id)


async def _find(tx: Transaction, opened: OpenIndex, match: re.Match[bytes]) -> _Object:
    sha256 = decode_segment(match["sha256"]) or ""
    filename = decode_segment(match["filename"]) or ""
    is_metadata = filename.endswith(_METADATA_SUFFIX)
    file = await opened.index.open_file(sha256, filename.removesuffix(_METADATA_SUFFIX))
    if file is None:
        raise opened.absent("404 File")
    serial = await tx.packages.serial(file.project_id, file.normalised_name)
    if not is_metadata:
        key = distribution_key(file.digests.sha256)
        return _Object(file, is_metadata, key, file.digests.sha256, file.size_bytes, serial)
    digest = file.core_metadata_sha256
    if digest is None:
        raise not_found("404 File")
    return _Object(file, is_metadata, core_metadata_key(digest), digest, None, serial)
