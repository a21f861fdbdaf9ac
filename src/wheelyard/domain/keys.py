"""The key of every stored object, by a named constructor: nothing else spells one out.

Objects are content-addressed, so a key never changes its bytes, and equal bytes are stored once.
"""

import re
from typing import NewType

BlobKey = NewType("BlobKey", str)
"""Key of a stored object: `/`-separated, relative, without `..`."""

DISTRIBUTIONS, CORE_METADATA = "files", "metadata"
"""The kinds of objects: what their keys begin with."""

FOLDER_NAMES = tuple(f"{number:02x}" for number in range(256))
"""What stands between kind and digest: the digest's first two digits."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_KEY = re.compile(rf"({DISTRIBUTIONS}|{CORE_METADATA})/(..)/(\2[0-9a-f]{{62}})")


def is_sha256(text: str) -> bool:
    """Tell whether `text` is a SHA-256 digest in lower-case hex."""
    return _SHA256.fullmatch(text) is not None


def distribution_key(sha256: str) -> BlobKey:
    """Key of a distribution's bytes."""
    return _content_key(DISTRIBUTIONS, sha256)


def core_metadata_key(sha256: str) -> BlobKey:
    """Key of a METADATA or PKG-INFO document taken out of a distribution."""
    return _content_key(CORE_METADATA, sha256)


def sha256_of(key: str) -> str | None:
    """Return the digest in a key that one of the constructors made, None for any other text.

    A bucket may hold more than what is ours.
    """
    match = _KEY.fullmatch(key)
    return match[3] if match is not None and is_sha256(match[3]) else None


def _content_key(kind: str, sha256: str) -> BlobKey:
    if not is_sha256(sha256):
        raise ValueError(f"not a lower-case SHA-256: {sha256!r}")
    return BlobKey(f"{kind}/{sha256[:2]}/{sha256}")
