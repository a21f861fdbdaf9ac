"""The lab: both engines and three nodes, for all tests of this folder; each gets it whole."""

from collections.abc import Iterator

import pytest

from lab.cluster import Cluster
from lab.ending import end, make_folder
from lab.traffic import Traffic


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
