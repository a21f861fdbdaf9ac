"""The main process: it starts the workers, replaces those that end, and ends them all.

Each worker has a socket of its own on the port (SO_REUSEPORT), which the main process keeps open:
who connects while a worker is replaced waits for the new one.
"""

import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from typing import Any

from wheelyard.serving.allocation import share_freed_memory
from wheelyard.serving.logs import configure_logging
from wheelyard.serving.parent import PARENT_PID
from wheelyard.serving.worker import ENDING, SHUTDOWN_SECONDS, Certificate, run_worker

_BACKLOG = 2048
_KILL_SECONDS = SHUTDOWN_SECONDS + 5
_PAUSE_SECONDS = 1.0
"""Between two starts of a worker: one that ends at once must not keep the machine busy."""

_log = logging.getLogger(__name__)
_fork = multiprocessing.get_context("fork")  # workers share what is imported by now


@dataclass(frozen=True, slots=True)
class Listening:
    """Where and how to listen; `host` is an IP address."""

    host: str
    port: int
    workers: int
    certificate: Certificate | None = None

    @property
    def scheme(self) -> str:
        """`https` when there is a certificate."""
        return "http" if self.certificate is None else "https"


def reserve(host: str, port: int) -> socket.socket:
    """Bind a name or an address, and a port (0 takes a free one); nothing listens there yet.

    Raises OSError when the address is not free. Workers bind with SO_REUSEPORT, so the system
    itself would not object to a second server on the port; this socket does.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    return _bind(family, kind, protocol, address, socket.SO_REUSEADDR)


def _bind(family: int, kind: int, protocol: int, address: Any, *options: int) -> socket.socket:
    bound = socket.socket(family, kind, protocol)
    try:
        for option in options:
            bound.setsockopt(socket.SOL_SOCKET, option, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound


def serve(
    create_application: Callable[[], Any],
    listening: Listening,
    reserved: socket.socket,
    on_ready: Callable[[], None],
) -> bool:
    """Run workers until a signal ends them; return whether they could be started.

    `create_application` is called in each worker, and gives an ASGI application. `reserved` is
    closed at the last moment. `on_ready` is called when every worker serves.
    """
    configure_logging()
    share_freed_memory()
    os.environ[PARENT_PID] = str(os.getpid())
    return _Main(create_application, listening, reserved, on_ready).run()


class _Main:
    def __init__(
        self,
        create_application: Callable[[], Any],
        listening: Listening,
        reserved: socket.socket,
        on_ready: Callable[[], None],
    ) -> None:
        self._create_application = create_application
        self._certificate = listening.certificate
        self._sockets = _share(reserved, listening.workers)
        self._on_ready = on_ready
        self._starting = listening.workers
        self._ready, self._ready_end = os.pipe()
        self._woken, waking_end = os.pipe2(os.O_NONBLOCK)
        self._is_ending = False
        for number in ENDING:
            signal.signal(number, self._end)
        signal.set_wakeup_fd(waking_end)
        self._workers = [self._start(listening) for listening in self._sockets]

    def run(self) -> bool:
        """Keep as many workers as there are sockets, until a signal comes; return whether it did.

        A worker that ends before all have started ends the others as well.
        """
        while not self._is_ending:
            sentinels = [worker.sentinel for worker in self._workers]
            happened = wait([self._woken, self._ready, *sentinels])
            if self._ready in happened:
                self._count_ready()
            if any(sentinel in happened for sentinel in sentinels):
                if self._starting > 0:
                    break
                self._replace_ended()
        is_ended_by_signal = self._is_ending
        self._stop()
        return is_ended_by_signal

    def _end(self, *_: object) -> None:
        self._is_ending = True

    def _count_ready(self) -> None:
        count = len(os.read(self._ready, 4096))
        if self._starting > 0:
            self._starting -= count
            if self._starting <= 0:
                self._on_ready()

    def _replace_ended(self) -> None:
        for place, worker in enumerate(self._workers):
            if worker.is_alive() or self._is_ending:
                continue
            _log.error("worker %s ended with status %s", worker.pid, worker.exitcode)
            wait([self._woken], _PAUSE_SECONDS)
            if not self._is_ending:
                self._workers[place] = self._start(self._sockets[place])

    def _start(self, own: socket.socket) -> ForkProcess:
        worker = _fork.Process(target=self._work, args=(own,))
        # A signal that comes while the worker is made waits until the worker can act on it.
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        worker.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        return worker

    def _work(self, own: socket.socket) -> None:
        """Be a worker."""
        signal.set_wakeup_fd(-1)
        for other in self._sockets:
            if other is not own:
                other.close()
        application = self._create_application()
        run_worker(application, own, self._certificate, lambda: _tell(self._ready_end))

    def _stop(self) -> None:
        for listening in self._sockets:
            listening.close()
        for worker in self._workers:
            worker.terminate()
        deadline = time.monotonic() + _KILL_SECONDS
        for worker in self._workers:
            worker.join(max(0, deadline - time.monotonic()))
            if worker.is_alive():
                worker.kill()
                worker.join()


def _share(reserved: socket.socket, count: int) -> list[socket.socket]:
    """Return listening sockets in the place of `reserved`."""
    place = reserved.family, reserved.type, reserved.proto, reserved.getsockname()
    reserved.close()
    shared = [_bind(*place, socket.SO_REUSEADDR, socket.SO_REUSEPORT) for _ in range(count)]
    for listening in shared:
        listening.listen(_BACKLOG)
    return shared


def _tell(ready_end: int) -> None:
    os.write(ready_end, b"\n")
