"""Fixtures of the tests that hold the index against its standards."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import quote

import pytest
import requests

from index_standards.corpus import CORPUS, PAGES, STATUSES, Odd, sdist, wheel
from registry import Registry
from requesting import Index, project_index
from running import Server
from uploading import upload
from wheelyard.actions.releases import require_release, set_status, yank
from wheelyard.app import Machinery
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.places import Project
from wheelyard.domain.names import NormalisedName
from wheelyard.domain.status import ProjectStatus


@dataclass(frozen=True)
class Published:
    """A project that holds the whole corpus, and how its maintainer reads it."""

    index: Index
    project: Project
    auth: tuple[str, str]


HTML = {"Accept": "text/html"}
THREADS = 4


@dataclass(frozen=True)
class Page:
    """One page of the corpus in both of its forms, as they came over the wire."""

    as_json: requests.Response
    as_html: requests.Response


@pytest.fixture(scope="session")
def session() -> Iterator[requests.Session]:
    """Return connections that are kept, without credentials of whoever runs the tests."""
    with requests.Session() as made:
        made.trust_env = False
        yield made


@pytest.fixture(scope="session")
def published(server: Server, registry: Registry, session: requests.Session) -> Published:
    """Publish the corpus, several files at a time, then mark what it says is marked."""
    project, secret = registry.publisher()
    index, auth = project_index(session, server.address, project), ("__token__", secret)

    def publish(odd: Odd) -> None:
        answer = upload(index.base, auth, odd.filename, odd.content)
        assert answer.status_code == requests.codes.created, (odd.filename, answer.text)

    for odd in CORPUS:
        if odd.is_superseded:  # one after the other: the last of a name is the one that counts
            publish(odd)
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(publish, [odd for odd in CORPUS if not odd.is_superseded]))
    registry.run(lambda machines, by: _mark(machines, by, project))
    return Published(index, project, auth)


@pytest.fixture(scope="session")
def pages(published: Published) -> Mapping[str, Page]:
    """Read every page of the corpus in both forms."""
    index, auth = published.index, published.auth

    def read(name: str) -> Page:
        rest = f"/simple/{name}/"
        page = Page(index.get(rest, auth), index.get(rest, auth, headers=HTML))
        assert page.as_json.status_code == page.as_html.status_code == requests.codes.ok
        return page

    with ThreadPoolExecutor(THREADS) as threads:
        return dict(zip(PAGES, threads.map(read, PAGES), strict=True))


@dataclass(frozen=True)
class Sample:
    """A project with one package, `sample-pkg`, and the index it is read through."""

    index: Index
    project: Project
    auth: tuple[str, str]
    address: str

    @property
    def group(self) -> str:
        return self.project.full_path.split("/")[0]

    @property
    def bases(self) -> dict[str, str]:
        """The address of every index that shows the package, by what it is the index of."""
        api = f"{self.address}/api/v4"
        full_path = quote(self.project.full_path, safe="")
        return {
            "project": self.index.base,
            "project-by-path": f"{api}/projects/{full_path}/packages/pypi",
            "group": f"{api}/groups/{self.group}/-/packages/pypi",
            "instance": f"{api}/packages/pypi",
        }

    def publish(self, odd: Odd) -> None:
        answer = upload(self.index.base, self.auth, odd.filename, odd.content)
        assert answer.status_code == requests.codes.created, answer.text

    def url(self, filename: str) -> str:
        """Return the address of a listed file, as its page gives it."""
        [file] = [
            file
            for file in self.index.files("sample-pkg", self.auth)
            if file["filename"] == filename
        ]
        return self.index.base + str(file["url"]).removeprefix("../..")


SAMPLE = (wheel("Sample.Pkg"), sdist("Sample.Pkg"), wheel("Sample.Pkg", "2.0+local.1"))
"""Enough files for a page that is worth compressing."""


@pytest.fixture(scope="session")
def new_sample(
    server: Server, registry: Registry, session: requests.Session
) -> Callable[[str], Sample]:
    """Make a project of a visibility that holds `SAMPLE`."""

    def make(visibility: str) -> Sample:
        project, secret = registry.publisher(visibility)
        index = project_index(session, server.address, project)
        sample = Sample(index, project, ("__token__", secret), server.address)
        for odd in SAMPLE:
            sample.publish(odd)
        return sample

    return make


@pytest.fixture(scope="session")
def sample(new_sample: Callable[[str], Sample]) -> Sample:
    """Return a public project that no test changes."""
    return new_sample("public")


async def _mark(machines: Machinery, by: Caller, project: Project) -> None:
    for odd in CORPUS:
        if odd.yanked is not None:
            version = odd.filename.split("-")[1]
            async with machines.db.read() as tx:
                release = await require_release(tx, project, odd.name, version)
            await yank(machines.db, by, project, release, reason=odd.yanked)
    for number, (status, reason) in enumerate(STATUSES):
        await set_status(
            machines.db,
            by,
            project,
            NormalisedName(f"status-{number}"),
            status=ProjectStatus(status),
            reason=reason,
        )
