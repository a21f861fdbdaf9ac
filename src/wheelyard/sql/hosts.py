"""Where a PostgreSQL may be: connecting to whichever host of a URL leads at present.

asyncpg itself tries the hosts of a URL one after another, but with one limit of time for all: a
host that is silent takes it up. Here each host has its own.
"""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg

from wheelyard.domain.errors import Reason, Refused

CONNECT_SECONDS = 3.0
"""How long one host has to answer."""

_MAX_PORT = 65535
_PORT_SENTENCE = (
    "a port must be a number up to 65535; in a password, '/', '#', '?', '@', ':' and '%' are "
    "written as %2F, %23, %3F, %40, %3A and %25"
)

_FAILURES = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class Hosts:
    """The hosts of a URL, beginning with the one that answered last.

    url: `postgresql://[user[:password]@]host[:port][,host[:port]…]/database[?options]`, as libpq
        has it; `target_session_attrs=read-write` chooses the host that takes writes.

    Raises Refused (unavailable), without a time to try again, when the URL itself is wrong.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._places = parse_places(url)

    async def connect(self, **options: Any) -> "asyncpg.Connection[asyncpg.Record]":
        """Connect to the first host that answers as the URL demands, with asyncpg's `options`.

        Raises what the last of them said: OSError (which TimeoutError is), or asyncpg's errors;
        Refused (unavailable) when the URL itself is wrong.
        """
        for number, place in enumerate(self._places, 1):
            try:
                connection = await asyncpg.connect(
                    self._url, timeout=CONNECT_SECONDS, **place, **options
                )
            except asyncpg.ClientConfigurationError as error:
                raise _wrong_url(str(error)) from error
            except asyncpg.UndefinedObjectError as error:  # what asyncpg does not know is a setting
                raise _wrong_url(f"it has an option that is none, {error}") from error
            except (ValueError, OverflowError):  # it may quote a part of a password
                raise _wrong_url(_PORT_SENTENCE) from None
            except _FAILURES:
                if number == len(self._places):
                    raise
            else:
                self._places = [place, *(other for other in self._places if other != place)]
                return connection
        raise LookupError("unreachable: there is at least one place")

    async def connect_others(self, **options: Any) -> "list[asyncpg.Connection[asyncpg.Record]]":
        """Connect to all hosts but one, which is gone, whether they take writes or not.

        Returns no connection at all when more of them do not answer, or when there is only one.
        """
        answers = await asyncio.gather(
            *(
                asyncpg.connect(
                    self._url,
                    timeout=CONNECT_SECONDS,
                    target_session_attrs="any",
                    **place,
                    **options,
                )
                for place in self._places
            ),
            return_exceptions=True,
        )
        connections = [answer for answer in answers if isinstance(answer, asyncpg.Connection)]
        if len(connections) == len(self._places) - 1:
            return connections
        for connection in connections:
            connection.terminate()
        return []


def parse_places(url: str) -> list[Mapping[str, Any]]:
    """Return asyncpg's arguments for each host of the URL; one without any for a single host.

    Raises Refused (unavailable) for a port that is no number.
    """
    try:
        hosts = urlsplit(url).netloc.rpartition("@")[2].split(",")
        places: list[Mapping[str, Any]] = [_place(host) for host in hosts]
    except ValueError:
        raise _wrong_url(_PORT_SENTENCE) from None
    return places if len(hosts) > 1 else [{}]


def _place(text: str) -> dict[str, Any]:
    host, colon, port = text.rpartition(":")
    if not colon or port.endswith("]"):  # no port; or the colons of an IPv6 address
        host, port = text, "5432"
    if not 0 < int(port) <= _MAX_PORT:
        raise ValueError("no port has this number")
    return {"host": unquote(host).strip("[]"), "port": int(port)}


def _wrong_url(why: str) -> Refused:
    return Refused(Reason.UNAVAILABLE, f"The database's URL is wrong: {why}.")
