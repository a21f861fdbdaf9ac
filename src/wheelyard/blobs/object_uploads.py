"""Sending bytes to an object store, and proving that they are there before anything names them.

Three things are compared: what is sent with the digest of what was received (a spool's disk can
fail in between), the stored size, and the store's own checksum, if its ETag is one. Stores of S3's
kind make the ETag from MD5: of the object, or of its parts' MD5s for a multipart upload.
"""

import re
from hashlib import md5, sha256
from io import SEEK_END, SEEK_SET, BytesIO, RawIOBase
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import obstore
from obstore.store import ObjectStore

from wheelyard.blobs.object_connections import Connections
from wheelyard.blobs.storage_errors import unavailable
from wheelyard.domain.errors import Refused
from wheelyard.domain.keys import BlobKey
from wheelyard.ports.spool import StagedFile

if TYPE_CHECKING:
    from obstore import Attributes  # a type only

PART_BYTES = 8 * 1024 * 1024
"""Larger objects go up in parts of this size: measured as fast as one request from 16 MiB on, at
half the CPU, and an upload needs a few of these in memory and not all of its bytes."""

_PARTS_AT_ONCE = 4
_MAX_PARTS = 10_000  # S3's

_ATTRIBUTES: "Attributes" = {
    # What a client hears that is redirected to the store: as from this server.
    "Content-Type": "application/octet-stream",
    "Cache-Control": "private, max-age=31536000, immutable",
}

# MD5, and the number of parts if it is one over the MD5s of parts. With encryption under a key of
# the customer's, S3 shows something that only looks so.
_MD5_ETAG = re.compile(r'"?([0-9a-f]{32}(?:-\d+)?)"?')


def upload_bytes(store: Connections, key: BlobKey, content: bytes) -> None:
    """Store a small object, and see that it is there. Blocking. Raises what obstore raises."""
    put = obstore.put(
        store.upload, key, BytesIO(content), attributes=_ATTRIBUTES, use_multipart=False
    )
    etag = md5(content, usedforsecurity=False).hexdigest()
    if _md5_of(put["e_tag"]) != etag:
        _prove(store, key, Expected(len(content), sha256(content).hexdigest(), etag))


def upload_staged(store: Connections, key: BlobKey, staged: StagedFile) -> None:
    """Store a received file, and see that it is there. Blocking.

    Raises Refused (unavailable) when the file or the stored object is not what was received, and
    what obstore raises.
    """
    with staged.open() as source:
        if staged.size_bytes > PART_BYTES:
            _upload_parts(store, key, _Parts(source), staged)
            return
        content = source.read(PART_BYTES + 1)
    if sha256(content).hexdigest() != staged.digests.sha256:
        raise _damaged()
    upload_bytes(store, key, content)


def _upload_parts(store: Connections, key: BlobKey, parts: "_Parts", staged: StagedFile) -> None:
    if parts.seek(0, SEEK_END) != staged.size_bytes:
        raise _damaged()
    parts.seek(0)
    obstore.put(
        store.upload,
        key,
        parts,
        attributes=_ATTRIBUTES,
        use_multipart=True,
        chunk_size=max(PART_BYTES, -(-staged.size_bytes // _MAX_PARTS)),
        max_concurrency=_PARTS_AT_ONCE,
    )
    if parts.sha256 != staged.digests.sha256:
        obstore.delete(store.quick, key)
        raise _damaged()
    # Asked again: some stores (Ceph 16) leave the ETag out of their answer to the last request.
    _prove(store, key, Expected(staged.size_bytes, parts.sha256, parts.etag))


class _Parts(RawIOBase):
    """A file that is read in parts and hashed meanwhile: the digests hold when all was read."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._whole = sha256()
        self._parts: list[bytes] = []

    def read(self, size: int = -1) -> bytes:
        """Read the next part, which is as long as obstore asks for."""
        part = self._source.read(size)
        if part:
            self._whole.update(part)
            self._parts.append(md5(part, usedforsecurity=False).digest())
        return part

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        """Move in the file below."""
        return self._source.seek(offset, whence)

    @property
    def sha256(self) -> str:
        """Digest of everything read, in hex."""
        return self._whole.hexdigest()

    @property
    def etag(self) -> str:
        """The ETag that stores of S3's kind make from parts."""
        joined = md5(b"".join(self._parts), usedforsecurity=False).hexdigest()
        return f"{joined}-{len(self._parts)}"


class Expected(NamedTuple):
    """What was sent: `etag` as stores of S3's kind would make it, digests in hex."""

    size_bytes: int
    sha256: str
    etag: str


def _prove(store: Connections, key: BlobKey, sent: Expected) -> None:
    """Raise Refused (unavailable) unless the store has what was sent."""
    found = obstore.head(store.quick, key)
    if found["size"] != sent.size_bytes:
        raise unavailable("The object store kept another size than was sent. Upload it again.")
    kept = _md5_of(found["e_tag"])
    if kept not in {None, sent.etag} and digest_of(store.quick, key) != sent.sha256:
        raise unavailable("The object store kept other bytes than were sent. Upload it again.")


def digest_of(store: ObjectStore, key: BlobKey) -> str:
    """Read an object and return its SHA-256 in hex. Blocking; raises what obstore raises."""
    whole, position, size_bytes = sha256(), 0, 1
    while position < size_bytes:
        part = obstore.get(store, key, options={"range": (position, position + PART_BYTES)})
        whole.update(part.bytes())
        position, size_bytes = part.range[1], part.meta["size"]
    return whole.hexdigest()


def _md5_of(etag: str | None) -> str | None:
    match = _MD5_ETAG.fullmatch(etag or "")
    return None if match is None else match[1]


def _damaged() -> Refused:
    return unavailable("The received file was damaged on the server. Upload it again.")
