"""From a segment of the raw path to a checked value, decoded exactly once.

The raw path is split first and decoded then, so an encoded slash is part of a segment (GitLab's
`:id` may be a URL-encoded full path), and never makes one.
"""

from urllib.parse import unquote_to_bytes

from wheelyard.domain.models.places import Namespace, Project
from wheelyard.ports.database import Transaction

_MAX_ID_DIGITS = 18  # fits a 64-bit integer


def decode_segment(raw: bytes) -> str | None:
    """Decode one segment of a raw path; None when it is not UTF-8, or holds control characters."""
    try:
        text = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def is_number(text: str) -> bool:
    """Tell whether a decoded `:id` is a row's number (else it is a path)."""
    return text.isascii() and text.isdigit()


async def find_project(tx: Transaction, text: str | None) -> Project | None:
    """Return the project that a decoded `:id` names: a number, or a full path."""
    if text is None:
        return None
    if is_number(text):
        return await tx.projects.get(int(text)) if len(text) <= _MAX_ID_DIGITS else None
    return await tx.projects.by_path(text)


async def find_group(tx: Transaction, text: str | None) -> Namespace | None:
    """Return the namespace that a decoded `:id` of a group names."""
    if text is None:
        return None
    if is_number(text):
        return await tx.namespaces.get(int(text)) if len(text) <= _MAX_ID_DIGITS else None
    return await tx.namespaces.by_path(text)
