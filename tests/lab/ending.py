"""Ending a lab: every process whose command line names the lab's folder, and the folder itself.

Run as a program, this file is the guard of a lab: it waits until the test session is over, however
that ends, and then ends what the session has left.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_PREFIX = "wheelyard-lab-"
_SESSION = "session"
"""The file in the folder that says which process the lab belongs to, and when that was started."""

_LEAVE_SECONDS = 15
"""After this long they are not asked any more."""


def make_folder() -> Path:
    """Make the folder of a lab that belongs to this process, with a guard.

    Labs that were left behind, with their guard killed too, are ended first.
    """
    temporary = Path(tempfile.gettempdir())
    for left in temporary.glob(f"{_PREFIX}*"):
        if not _is_used(left):
            end(left)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=temporary))
    folder.chmod(0o755)  # PostgreSQL runs under another account
    (folder / _SESSION).write_text(f"{os.getpid()} {_started(os.getpid())}")
    subprocess.run(
        [sys.executable, __file__, str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        check=True,
    )
    return folder


def end(folder: Path) -> None:
    """End everything that was started for the lab in a folder, and remove the folder."""
    asked: set[int] = set()
    deadline = time.monotonic() + _LEAVE_SECONDS
    while left := _processes(folder):
        is_late = time.monotonic() > deadline
        assert time.monotonic() < deadline + 2 * _LEAVE_SECONDS, f"they do not end: {left}"
        for pid, program in left.items():
            if is_late or pid not in asked:
                _ask(pid, program, is_late=is_late)
                asked.add(pid)
        time.sleep(0.05)
    for line in Path("/proc/mounts").read_text().splitlines():
        place = line.split()[1]
        if place.startswith(f"{folder}/"):
            subprocess.run(["umount", "-l", place], check=True)  # noqa: S607  the system's
    shutil.rmtree(folder, ignore_errors=True)


def _ask(pid: int, program: str, *, is_late: bool) -> None:
    """Ask a process to end; SIGQUIT makes PostgreSQL do so at once, with its children."""
    wanted = signal.SIGQUIT if Path(program).name == "postgres" else signal.SIGTERM
    try:
        os.kill(pid, signal.SIGCONT)
        os.kill(pid, signal.SIGKILL if is_late else wanted)
    except ProcessLookupError:
        return


def _processes(folder: Path) -> dict[int, str]:
    """Return the lab's processes but for this one: process id and program."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            arguments = (entry / "cmdline").read_text(errors="replace").split("\0")
        except OSError:  # it has ended meanwhile
            continue
        if any(part == str(folder) or part.startswith(f"{folder}/") for part in arguments):
            found[int(entry.name)] = arguments[0]
    return found


def _is_used(folder: Path) -> bool:
    """Tell whether the session that the lab belongs to is still the one that runs."""
    try:
        pid, started = (folder / _SESSION).read_text().split()
    except (OSError, ValueError):
        return False
    return _started(int(pid)) == started


def _started(pid: int) -> str:
    """Return when a process was started, in the system's ticks; empty when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


if __name__ == "__main__" and os.fork() == 0:  # the parent ends: nobody waits for the guard
    guarded = Path(sys.argv[1])
    while _is_used(guarded):
        time.sleep(0.5)
    if guarded.exists():
        end(guarded)
