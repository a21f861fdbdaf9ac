"""What an object store's error means: absent, or a refusal that says to try again later.

What the store itself says is logged here: the client, who hears the refusal, never sees it.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

from wheelyard.blobs.storage_errors import RETRY_FULL_SECONDS, unavailable
from wheelyard.domain.errors import Reason, Refused

_log = logging.getLogger(__name__)

_NO_BUCKET = ("NoSuchBucket", "ContainerNotFound", "The specified bucket does not exist")
_NO_ROOM = ("QuotaExceeded", "InsufficientStorage")


@contextmanager
def refusing_store_errors() -> Iterator[None]:
    """Turn what obstore raises into KeyError (no such object) or Refused.

    Refused is `unavailable` (down, too slow, misconfigured) or `storage full` (a quota).
    """
    try:
        yield
    except FileNotFoundError as error:
        # Stores answer 404 for an absent bucket too, and only the body tells the difference.
        if any(code in str(error) for code in _NO_BUCKET):
            _log.warning("the object store failed: %s", _first_line(error))
            raise unavailable("The bucket of the object store does not exist.") from error
        raise KeyError("no such object") from error
    except (BaseError, OSError) as error:
        raise _refusal(error) from error


def _refusal(error: BaseError | OSError) -> Refused:
    _log.warning("the object store failed: %s", _first_line(error))
    if any(code in str(error) for code in _NO_ROOM):
        return Refused(
            Reason.STORAGE_FULL,
            "The object store has no room left for this file.",
            retry_after_seconds=RETRY_FULL_SECONDS,
        )
    if isinstance(error, PermissionDeniedError | UnauthenticatedError):
        return unavailable("The object store does not accept the server's credentials.")
    return unavailable("The object store does not answer at the moment. Try again later.")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
