"""Fixtures that many tests share: a running server, and the registry behind it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import postgres
from databases import forget, is_postgresql
from object_stores import S3Server
from registry import Registry
from running import Server
from stores import SessionStore, is_bucket

_STORE = pytest.StashKey[SessionStore]()

# A busy machine is no failure: tests are bounded by pytest-timeout instead.
settings.register_profile("wheelyard", deadline=None)
settings.load_profile("wheelyard")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare how long the tests in `fuzz` look for something new, and where pictures go."""
    parser.addoption(
        "--fuzz-seconds",
        type=float,
        default=4,
        metavar="N",
        help="for how long each fuzz test sends new input (4)",
    )
    parser.addoption(
        "--screenshots",
        metavar="DIR",
        help="where the tests in `browser` leave their pictures (nowhere)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Say where this session's PostgreSQL is, and start its bucket if it needs one.

    The processes that run the tests inherit what is said.
    """
    if not hasattr(config, "workerinput"):
        postgres.announce()
        if is_bucket():
            config.stash[_STORE] = SessionStore()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the session's PostgreSQL, if a test started it, and its bucket."""
    if not hasattr(config, "workerinput"):
        postgres.end()
        if _STORE in config.stash:
            config.stash[_STORE].end()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of this process that do not break or reconfigure it."""
    running = Server(tmp_path_factory.mktemp("shared") / "data").start()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="session")
def registry(server: Server) -> Registry:
    """Return the registry that `server` serves."""
    return Registry(server.data)


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers of the test's own: `start_server(*options, environment={})`."""
    servers: list[Server] = []

    def start(*options: str, environment: dict[str, str] | None = None) -> Server:
        data = tmp_path / f"data-{len(servers)}"
        servers.append(Server(data, *options, environment=environment))
        return servers[-1].start()

    yield start
    for server in servers:
        if server.is_running():
            server.stop()
        if is_postgresql():
            forget(server.data)


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One S3 server for all tests of this process that do not break it."""
    running = S3Server(tmp_path_factory.mktemp("s3") / "moto.log").start()
    yield running
    running.stop()


@pytest.fixture
def s3(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """Return the S3 server, with what this process needs to use it in its environment."""
    for variable, value in s3_server.environment.items():
        monkeypatch.setenv(variable, value)
    return s3_server
