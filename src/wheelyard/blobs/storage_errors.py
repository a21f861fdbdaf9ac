"""What an operating system's error means to whoever is storing something: a refusal.

Kept apart because the spool and the local store meet the same disks. How a refusal is shown,
and the log entry with the error itself (its `__cause__`), are left to `wheelyard.http`.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from wheelyard.domain.errors import Reason, Refused

RETRY_FULL_SECONDS = 300
"""After this long somebody may have made room."""

RETRY_FAILING_SECONDS = 30
"""After this long a disk that failed for a moment may work again."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def refusing_os_errors() -> Iterator[None]:
    """Turn an OSError of the block into Refused: storage full, or unavailable."""
    try:
        yield
    except OSError as error:
        raise _refusal(error) from error


def unavailable(detail: str) -> Refused:
    """Build the refusal for storage that does not work now."""
    return Refused(Reason.UNAVAILABLE, detail, retry_after_seconds=RETRY_FAILING_SECONDS)


def _refusal(error: OSError) -> Refused:
    if error.errno in _FULL:
        return Refused(
            Reason.STORAGE_FULL,
            "The server has no room left to store this file.",
            retry_after_seconds=RETRY_FULL_SECONDS,
        )
    return unavailable("The server's storage does not work at the moment. Try again later.")
