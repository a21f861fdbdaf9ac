"""What a failing database means to the caller: busy, full, or gone; never a traceback.

PostgreSQL's five-character codes are in appendix A of its manual.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from wheelyard.domain.errors import Reason, Refused

RETRY_AFTER_SECONDS = 2

RETRY_FULL_SECONDS = 300
"""After this long somebody may have made room."""

BUSY = "The database is busy."
_GONE = "The database cannot be reached"
_DENIED = f"{_GONE}: it does not accept the user, the password or the database's name."

_BUSY_CODES = {
    "40001",  # serialization failure
    "40P01",  # deadlock
    "53300",  # too many connections
    "55P03",  # a lock was not to be had in time
    "57014",  # a statement took too long
}
_FULL_CODE = "53100"
_DENIED_CODES = ("28", "3D")
"""No such role, a wrong password, no such database: who connects is told in the log which."""

_UNSTORABLE_CODES = ("22", "54000")
"""Values out of range, too long, of characters that cannot be stored; too much for an index."""

REPORT_SECONDS = 10.0
"""For this long the same failure is not reported again: many requests may meet it."""

_log = logging.getLogger(__name__)
_reported_at: dict[str, float] = {}


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn the driver's failures in this block into refusals that say what to do."""
    try:
        yield
    except IntegrityError:
        raise  # a broken rule of ours is a bug, not the database's state
    except PoolTimeoutError as error:
        raise unavailable("The database has no free connection.") from error
    except DBAPIError as error:
        raise _refusal(error) from error
    except StatementError as error:  # of a value, before it was sent
        if isinstance(error.orig, Refused):
            raise error.orig from None
        raise


@contextmanager
def translated_network_errors() -> Iterator[None]:
    """Turn failures of the driver and of the network below it into refusals.

    Only for blocks that do nothing but talk to the database: other errors of the system would be
    taken for the network's.
    """
    with translated_errors():
        try:
            yield
        except TimeoutError as error:
            _report("the database does not answer")
            raise unavailable("The database does not answer.") from error
        except OSError as error:
            _report(f"the database cannot be reached: {error}")
            raise unavailable(f"{_GONE}.") from error


def is_connection_lost(refused: Refused) -> bool:
    """Tell whether the refusal means that a connection is lost, or was not to be had."""
    return refused.reason is Reason.UNAVAILABLE and refused.detail.startswith(_GONE)


def is_of_driver(error: DBAPIError) -> bool:
    """Tell whether it is no answer of the server, and not about a value: the connection is bad."""
    has_code = getattr(error.orig, "sqlstate", None) is not None
    return not has_code and not isinstance(error.driver_exception, ValueError)


def is_busy(refused: Refused) -> bool:
    """Tell whether the refusal means that somebody else has what is wanted."""
    return refused.reason is Reason.UNAVAILABLE and refused.detail.startswith(BUSY)


def unavailable(detail: str) -> Refused:
    """Build the refusal for a database that cannot do its work now."""
    return Refused(
        Reason.UNAVAILABLE,
        f"{detail} Try again in a moment.",
        retry_after_seconds=RETRY_AFTER_SECONDS,
    )


def _refusal(error: DBAPIError) -> Refused:
    cause = str(error.orig).lower()
    code = getattr(error.orig, "sqlstate", None) or ""
    if code.startswith(_UNSTORABLE_CODES) or isinstance(error.driver_exception, ValueError):
        return Refused(Reason.INVALID, "A value cannot be stored: it is too long or too large.")
    if code == _FULL_CODE or "disk is full" in cause:
        return Refused(
            Reason.STORAGE_FULL,
            "The server has no room left in its database.",
            retry_after_seconds=RETRY_FULL_SECONDS,
        )
    _report(f"the database failed: {error.orig}")
    if code in _BUSY_CODES or "locked" in cause or "busy" in cause:
        return unavailable(BUSY)
    if "disk i/o" in cause:  # a quota, a limit on the size of files, or a broken disk
        return unavailable("The database's disk does not work.")
    return unavailable(_DENIED if code.startswith(_DENIED_CODES) else f"{_GONE}.")


def _report(failure: str) -> None:
    now = time.monotonic()
    for old in [old for old, at in _reported_at.items() if now - at >= REPORT_SECONDS]:
        del _reported_at[old]
    if _reported_at.setdefault(failure, now) == now:
        _log.warning("%s", failure)
