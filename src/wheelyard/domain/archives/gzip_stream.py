"""A bounded reader of gzip streams (RFC 1952): never more in memory than was asked for."""

import zlib
from typing import BinaryIO

from wheelyard.domain.archives.limits import CHUNK_BYTES, Unreadable, bomb

GZIP_SIGNATURE = b"\x1f\x8b"
_GZIP_FORMAT = 31
_MAX_STREAMS = 16


class GzipStream:
    """Reads the unpacked bytes of a gzip file in order, up to a limit.

    `streams` counts the gzip streams that followed one another: some readers stop after one.
    """

    def __init__(self, source: BinaryIO, limit_bytes: int) -> None:
        self._source = source
        self._limit_bytes = limit_bytes
        self._inflater = zlib.decompressobj(_GZIP_FORMAT)
        self._pending = b""
        self._buffer = b""
        self._at = 0
        self._ended = False
        self._unpacked_bytes = 0
        self.streams = 1

    def read(self, size_bytes: int) -> bytes:
        """Return the next `size_bytes` bytes, fewer only at the end.

        Raises Unreadable when the stream is damaged, cut short, or unpacks to too much.
        """
        end = self._at + size_bytes
        if end <= len(self._buffer):
            chunk = self._buffer[self._at : end]
            self._at = end
            return chunk
        parts = [self._buffer[self._at :]]
        missing = size_bytes - len(parts[0])
        self._buffer, self._at = b"", 0
        while missing and self._fill():
            parts.append(self._buffer[:missing])
            self._at = len(parts[-1])
            missing -= self._at
        return b"".join(parts)

    def skip(self, size_bytes: int) -> int:
        """Pass over as many bytes; return how many there were."""
        left = size_bytes
        while left:
            passed = len(self.read(min(left, CHUNK_BYTES)))
            if not passed:
                break
            left -= passed
        return size_bytes - left

    def _fill(self) -> bool:
        """Put the next unpacked bytes into the empty buffer; tell whether there were any."""
        self._buffer, self._at = b"", 0
        while not self._buffer and not self._ended:
            if self._inflater.eof:
                self._next_stream()
            else:
                self._inflate()
        self._unpacked_bytes += len(self._buffer)
        if self._unpacked_bytes > self._limit_bytes:
            raise bomb(self._limit_bytes)
        return bool(self._buffer)

    def _inflate(self) -> None:
        packed = self._pending or self._source.read(CHUNK_BYTES)
        try:
            self._buffer = self._inflater.decompress(packed, CHUNK_BYTES)
        except zlib.error:
            raise Unreadable("archive-unreadable", "The gzip data are damaged.") from None
        self._pending = self._inflater.unconsumed_tail
        if not packed and not self._buffer and not self._inflater.eof:
            raise Unreadable("archive-unreadable", "The gzip data are cut short.")

    def _next_stream(self) -> None:
        """Go on behind the end of a gzip stream: to the file's end, or to one more stream."""
        rest = self._inflater.unused_data or self._source.read(CHUNK_BYTES)
        if not rest:
            self._ended = True
            return
        if not rest.startswith(GZIP_SIGNATURE[: len(rest)]):
            raise Unreadable("archive-trailing-bytes", "There are bytes behind the gzip data.")
        self.streams += 1
        if self.streams > _MAX_STREAMS:
            raise Unreadable("archive-inconsistent", "The file is a long row of gzip streams.")
        self._pending = rest
        self._inflater = zlib.decompressobj(_GZIP_FORMAT)
