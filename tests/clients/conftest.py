"""Fixtures of the tests with real clients: an index, a sandbox, the guide's package."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from clients.guide_package import GuidePackage, build_guide_package, make_old_guide_package
from clients.index import Index
from clients.matrix import INSTALLERS, PUBLISHERS
from clients.roles import Installer, Publisher
from clients.sandbox import Sandbox
from clients.table import mark, write_if_complete
from registry import Registry
from running import Server


@pytest.fixture(params=list(PUBLISHERS))
def publisher(request: pytest.FixtureRequest) -> Publisher:
    """Each client that publishes."""
    return PUBLISHERS[request.param]


@pytest.fixture(params=list(INSTALLERS))
def installer(request: pytest.FixtureRequest) -> Installer:
    """Each client that installs as pip does."""
    return INSTALLERS[request.param]


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    """Set up a user's machine with nothing configured."""
    return Sandbox(tmp_path)


@pytest.fixture
def index(server: Server, registry: Registry) -> Index:
    """Make a private project, with the token of a maintainer."""
    project, secret = registry.publisher()
    return Index(server.address, project, secret, owner_secret=secret)


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> GuidePackage:
    """Build the guide's package with today's tools."""
    return build_guide_package(Sandbox(tmp_path_factory.mktemp("package")))


@pytest.fixture(scope="session")
def old_package(tmp_path_factory: pytest.TempPathFactory) -> GuidePackage:
    """Make the guide's package such that every client of the matrix can read it."""
    return make_old_guide_package(Sandbox(tmp_path_factory.mktemp("old-package")))


@pytest.fixture(scope="session")
def cell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., None]]:
    """Say that a cell of docs/clients.md is so: `cell(column, row[, text])`; write when all are."""
    own = tmp_path_factory.getbasetemp()
    # pytest-xdist keeps its processes' folders side by side in the run's own.
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = shared / "cells"
    folder.mkdir(exist_ok=True)
    yield partial(mark, folder)
    write_if_complete(folder)
