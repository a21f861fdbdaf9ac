"""Presigned addresses: for a few minutes, whoever has one may read one object from its store.

They are kept and given out again, so that a client which asks often (uv reads a wheel's end in
several ranges) hears the same one, and caches behind it work.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta

from wheelyard.domain.keys import BlobKey

VALID = timedelta(minutes=15)
"""How long an address works. Reading may take longer: it is looked at when a request begins."""

_REUSED_SECONDS = 180
"""How long it is given out. Signed with credentials that are fetched (a role's), it dies with them;
obstore renews those five minutes ahead, so an address given out works for two minutes or more."""

_REMEMBERED = 10_000


class PresignedUrls:
    """The addresses given out of late, by object; `sign` makes new ones."""

    def __init__(
        self, sign: Callable[[BlobKey], str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._sign = sign
        self._clock = clock
        self._fresh: OrderedDict[BlobKey, tuple[float, str]] = OrderedDict()

    def remembered(self, key: BlobKey) -> str | None:
        """Return the object's address if there is one that may still be given out."""
        signed_at, url = self._fresh.get(key, (float("-inf"), ""))
        return url if self._clock() - signed_at < _REUSED_SECONDS else None

    def sign(self, key: BlobKey) -> str:
        """Make a new address and remember it. It blocks where credentials have to be fetched."""
        signed_at = self._clock()
        url = self._sign(key)
        self._fresh[key] = (signed_at, url)
        self._fresh.move_to_end(key)
        while len(self._fresh) > _REMEMBERED:
            self._fresh.popitem(last=False)
        return url
