"""Clients of a server whose files are in an object store."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.index import Index
from clients.pip_client import Pip
from clients.sandbox import Sandbox
from clients.uv_client import Uv
from distributions import build_wheel
from object_stores import S3Server
from registry import Registry
from running import Server


@pytest.fixture
def store(tmp_path: Path) -> Iterator[S3Server]:
    running = S3Server(tmp_path / "moto.log").start()
    yield running
    running.stop()


@pytest.fixture
def index_of_large(tmp_path: Path, store: S3Server) -> Iterator[Index]:
    """Make a project with one large wheel, `thing`."""
    environment = {**store.environment, "WHEELYARD_BLOBS": store.fresh_url()}
    server = Server(tmp_path / "data", environment=environment).start()
    registry = Registry(server.data)
    project, secret = registry.publisher()
    index = Index(server.address, project, secret, owner_secret=secret)
    index.add(*build_wheel("thing", "1.0", files={"thing/x": os.urandom(3 * 1024 * 1024)}))
    yield index
    assert server.stop() == 0


def test_uv_is_redirected_and_keeps_what_it_fetched(
    index_of_large: Index, store: S3Server, sandbox: Sandbox
) -> None:
    first = Uv().install(sandbox, index_of_large, sandbox.new_environment(), "thing")
    assert first.is_success, first.output
    assert store.downloads(by="uv") == 1
    again = Uv().install(sandbox, index_of_large, sandbox.new_environment(), "thing")
    assert again.is_success, again.output
    assert store.downloads(by="uv") == 1


def test_uv_checks_what_the_store_sends(index_of_large: Index, sandbox: Sandbox) -> None:
    python = sandbox.new_environment()
    assert Uv().lock(sandbox, index_of_large, python, "thing").is_success
    installed = Uv().install_locked(sandbox, index_of_large, python)
    assert installed.is_success, installed.output


def test_pip_hears_nothing_of_the_store(
    index_of_large: Index, store: S3Server, sandbox: Sandbox
) -> None:
    installed = Pip().install(sandbox, index_of_large, sandbox.new_environment(), "thing")
    assert installed.is_success, installed.output
    assert store.downloads(by="pip") == 0
