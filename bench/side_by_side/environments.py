"""Peers and clients, each in a virtual environment of its own, made from its lock on demand."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

BENCH: Final = Path(__file__).resolve().parents[1]
ROOT: Final = BENCH.parent
CACHE: Final = ROOT / ".bench"
_INSTALL_SECONDS: Final = 600


def environment(lock: Path) -> Path:
    """Return the folder of executables of the environment that holds what `lock` says, no more.

    Raises RuntimeError with the installer's words when it cannot be made.
    """
    home = CACHE / lock.stem
    stamp = home / "made-from"
    wanted = hashlib.sha256(f"{sys.version}{home}".encode() + lock.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(home, ignore_errors=True)
        _run(sys.executable, "-m", "venv", "--without-pip", str(home))
        _run(
            *(sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install"),
            *("-qq", "--disable-pip-version-check", "--no-input"),
            *("--only-binary=:all:", "--require-hashes", "-r", str(lock)),
        )
        stamp.write_text(wanted)
    return home / "bin"


def peer_environment(name: str) -> Path:
    """Return the executables of a peer (or `plot`), from its lock in bench/requirements."""
    return environment(BENCH / "requirements" / f"{name}.txt")


def client_environment(name: str) -> Path:
    """Return the executables of a client, from the lock that the tests use as well."""
    return environment(ROOT / "requirements" / "clients" / f"{name}.txt")


def locked_version(package: str, lock: str) -> str:
    """Return the version of `package` in the lock of a peer."""
    for line in (BENCH / "requirements" / f"{lock}.txt").read_text().splitlines():
        if line.startswith(f"{package}=="):
            return line.split("==")[1].split()[0]
    raise ValueError(f"{lock}.txt does not lock {package}")


def _run(*command: str) -> None:
    redirecting = {"PIP_TARGET", "PIP_PREFIX", "PYTHONHOME", "PYTHONPATH"}
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_INSTALL_SECONDS,
        check=False,
        env={key: value for key, value in os.environ.items() if key not in redirecting},
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-4000:]}")
