"""What a process remembers of the index, in bounded memory, and what each memory is good for.

Nothing here is believed by itself: every value carries the stamps that it was made under
(`wheelyard.ports.freshness`), and the hot path compares them before it uses one.
"""

import hashlib
import secrets
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from wheelyard.domain.names import NormalisedName
from wheelyard.http.negotiation import Form
from wheelyard.http.representations import Representation
from wheelyard.index.bounded import BoundedMemory

UNTIL_ANY_CHANGE = -1
"""No stamp is so: what is kept with it holds until anything at all is committed."""

_OVERHEAD_BYTES = 1_000
"""What an entry takes besides its body: keys, header fields, the objects themselves."""


@dataclass(frozen=True, slots=True)
class Access:
    """That somebody may read an index: made under the access stamp `stamp`, on the day `day`.

    The day matters because tokens and roles end with one. project_id: None for an index of many
    projects. token_id: whose use is noted.
    """

    stamp: int
    day: date
    project_id: int | None
    is_public: bool
    token_id: int | None


@dataclass(slots=True)
class Kept:
    """A representation of something of one project, right as of the serial `checked`.

    name and serial: the package name that it depends on and the serial of its latest change
    then; for lists of names, which depend on all, name is None and serial the listing stamp, or
    UNTIL_ANY_CHANGE where the list tells the names' serials as well.
    file_id: the distribution that it is a download of, if it is one.
    """

    representation: Representation
    project_id: int | None
    name: NormalisedName | None
    serial: int
    checked: int
    file_id: int | None = None


class IndexMemory:
    """Access, whose names are, and representations; what was used least recently goes first.

    Keys are tuples of different make, so the kinds do not meet. Credentials are kept as keyed
    digests: whoever reads the memory later learns no secret.
    """

    def __init__(self, max_bytes: int) -> None:
        self._entries: BoundedMemory[Hashable, Any] = BoundedMemory(max_bytes)
        self._key = secrets.token_bytes(32)

    def caller(self, headers: Mapping[bytes, bytes]) -> bytes:
        """Return what stands for the credentials in ASGI `headers`; empty for none."""
        sent = headers.get(b"authorization", b"")
        if b"private-token" in headers or b"deploy-token" in headers:
            others = headers.get(b"private-token", b""), headers.get(b"deploy-token", b"")
            sent = b"\0".join((sent, *others))  # which no header can hold
        return hashlib.blake2b(sent, digest_size=16, key=self._key).digest() if sent else b""

    def access(self, caller: bytes, base: bytes) -> Access | None:
        """Return what is known of the caller's access to the index at the address `base`."""
        access: Access | None = self._entries.get((caller, base))
        return access

    def keep_access(
        self, headers: Iterable[tuple[bytes, bytes]], base: bytes, access: Access
    ) -> None:
        """Remember it for the credentials in ASGI `headers`."""
        self._entries.put((self.caller(dict(headers)), base), access, _OVERHEAD_BYTES)

    def source(self, base: bytes, access: Access, name: Hashable) -> int | None:
        """Return the project that a name (or file) of an index of many projects is from."""
        project_id: int | None = self._entries.get((base, access, name))
        return project_id

    def keep_source(self, base: bytes, access: Access, name: Hashable, project_id: int) -> None:
        """Remember it. It holds as long as the access does: names do not change their owner."""
        self._entries.put((base, access, name), project_id, _OVERHEAD_BYTES)

    def document(self, key: Hashable) -> Kept | None:
        """Return the page, list or file that was kept under a key."""
        kept: Kept | None = self._entries.get(key)
        return kept

    def keep(self, key: Hashable, kept: Kept) -> None:
        """Remember it."""
        self._entries.put(key, kept, len(kept.representation.body) + _OVERHEAD_BYTES)


def page_key(project_id: int, name: bytes, form: Form, access: Access) -> Hashable:
    """Key of a page; public ones and private ones have different header fields."""
    return project_id, name, form, access.is_public


def list_key(base: bytes, access: Access, form: Form) -> Hashable:
    """Key of a list: a project's is for all, a group's for those who may read the same of it."""
    if access.project_id is not None:
        return access.project_id, b"", form, access.is_public
    return base, access, form, b""


def file_key(project_id: int, sha256: bytes, filename: bytes, access: Access) -> Hashable:
    """Key of a file or its metadata, by the raw segments of its address."""
    return project_id, sha256, filename, access.is_public
