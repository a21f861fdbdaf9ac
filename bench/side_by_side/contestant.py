"""One server taking part in a run: its process, its data folder, its place, what it holds."""

from pathlib import Path

from side_by_side.asking import answers
from side_by_side.corpus import Corpus
from side_by_side.peers.peer import Peer, Place
from side_by_side.processes import ServerProcess, free_port
from side_by_side.static_index import lay_out
from side_by_side.uploads import upload_all


class Contestant:
    """A peer on a data folder of its own, running from `start` to `stop`."""

    def __init__(self, peer: Peer, data: Path) -> None:
        self.peer = peer
        self.name = peer.name
        self._data = data
        self._port = free_port()
        self._held: set[str] = set()
        self._process: ServerProcess | None = None
        self._place: Place | None = None
        data.mkdir(parents=True)

    @property
    def process(self) -> ServerProcess:
        """Its process. Raises ValueError before the start."""
        if self._process is None:
            raise ValueError(f"{self.name} was not started")
        return self._process

    @property
    def place(self) -> Place:
        """Where it is. Raises ValueError before the first start."""
        if self._place is None:
            raise ValueError(f"{self.name} was not started")
        return self._place

    def start(self) -> float:
        """Start it and return the seconds until it answered; the first time, make its accounts."""
        launch = self.peer.launch(self._data, self._port)
        log = self._data.with_suffix(".log")
        self._process = ServerProcess(launch.command, log, launch.environment)
        root = self._place or Place(f"http://127.0.0.1:{self._port}/")
        seconds = self._process.wait_until(lambda: answers(root))
        if self._place is None:
            self._place = self.peer.open(self._data, self._port)
        return seconds

    def stop(self) -> None:
        """End it; its data stays."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def restart(self) -> float:
        """End it and start it on what it holds; return the seconds until it answered."""
        self.stop()
        return self.start()

    def hold(self, corpus: Corpus, parts: frozenset[str]) -> None:
        """Give it the parts of the corpus that it does not hold yet."""
        for part in sorted(parts - self._held):
            if self.place.folder is not None:
                lay_out(self.place.folder, corpus.part(part))
            else:
                upload_all(self.place, corpus.part(part), at_once=4)
            self._held.add(part)
