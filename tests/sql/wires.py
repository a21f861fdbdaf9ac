"""A wire to the database server that can be cut: a relay on a port of its own, in a thread."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit


class Wire:
    """Relays TCP connections to a server; all methods may be called from any thread.

    With several servers it is a load balancer: each takes its turn, and one that takes no
    connections is passed over.
    """

    def __init__(self, *ports: int) -> None:
        self._targets = ports
        self._turns = cycle(range(len(ports)))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self._relays: set[asyncio.Task[None]] = set()
        self._is_flowing = asyncio.Event()
        self._is_cut = True
        self.port = 0

    def start(self) -> None:
        """Begin to relay."""
        self._thread.start()
        self._is_flowing.set()
        self.mend()

    def stop(self) -> None:
        """End for good."""
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def cut(self) -> None:
        """End all connections, and refuse new ones."""
        self._do(self._cut())

    def mend(self) -> None:
        """Take connections again."""
        self._do(self._listen())

    def drop(self) -> None:
        """End all connections, but take new ones: as when the server is restarted."""
        self._do(self._drop())

    def freeze(self) -> None:
        """Let nothing through, without a word: as when a machine, or what is between, is gone."""
        self._loop.call_soon_threadsafe(self._is_flowing.clear)

    def thaw(self) -> None:
        """Let everything through again, what has waited first."""
        self._loop.call_soon_threadsafe(self._is_flowing.set)

    def _do(self, work: Any) -> None:
        done: Future[None] = asyncio.run_coroutine_threadsafe(work, self._loop)
        done.result(20)

    async def _listen(self) -> None:
        self._is_cut = False
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _cut(self) -> None:
        self._is_cut = True
        if self._server is not None:
            # Python 3.11 loses a connection that is being accepted while the server closes.
            for listening in self._server.sockets:
                self._loop.remove_reader(listening.fileno())
            await asyncio.sleep(0)
            self._server.close()
        await self._drop()

    async def _drop(self) -> None:
        for relay in self._relays:
            relay.cancel()
        if self._relays:
            await asyncio.wait(self._relays)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:  # since it was accepted
            writer.transport.abort()
            return
        relay = asyncio.create_task(self._relay(reader, writer))
        self._relays.add(relay)
        relay.add_done_callback(self._relays.discard)
        # However it ends: it may be cancelled before it begins, or while it connects.
        relay.add_done_callback(lambda _: writer.transport.abort())

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected = await self._connect()
        if connected is None:
            return
        there, back = connected
        both = [
            asyncio.create_task(self._pass_on(*way)) for way in ((reader, back), (there, writer))
        ]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in both:
                way.cancel()
            for end in (writer, back):
                end.transport.abort()
            await asyncio.gather(*both, return_exceptions=True)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        turn = next(self._turns)
        for port in self._targets[turn:] + self._targets[:turn]:
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        return None

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self._is_flowing.wait()
                writer.write(data)
                await writer.drain()


def through(url: str, *wires: Wire) -> str:
    """Return the URL of the same database, with these wires as its hosts."""
    hosts = ",".join(f"127.0.0.1:{wire.port}" for wire in wires)
    user = urlsplit(url).netloc.rpartition("@")[0]
    return f"postgresql://{user}@{hosts}{urlsplit(url).path}"


@contextmanager
def wired(url: str) -> Iterator[Wire]:
    """Yield a wire to the server of this URL."""
    wire = Wire(urlsplit(url).port or 5432)
    wire.start()
    try:
        yield wire
    finally:
        wire.stop()


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for a condition that comes to hold by itself."""
    deadline = threading.Event()
    for _ in range(int(seconds * 50)):
        if holds():
            return
        deadline.wait(0.02)
    raise AssertionError("it did not come to hold in time")
