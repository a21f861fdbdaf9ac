"""The clients of the test matrix, each in a virtual environment of its own, from its own lock.

`requirements/clients/NAME.txt` names a client and locks it; its environment is made in
`.clients/NAME` of this checkout when a test first asks for it, and kept. Run as a script, this
makes all of them at once, or those named as arguments, as `./test` does so that no test's time
holds an installation. How a client is configured and what it is asked to do is left to the tests.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
LOCKS: Final = ROOT / "requirements" / "clients"
ENVIRONMENTS: Final = ROOT / ".clients"
INSTALL_SECONDS: Final = 600
SHOWN_CHARACTERS: Final = 4000


class ClientInstallError(Exception):
    """A client's environment could not be made; holds the installer's last words."""


def names() -> tuple[str, ...]:
    """Name all clients of the matrix, sorted: the locks' names without `.txt`."""
    return tuple(sorted(lock.stem for lock in LOCKS.glob("*.txt")))


def client(name: str) -> Path:
    """Find the folder of a client's executables (`bin`); its environment is made if need be.

    Threads and processes may ask for the same client at once: one installs, the others wait.
    Raises `ClientInstallError` when the installation fails, `ValueError` for an unknown name.
    """
    lock = LOCKS / f"{name}.txt"
    if not lock.is_file():
        raise ValueError(f"no client {name!r} in the matrix; there are {', '.join(names())}")
    home = ENVIRONMENTS / name
    wanted = _made_from(lock)
    if _stamp(home) != wanted:
        with _exclusive(ENVIRONMENTS / f"{name}.lock"):
            if _stamp(home) != wanted:
                _make(home, lock)
                (home / "made-from").write_text(wanted, encoding="ascii")
    return home / "bin"


def _made_from(lock: Path) -> str:
    """Digest all that an environment depends on: its lock, this Python, and the place."""
    place = f"{sys.version}\n{sys.base_prefix}\n{lock}\n".encode()
    return hashlib.sha256(place + lock.read_bytes()).hexdigest()


def _stamp(home: Path) -> str | None:
    """Tell what the environment was made from; None while there is no finished one."""
    try:
        return (home / "made-from").read_text(encoding="ascii")
    except FileNotFoundError:
        return None


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    """Keep every other thread and process out; a killed holder lets go by dying."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _make(home: Path, lock: Path) -> None:
    """Make the environment anew. This Python's pip fills it, so that it holds the lock alone."""
    shutil.rmtree(home, ignore_errors=True)
    _install(sys.executable, "-m", "venv", "--without-pip", str(home))
    pip = (sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"))
    quiet = ("-qq", "--disable-pip-version-check", "--no-input")
    _install(*pip, "install", *quiet, "--only-binary=:all:", "--require-hashes", "-r", str(lock))


def _install(*command: str) -> None:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=INSTALL_SECONDS,
        check=False,
        env=_environment(),
    )
    if done.returncode != 0:
        said = done.stdout[-SHOWN_CHARACTERS:]
        raise ClientInstallError(f"{' '.join(command)} failed ({done.returncode}):\n{said}")


def _environment() -> dict[str, str]:
    """Keep the user's pip settings (index, proxy), but not what sends an install elsewhere."""
    redirecting = {"PIP_TARGET", "PIP_PREFIX", "PYTHONHOME", "PYTHONPATH"}
    kept = {name: value for name, value in os.environ.items() if name not in redirecting}
    return kept | {"PIP_USER": "0"}


def main(wanted: list[str]) -> int:
    """Make the named clients' environments, or all, as many at once as there are cores."""
    failed = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, making in [(name, pool.submit(client, name)) for name in wanted or names()]:
            if (failure := making.exception()) is not None:
                failed += 1
                sys.stderr.write(f"{name}: {failure}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
