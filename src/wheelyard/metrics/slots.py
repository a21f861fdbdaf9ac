"""Slots: the files in which the worker processes of a machine count, one slot for each.

A slot is two files: `N.cells`, numbers in memory that is shared through the file, and `N.names`,
a line for each series that says where its numbers are. A worker holds a lock on its slot as long as
it lives. A worker that takes the place of a dead one finds the lock free, and counts on: counters
of a server never go back, and there are never more slots than there were workers at a time.
"""

import fcntl
import itertools
import mmap
import os
from pathlib import Path

CELLS = 16_384
"""How many numbers a slot has: about three times what all routes and answers take."""

CELL_BYTES = 8
_SIZE_BYTES = CELLS * CELL_BYTES


class Slot:
    """The slot that this process counts in, from now to its end."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path, descriptor = _take(folder)
        self._descriptor = descriptor  # holds the lock
        os.ftruncate(descriptor, _SIZE_BYTES)
        self.cells = memoryview(mmap.mmap(descriptor, _SIZE_BYTES)).cast("d")
        self._names = path.with_suffix(".names")
        self._names.touch(mode=0o600)
        self._end_with_a_whole_line()

    def names(self) -> list[str]:
        """Return the lines that the slot has."""
        return whole_lines(self._names)

    def add_name(self, line: str) -> None:
        """Add a line."""
        with self._names.open("a") as stream:
            stream.write(f"{line}\n")

    def _end_with_a_whole_line(self) -> None:
        content = self._names.read_bytes()
        os.truncate(self._names, content.rfind(b"\n") + 1)


def clean(folder: Path) -> None:
    """Remove the slots that no living process holds: a server that starts counts from nothing."""
    for path in folder.glob("*.cells"):
        descriptor = _locked(path)
        if descriptor is not None:
            path.with_suffix(".names").unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            os.close(descriptor)


def is_held(path: Path) -> bool:
    """Tell whether the process that counts in this `.cells` file lives."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def whole_lines(path: Path) -> list[str]:
    """Return the lines of a `.names` file; of one that is being written, nothing."""
    return path.read_text().rpartition("\n")[0].splitlines()


def _take(folder: Path) -> tuple[Path, int]:
    for number in itertools.count():
        path = folder / f"{number}.cells"
        descriptor = _locked(path)
        if descriptor is not None:
            return path, descriptor
    raise AssertionError  # there is no end of numbers


def _locked(path: Path) -> int | None:
    """Open and lock a slot's file; None if it is held, or gone meanwhile."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.stat().st_ino == os.fstat(descriptor).st_ino:
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(descriptor)
    return None
