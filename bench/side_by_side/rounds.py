"""Running: every measurement in rounds, and in each round all servers one after the other.

Whatever else the machine does then falls on all of them alike. All servers run all the time;
those that are not measured have nothing to do.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from side_by_side.contestant import Contestant
from side_by_side.load import LoadFailedError
from side_by_side.measurement import Bench, Measurement
from side_by_side.peers.peer import Peer
from side_by_side.samples import Results
from side_by_side.uploads import UploadRefusedError


@contextmanager
def started(peers: list[Peer], folder: Path) -> Iterator[list[Contestant]]:
    """Start all servers on new data folders, and end them."""
    contestants = [Contestant(peer, folder / peer.name) for peer in peers]
    try:
        for contestant in contestants:
            contestant.start()
        yield contestants
    finally:
        for contestant in contestants:
            contestant.stop()


def run(
    measurements: list[Measurement],
    contestants: list[Contestant],
    bench: Bench,
    results: Results,
    say: Callable[[str], None],
) -> None:
    """Do all measurements and add their samples to `results`, or that they failed."""
    for measurement in measurements:
        for contestant in contestants:
            contestant.hold(bench.corpus, measurement.parts)
        for number in range(bench.pace.rounds):
            for contestant in contestants:
                say(f"{measurement.title}, round {number + 1}: {contestant.name}")
                try:
                    sample = measurement.measure(contestant, bench, number)
                except (LoadFailedError, UploadRefusedError, TimeoutError) as error:
                    results.add_failure(measurement.key, contestant.name, str(error))
                    continue
                if sample is not None:
                    results.add(measurement.key, contestant.name, sample)
