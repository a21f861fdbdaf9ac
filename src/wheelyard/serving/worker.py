"""A worker process: uvicorn with our connections, until a signal ends it."""

import asyncio
import signal
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any, cast

from uvicorn import Config, Server

from wheelyard.serving.connection import Connection

WAIT_SECONDS = 75
"""How long a connection may stay silent between requests: longer than proxies keep theirs.

The head of a request has to be there in that time as well.
"""

SHUTDOWN_SECONDS = 60
"""How long requests in flight may take after SIGTERM."""

ENDING = {signal.SIGTERM, signal.SIGINT}

_TICKS_IN_A_SECOND = 10


@dataclass(frozen=True, slots=True)
class Certificate:
    """The files of a certificate chain and of its key, in PEM."""

    chain: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """Return what speaks TLS 1.2 and newer with it.

        Raises OSError (not readable), ValueError (no PEM, no pair, or the key needs a password).
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(self.chain, self.key, password="")
        except ssl.SSLError as error:
            message = "they are not a PEM certificate and its key without a password"
            raise ValueError(message) from error
        return context


class WorkerServer(Server):
    """uvicorn's server, which says when it serves, and ends connections that wait too long."""

    def __init__(self, config: Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start to serve. uvicorn listens to signals by now, so they are let through."""
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        await super().startup(sockets)
        await self.on_tick(0)  # without it, first answers would lack `Date`
        self._on_ready()

    async def on_tick(self, counter: int) -> bool:
        """Do what is to be done ten times a second; return whether to end."""
        if counter % _TICKS_IN_A_SECOND == 0:
            self._end_silent_connections()
        return await super().on_tick(counter)

    def _end_silent_connections(self) -> None:
        oldest = asyncio.get_running_loop().time() - WAIT_SECONDS
        for connection in cast("set[Connection]", self.server_state.connections):
            if connection.waits_since is not None and connection.waits_since < oldest:
                connection.transport.close()


def run_worker(
    application: Any,
    listening: socket,
    certificate: Certificate | None,
    on_ready: Callable[[], None],
) -> None:
    """Serve an ASGI application on `listening` until SIGTERM, then finish what is in flight.

    To be called with the signals `ENDING` blocked: SIGTERM is let through as soon as it is heard,
    SIGINT never, since a terminal sends it to the main process as well, which sends SIGTERM. Exits
    with status 3 when the application does not start.
    """
    signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn raises it again when it has ended
    WorkerServer(configure(application, certificate), on_ready).run([listening])


def configure(application: Any, certificate: Certificate | None = None) -> Config:
    """Tell uvicorn how to serve an ASGI application."""
    context = certificate.context() if certificate is not None else None
    return Config(
        application,
        http=Connection,
        loop="uvloop",
        ws="none",
        lifespan="on",
        interface="asgi3",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        log_level="error",
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        ssl_context_factory=(lambda *_: context) if context is not None else None,
    )
