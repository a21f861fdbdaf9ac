"""What a release says of itself: its metadata document, read from the store, and its description.

Rendered descriptions are kept by the document's SHA-256, so what is kept is never out of date.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from wheelyard.domain.errors import Refused
from wheelyard.domain.keys import core_metadata_key
from wheelyard.domain.models.packages import PackageFile
from wheelyard.domain.release_facts import ReleaseFacts, read_facts, speaking_file
from wheelyard.http.web.readme import render_readme
from wheelyard.ports.blobs import Blobs

MAX_KEPT_CHARS = 8_000_000


@dataclass(frozen=True, slots=True)
class Description:
    """What there is to tell of a release. readme: None when it says nothing about itself.

    is_missing: whether the document that should say it cannot be had.
    """

    facts: ReleaseFacts = field(default_factory=ReleaseFacts)
    readme: Markup | None = None
    is_missing: bool = False


class KeptReadmes:
    """Rendered descriptions, those used last, up to a number of characters."""

    def __init__(self, max_chars: int = MAX_KEPT_CHARS) -> None:
        self._max_chars = max_chars
        self._chars = 0
        self._kept: OrderedDict[str, Markup] = OrderedDict()

    async def render(self, sha256: str, facts: ReleaseFacts) -> Markup | None:
        """Return the description in the metadata document with this digest as HTML."""
        if not facts.description.strip():
            return None
        kept = self._kept.get(sha256)
        if kept is not None:
            self._kept.move_to_end(sha256)
            return kept
        html = await asyncio.to_thread(render_readme, facts.description, facts.description_type)
        self._keep(sha256, html)
        return html

    def _keep(self, sha256: str, html: Markup) -> None:
        if len(html) > self._max_chars or sha256 in self._kept:
            return
        self._kept[sha256] = html
        self._chars += len(html)
        while self._chars > self._max_chars:
            _, oldest = self._kept.popitem(last=False)
            self._chars -= len(oldest)


_readmes = KeptReadmes()


async def read_description(blobs: Blobs, files: Sequence[PackageFile]) -> Description:
    """Return what a release with these files says of itself, with its description as HTML."""
    file = speaking_file(files)
    if file is None or file.metadata_sha256 is None:
        return Description(is_missing=bool(files))
    facts = await _read(blobs, file.metadata_sha256)
    if facts is None:
        return Description(is_missing=True)
    return Description(facts, await _readmes.render(file.metadata_sha256, facts))


async def read_release_facts(blobs: Blobs, files: Sequence[PackageFile]) -> ReleaseFacts | None:
    """Return what a release says of itself, None when that cannot be had."""
    file = speaking_file(files)
    return None if file is None else await _read(blobs, file.metadata_sha256 or "")


async def _read(blobs: Blobs, sha256: str) -> ReleaseFacts | None:
    try:
        chunks = [chunk async for chunk in blobs.read(core_metadata_key(sha256))]
    except (KeyError, Refused):  # lost, or the store does not answer: the rest can be shown
        return None
    return await asyncio.to_thread(read_facts, b"".join(chunks))
