"""Files that are two kinds of archive at once, so that two tools see different contents."""

from typing import BinaryIO

from wheelyard.domain.archives.gzip_stream import GZIP_SIGNATURE
from wheelyard.domain.archives.limits import Unreadable
from wheelyard.domain.archives.tar_headers import BLOCK_BYTES, is_header
from wheelyard.domain.archives.zip_end import has_directory

_ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
_USTAR = b"ustar"


def check_single_kind(source: BinaryIO, size_bytes: int, *, is_zip: bool) -> None:
    """Check that the file is an archive of its kind and not of the other one as well.

    Raises Unreadable when it is not.
    """
    source.seek(0)
    start = source.read(BLOCK_BYTES)
    if is_zip:
        if not start.startswith(_ZIP_SIGNATURES):
            raise Unreadable("archive-unreadable", "The file is not a ZIP archive.")
        if start[257:262] == _USTAR and is_header(start):
            raise Unreadable("archive-polyglot", "The file is a ZIP and a tar archive at once.")
        return
    if not start.startswith(GZIP_SIGNATURE):
        raise Unreadable("archive-unreadable", "The file is not a gzipped tar archive.")
    if has_directory(source, size_bytes):
        raise Unreadable("archive-polyglot", "The file is a gzip and a ZIP archive at once.")
