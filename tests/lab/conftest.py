"""The lab: both engines and three nodes, for all tests of this folder; each gets it whole."""

from collections.abc import Generator, Iterator
from typing import Any

import pytest

from lab.cluster import Cluster
from lab.ending import end, make_folder
from lab.traffic import Traffic


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: Any,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failure how the logs end: they are removed with the lab."""
    report = yield
    lab = item.funcargs.get("lab")
    if report.failed and lab is not None:
        report.sections.extend(lab.last_words())
    return report


@pytest.fixture(scope="session")
def lab() -> Iterator[Cluster]:
    """Start everything, and end it all however this goes."""
    folder = make_folder()
    try:
        cluster = Cluster(folder)
        cluster.start()
        yield cluster
        cluster.stop()
    finally:
        end(folder)


@pytest.fixture
def cluster(lab: Cluster) -> Cluster:
    """Return the cluster, with what the test before broke repaired."""
    lab.ready()
    return lab


@pytest.fixture
def traffic(cluster: Cluster) -> Traffic:
    """Return clients of a project of the test's own."""
    return Traffic(cluster)
