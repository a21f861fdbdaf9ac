"""The command line of bench/scale-out: runs the measurements and prints a table in Markdown."""

import argparse
import os
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from side_by_side.machine import machine_facts
from side_by_side.wheels import Distribution, make_wheel

import postgres
from databases import CHOICE
from object_stores import S3Server
from scaling_out.nodes import NAME, database, running
from scaling_out.rates import Rate, beside, pages, uploads

_PAGE_FILES = 50
_WHEEL_BYTES = 2_000


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/scale-out", description="Measure how pages and uploads grow with the nodes."
    )
    parser.add_argument("--nodes", default="1,2,3", help="numbers of nodes (1,2,3)")
    parser.add_argument("--seconds", type=int, default=3, help="for each measurement of pages (3)")
    parser.add_argument("--uploads", type=int, default=120, help="for each number of nodes (120)")
    parser.add_argument(
        "--rounds", type=int, default=5, help="of the two kinds of nodes in turn (5)"
    )
    return parser.parse_args()


def _wheels(folder: Path, name: str, count: int) -> list[Distribution]:
    folder.mkdir(exist_ok=True)
    return [make_wheel(folder, name, f"1.{number}", _WHEEL_BYTES) for number in range(count)]


def grow(folder: Path, count: int, seconds: int, upload_count: int) -> tuple[Rate, Rate]:
    """Measure so many nodes on PostgreSQL and a shared folder."""
    with database(f"nodes_{count}") as url:
        shared = {"WHEELYARD_DATABASE_URL": url, "WHEELYARD_BLOBS": f"file://{folder}/blobs{count}"}
        page = _wheels(folder / "page", NAME, _PAGE_FILES)
        with running(folder / f"n{count}", count, shared, page) as cluster:
            wheels = _wheels(folder / "uploads", "uploaded", upload_count)
            return pages(cluster, seconds), uploads(cluster, wheels)


def compare(folder: Path, rounds: int, seconds: int) -> tuple[Rate, Rate, float]:
    """Measure the page of one node on SQLite and disk, and of one on PostgreSQL and S3."""
    page = _wheels(folder / "page", NAME, _PAGE_FILES)
    with ExitStack() as stack:
        store = S3Server(folder / "s3.log").start()
        stack.callback(store.stop)
        shared = {
            **store.environment,
            "WHEELYARD_DATABASE_URL": stack.enter_context(database("compared")),
            "WHEELYARD_BLOBS": store.fresh_url(),
        }
        alone = stack.enter_context(running(folder / "alone", 1, {}, page))
        other = stack.enter_context(running(folder / "other", 1, shared, page))
        return beside(alone, other, rounds, seconds)


def main() -> int:
    """Run the benchmark and print its tables."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    arguments = _arguments()
    print("Machine: " + ", ".join(f"{name}: {fact}" for name, fact in machine_facts().items()))
    os.environ.pop(CHOICE, None)  # what is on SQLite stays there
    postgres.announce()
    try:
        with tempfile.TemporaryDirectory(prefix="scale-out-", dir="/tmp") as made:
            folder = Path(made)
            print("\n| nodes | pages/s | CPU each | uploads/s | CPU each: nodes | PostgreSQL |")
            print("|---|---|---|---|---|---|")
            for count in map(int, arguments.nodes.split(",")):
                (folder / f"n{count}").mkdir()
                page, upload = grow(folder, count, arguments.seconds, arguments.uploads)
                print(
                    f"| {count} | {page.per_second:,.0f} | {page.cpu_us:.0f} µs "
                    f"| {upload.per_second:.0f} | {upload.cpu_us / 1000:.1f} ms "
                    f"| {upload.database_cpu_us / 1000:.1f} ms |",
                    flush=True,
                )
            for name in ("alone", "other"):
                (folder / name).mkdir()
            alone, other, ratio = compare(folder, arguments.rounds, arguments.seconds)
            print("\n| one node, the same page from memory | pages/s | CPU each |\n|---|---|---|")
            print(f"| SQLite and disk | {alone.per_second:,.0f} | {alone.cpu_us:.1f} µs |")
            print(f"| PostgreSQL and S3 | {other.per_second:,.0f} | {other.cpu_us:.1f} µs |")
            print(f"| ratio, median of {arguments.rounds} rounds | | {ratio:.2f} |")
    finally:
        postgres.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
