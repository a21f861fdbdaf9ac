"""Packages for the tests of the REST API: published as twine does."""

from collections.abc import Sequence

from distributions import build_sdist, build_wheel
from people import Person
from uploading import upload
from wheelyard.domain.models.places import Project


def publish(address: str, project: Project, by: Person, *packages: tuple[str, str]) -> None:
    """Upload a wheel for each name and version, in this order."""
    for name, version in packages:
        _send(address, project, by, [build_wheel(name, version)])


def publish_both(address: str, project: Project, by: Person, name: str, version: str) -> None:
    """Upload a wheel and an sdist."""
    _send(address, project, by, [build_wheel(name, version), build_sdist(name, version)])


def _send(address: str, project: Project, by: Person, files: Sequence[tuple[str, bytes]]) -> None:
    base = f"{address}/api/v4/projects/{project.id}/packages/pypi"
    for filename, content in files:
        answer = upload(base, ("__token__", by.secret), filename, content)
        assert answer.status_code == 201, answer.text
