"""Starting the workers with granian, and knowing when they serve."""

import multiprocessing
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from granian.constants import HTTPModes, Interfaces, Loops, SSLProtocols
from granian.http import HTTP1Settings
from granian.server import Server

from wheelyard.serving.allocation import share_freed_memory
from wheelyard.serving.parent import PARENT_PID
from wheelyard.serving.signals import hold_for_new_workers

HEADER_TIMEOUT_MS = 75_000
"""How long a connection may stay silent between requests: longer than proxies keep theirs."""

SHUTDOWN_SECONDS = 60
"""How long requests in flight may take after SIGTERM."""


_CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Listening:
    """Where and how to listen; `host` is an IP address, `port` may be 0 until it is reserved."""

    host: str
    port: int
    workers: int
    tls_cert: Path | None = None
    tls_key: Path | None = None

    @property
    def scheme(self) -> str:
        """`https` when there is a certificate."""
        return "http" if self.tls_cert is None else "https"


def reserve(host: str, port: int) -> socket.socket:
    """Bind a name or an address, and a port (0 takes a free one); nothing listens there yet.

    Raises OSError when the address is not free. Granian binds with SO_REUSEPORT, so the system
    itself would not object to a second server on the port; this socket does.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    reserved = socket.socket(family, kind, protocol)
    try:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind(address)
    except OSError:
        reserved.close()
        raise
    return reserved


def check_certificate(cert: Path, key: Path) -> None:
    """Try whether the two can be used.

    Raises OSError (not readable), ValueError (no PEM, no pair, or the key needs a password).
    """
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
    except ssl.SSLError as error:
        message = "they are not a PEM certificate and its key without a password"
        raise ValueError(message) from error


def serve(
    target: str,
    listening: Listening,
    reserved: socket.socket,
    ready_variable: str,
    on_ready: Callable[[], None],
) -> None:
    """Run the workers of the application factory `target` until a signal ends them.

    `reserved` is closed at the last moment. `on_ready` is called, from a thread, when every
    worker serves; the workers say so on a pipe whose number they find in the environment
    variable `ready_variable`.
    """
    # Workers need the pipe, and share what is imported by now; Python 3.14 has another default.
    multiprocessing.set_start_method("fork")
    hold_for_new_workers()
    share_freed_memory()
    read_end, write_end = os.pipe()
    os.set_inheritable(write_end, True)  # noqa: FBT003  the standard library's signature
    os.environ[PARENT_PID] = str(os.getpid())
    os.environ[ready_variable] = str(write_end)
    threading.Thread(target=_await_ready, args=(read_end, listening, on_ready), daemon=True).start()
    server = Server(
        target,
        address=listening.host,
        port=listening.port,
        factory=True,
        workers=listening.workers,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=SHUTDOWN_SECONDS,
        ssl_cert=listening.tls_cert,
        ssl_key=listening.tls_key,
        ssl_protocol_min=SSLProtocols.tls12,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_TIMEOUT_MS),
    )
    reserved.close()
    server.serve()


def _await_ready(read_end: int, listening: Listening, on_ready: Callable[[], None]) -> None:
    for _ in range(listening.workers):
        if not os.read(read_end, 1):
            return
    _await_connection(listening)
    on_ready()


def _await_connection(listening: Listening) -> None:
    """Wait until connections are taken: granian listens only after its workers have started."""
    deadline = time.monotonic() + _CONNECT_SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection((listening.host, listening.port), _CONNECT_SECONDS).close()
        except OSError:
            time.sleep(0.002)
        else:
            return
