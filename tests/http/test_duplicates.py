"""The same file name again: equal bytes, other bytes, and the project that keeps one of a name.

GitLab 12.10 keeps every upload and serves the newest; today's refuses the second. Here a project
chooses, an address with a digest always serves those bytes, and equal bytes change nothing.
"""

from dataclasses import dataclass
from hashlib import sha256

import pytest
import requests

from distributions import build_wheel
from registry import Registry
from requesting import Auth, Index, project_index
from running import Server
from wheelyard.app import Machinery
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.places import Project

FILENAME, FIRST = build_wheel("twice", "1.0")
SECOND = build_wheel("twice", "1.0", files={"twice/more.py": b""})[1]
THIRD = build_wheel("twice", "1.0", files={"twice/most.py": b""})[1]


@dataclass(frozen=True)
class Place:
    """A project that holds nothing yet."""

    registry: Registry
    project: Project
    index: Index
    auth: Auth

    def upload(self, content: bytes) -> requests.Response:
        """Upload these bytes under the one name."""
        return self.index.upload(FILENAME, content, self.auth)

    def listed(self) -> dict[str, object]:
        """Return the page's one entry."""
        [entry] = self.index.files("twice", self.auth)
        return entry

    def bytes_of(self, content: bytes) -> bytes:
        """Return what the address with the digest of `content` serves."""
        rest = f"/files/{sha256(content).hexdigest()}/{FILENAME}"
        answer = self.index.get(rest, self.auth)
        assert answer.status_code == 200
        return answer.content

    def events(self) -> list[str]:
        """Return what the audit log says of the project, the oldest first."""

        async def read(machines: Machinery, _by: Caller) -> list[str]:
            async with machines.db.read() as tx:
                return [
                    event.action
                    async for event, _ in tx.audit.events()
                    if event.target == self.project.full_path
                ]

        return self.registry.run(read)


@pytest.fixture
def place(server: Server, registry: Registry, session: requests.Session) -> Place:
    project, secret = registry.publisher()
    index = project_index(session, server.address, project)
    return Place(registry, project, index, ("x", secret))


def digest_listed(place: Place) -> object:
    """Return the digest that the page names."""
    hashes = place.listed()["hashes"]
    assert isinstance(hashes, dict)
    return hashes["sha256"]


@pytest.mark.parametrize("duplicates", ["allow", "deny"])
def test_the_same_bytes_again_change_nothing(place: Place, duplicates: str) -> None:
    """Twine sends a file again after any 5xx, and has no `--skip-existing` for us."""
    place.registry.configure(place.project, "duplicates", duplicates)
    assert place.upload(FIRST).status_code == 201
    before, events = place.listed(), place.events()
    for _ in range(2):
        assert place.upload(FIRST).status_code == 201
    assert place.listed() == before
    assert place.events() == events


def test_of_several_the_newest_is_served_and_each_address_keeps_its_bytes(place: Place) -> None:
    for content in (FIRST, SECOND, THIRD):
        assert place.upload(content).status_code == 201
        assert digest_listed(place) == sha256(content).hexdigest()
    for content in (FIRST, SECOND, THIRD):
        assert place.bytes_of(content) == content


def test_bytes_that_had_been_superseded_are_the_newest_again(place: Place) -> None:
    place.upload(FIRST)
    original = place.listed()
    place.upload(SECOND)
    assert place.listed() != original
    assert place.upload(FIRST).status_code == 201
    assert place.listed() == original, "with its first upload time"
    assert place.bytes_of(SECOND) == SECOND
    assert place.events().count("file_published") == 3


def test_a_project_may_keep_one_file_of_a_name(place: Place) -> None:
    place.registry.configure(place.project, "duplicates", "deny")
    assert place.upload(FIRST).status_code == 201
    before, events = place.listed(), place.events()
    answer = place.upload(SECOND)
    assert answer.status_code == 409
    assert "already exists" in answer.json()["message"], "what twine and uv look for"
    assert [error["code"] for error in answer.json()["errors"]] == ["file-exists"]
    assert (place.listed(), place.events()) == (before, events)
    rest = f"/files/{sha256(SECOND).hexdigest()}/{FILENAME}"
    assert place.index.get(rest, place.auth).status_code == 404
    # Another file of the same version is no duplicate.
    other = build_wheel("twice", "1.0", tag="cp312-abi3-win_amd64")
    assert place.index.upload(*other, place.auth).status_code == 201
    assert len(place.index.files("twice", place.auth)) == 2


def test_denying_later_keeps_what_is_there(place: Place) -> None:
    place.upload(FIRST)
    place.upload(SECOND)
    place.registry.configure(place.project, "duplicates", "deny")
    # The first is an older upload now: listing it again would replace the second.
    assert place.upload(FIRST).status_code == 409
    assert place.upload(SECOND).status_code == 201
    assert digest_listed(place) == sha256(SECOND).hexdigest()


def test_spellings_of_one_name_are_one_package(place: Place) -> None:
    for name, version in (("Twice.Named", "1.0"), ("twice_named", "1.1"), ("TWICE-NAMED", "1.2")):
        assert place.index.upload_wheel(name, place.auth, version).status_code == 201
    assert place.index.names(place.auth) == ["twice-named"]
    assert len(place.index.files("twice-named", place.auth)) == 3


def test_two_projects_do_not_share_names_nor_files(
    place: Place, server: Server, registry: Registry, session: requests.Session
) -> None:
    project, secret = registry.publisher()
    other = Place(registry, project, project_index(session, server.address, project), ("x", secret))
    place.upload(FIRST)
    other.upload(SECOND)
    assert digest_listed(place) == sha256(FIRST).hexdigest()
    assert digest_listed(other) == sha256(SECOND).hexdigest()
    # Bytes are stored once, whoever uploads them; who may have them is asked of the rows.
    rest = f"/files/{sha256(SECOND).hexdigest()}/{FILENAME}"
    assert place.index.get(rest, place.auth).status_code == 404
