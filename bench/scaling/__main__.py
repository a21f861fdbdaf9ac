"""The command line of bench/scale."""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from side_by_side.machine import machine_facts
from side_by_side.markdown import write_between_marks

from scaling.runs import Extent, run
from scaling.tables import tables

_MULTIPLES = {"k": 1_000, "m": 1_000_000}
_LEAST = 1_000


def read_size(text: str) -> int:
    """Read a number of files: 1000, 1k, 1M."""
    unit = _MULTIPLES.get(text[-1:].lower(), 1)
    size = int(text if unit == 1 else text[:-1]) * unit
    if size < _LEAST:
        raise argparse.ArgumentTypeError(f"at least {_LEAST} files")
    return size


def _read_sizes(text: str) -> list[int]:
    return sorted(read_size(size) for size in text.split(","))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/scale", description="Measure how each cost grows with the registry."
    )
    parser.add_argument(
        "--sizes",
        type=_read_sizes,
        default=_read_sizes("1k,10k,100k,1M"),
        help="numbers of files (1k,10k,100k,1M)",
    )
    parser.add_argument("--quick", action="store_true", help="a fourth of the requests")
    parser.add_argument("--only", default="", help="requests with this in their title")
    parser.add_argument(
        "--write", type=Path, metavar="PAGE", help="write the results into this Markdown page"
    )
    return parser.parse_args()


def main() -> int:
    """Run the benchmark and print its tables."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    arguments = _arguments()
    console, progress = Console(), Console(stderr=True)
    machine = machine_facts()
    console.print_json(data=machine)
    with tempfile.TemporaryDirectory(prefix="scale-") as folder:
        extent = Extent(arguments.only, arguments.quick)
        found = tables(run(arguments.sizes, Path(folder), extent, progress.print))
    for table in found:
        console.print(table.as_rich())
    if arguments.write is not None:
        facts = ", ".join(f"{name}: {value}" for name, value in machine.items())
        parts = [f"Machine: {facts}.", *(table.as_markdown() for table in found)]
        write_between_marks(arguments.write, "\n\n".join(parts) + "\n", "grown")
    return 0


if __name__ == "__main__":
    sys.exit(main())
