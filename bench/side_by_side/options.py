"""The options of bench/compare, and what they choose."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from side_by_side.catalogue import MEASUREMENTS, PEERS
from side_by_side.environments import CACHE
from side_by_side.measurement import Measurement, Pace
from side_by_side.peers.peer import Peer

_FULL, _QUICK, _SMOKE = Pace(3, 2, 300, 20), Pace(1, 1, 100, 10), Pace(1, 1, 10, 3)
_SMOKE_MEASUREMENTS = (
    "start",
    "page",
    "page-304",
    "metadata",
    "wheel-2k",
    "upload",
    "visible",
    "memory",
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be run, and what is made of its results."""

    measurements: list[Measurement]
    peers: list[Peer]
    pace: Pace
    check: bool
    write: Path | None
    out: Path


def choose() -> Chosen:
    """Read the command line. Ends the program with a message if it makes no sense."""
    parser = _parser()
    given = parser.parse_args()
    pace = _SMOKE if given.smoke else _QUICK if given.quick else _FULL
    pace = Pace(given.rounds or pace.rounds, given.seconds or pace.seconds, *_sizes(pace))
    measurements = _measurements(given)
    names = given.servers.split(",") if given.servers else [peer.name for peer in PEERS]
    if given.smoke:
        names = ["wheelyard"]
    peers = [peer for peer in PEERS if peer.name in names]
    if len(peers) < len(names) or not measurements:
        parser.error("an unknown server, or no such measurement")
    return Chosen(measurements, peers, pace, given.check, given.write, given.out)


def _sizes(pace: Pace) -> tuple[int, int]:
    return pace.uploads, pace.publications


def _measurements(given: argparse.Namespace) -> list[Measurement]:
    if given.smoke:
        return [m for m in MEASUREMENTS if m.key in _SMOKE_MEASUREMENTS]
    if given.only:
        return [m for m in MEASUREMENTS if m.key.startswith(tuple(given.only.split(",")))]
    return [m for m in MEASUREMENTS if not (given.quick and m.slow)]


def _parser() -> argparse.ArgumentParser:
    servers = ",".join(peer.name for peer in PEERS)
    parser = argparse.ArgumentParser(
        prog="bench/compare",
        description="Measure Wheelyard beside other package servers, on this machine.",
        epilog="measurements: " + " ".join(measurement.key for measurement in MEASUREMENTS),
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="one short round without the slow ones: a few minutes")
    add("--only", metavar="KEYS", help="only measurements that begin so: page,upload")
    add("--servers", metavar="NAMES", help=f"only these: {servers}")
    add("--rounds", type=int, metavar="N", help="how often each measurement is done (3)")
    add("--seconds", type=int, metavar="N", help="how long each load lasts (2)")
    add(
        "--check", action="store_true", help="compare with the bars; exit status 1 if one is missed"
    )
    add("--write", type=Path, metavar="PAGE", help="write the results into this Markdown page")
    add("--out", type=Path, metavar="FILE", default=CACHE / "results.json", help="results as JSON")
    add("--smoke", action="store_true", help="a few seconds of Wheelyard alone: does it still run?")
    return parser
