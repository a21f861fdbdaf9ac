"""`wheelyard upkeep --backfill`: core metadata for files that lack it, out of the stored wheels."""

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from cli.calling import shown
from databases import run_sql
from distributions import build_metadata, build_sdist, build_wheel
from registry import Registry
from running import Server
from stores import touches_the_disk
from uploading import upload
from wheelyard.actions import metadata
from wheelyard.domain.keys import core_metadata_key, distribution_key

JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
NAMES = ("one", "two", "three")
DOCUMENTS = {
    name: build_metadata(name, "1.0", fields=[("Summary", f"Ünïcode {name}")]).replace(
        b"\n", b"\r\n" if name == "two" else b"\n"
    )
    for name in NAMES
}
WHEELS = {name: build_wheel(name, "1.0", metadata=DOCUMENTS[name]) for name in NAMES}
SDIST = build_sdist("one", "1.0")


@dataclass(frozen=True)
class Place:
    """A server with three wheels and an sdist, and what lies below it."""

    server: Server
    registry: Registry
    base: str
    auth: tuple[str, str]

    def get(self, rest: str) -> requests.Response:
        return requests.get(f"{self.base}{rest}", auth=self.auth, headers=JSON, timeout=60)

    def advertised(self, name: str) -> dict[str, object]:
        """Return file name to the digest of its metadata, None where none is advertised."""
        files = self.get(f"/simple/{name}/").json()["files"]
        return {file["filename"]: file.get("core-metadata") for file in files}

    def beside(self, name: str) -> requests.Response:
        filename, content = WHEELS[name]
        digest = hashlib.sha256(content).hexdigest()
        return self.get(f"/files/{digest}/{filename}.metadata")

    def forget(self, *names: str) -> None:
        """Make the rows of these packages as they are without stored metadata."""
        marks = ", ".join("?" * len(names))
        run_sql(
            self.server.data,
            f"UPDATE files SET metadata_sha256 = NULL WHERE normalised_name IN ({marks})",  # noqa: S608  question marks
            *names,
        )
        # As every change does, so that no page is answered from memory.
        run_sql(self.server.data, "UPDATE counters SET value = value + 1 WHERE name = 'serial'")
        run_sql(
            self.server.data,
            "UPDATE names SET serial = (SELECT value FROM counters WHERE name = 'serial') "  # noqa: S608  question marks
            f"WHERE normalised IN ({marks})",
            *names,
        )

    def wheel_path(self, name: str) -> Path:
        digest = hashlib.sha256(WHEELS[name][1]).hexdigest()
        return self.server.data / "blobs" / distribution_key(digest)

    def metadata_path(self, name: str) -> Path:
        digest = hashlib.sha256(DOCUMENTS[name]).hexdigest()
        return self.server.data / "blobs" / core_metadata_key(digest)

    def backfill(self) -> tuple[int, int]:
        return self.registry.run(
            lambda machines, by: metadata.backfill_metadata(machines.db, machines.blobs, by)
        )

    def upkeep(self, *options: str) -> tuple[int, int]:
        told = shown("upkeep", *options, "--data", self.server.data)
        return told["metadata_filled"], told["metadata_unreadable"]


@pytest.fixture
def place(start_server: Callable[..., Server]) -> Place:
    server = start_server()
    registry = Registry(server.data)
    project, secret = registry.publisher()
    base = f"{server.address}/api/v4/projects/{project.id}/packages/pypi"
    place = Place(server, registry, base, ("__token__", secret))
    for filename, content in (*WHEELS.values(), SDIST):
        assert upload(base, place.auth, filename, content).status_code == requests.codes.created
    return place


def assert_complete(place: Place) -> None:
    for name in NAMES:
        digest = hashlib.sha256(DOCUMENTS[name]).hexdigest()
        assert place.advertised(name)[WHEELS[name][0]] == {"sha256": digest}
        assert place.beside(name).content == DOCUMENTS[name]


@touches_the_disk
def test_forgotten_metadata_is_filled_in(place: Place) -> None:
    assert_complete(place)
    place.forget(*NAMES)
    for name in NAMES:
        place.metadata_path(name).unlink()
        assert place.advertised(name)[WHEELS[name][0]] is None
        assert place.beside(name).status_code == requests.codes.not_found
    tag = place.get("/simple/one/").headers["etag"]
    serial = int(place.get("/simple/one/").headers["x-pypi-last-serial"])
    assert place.upkeep("--backfill") == (3, 0)
    assert_complete(place)
    assert place.advertised("one")[SDIST[0]] is None, "never for an sdist"
    assert place.get("/simple/one/").headers["etag"] != tag
    assert int(place.get("/simple/one/").headers["x-pypi-last-serial"]) > serial
    assert place.upkeep("--backfill") == (0, 0), "there is nothing left to do"
    assert_complete(place)


@touches_the_disk
def test_wheels_that_cannot_be_read_are_counted_and_left(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.forget(*NAMES)
    place.wheel_path("one").unlink()
    damaged = place.wheel_path("two")
    damaged.chmod(0o600)
    damaged.write_bytes(b"junk")
    # In batches of one, so that what cannot be read stands between what can.
    monkeypatch.setattr(metadata, "_BATCH", 1)
    for filled in (1, 0):
        assert place.backfill() == (filled, 2)
    assert place.advertised("three")[WHEELS["three"][0]] is not None
    for name in ("one", "two"):
        assert place.advertised(name)[WHEELS[name][0]] is None
        assert place.beside(name).status_code == requests.codes.not_found
    damaged.write_bytes(WHEELS["two"][1])
    assert place.backfill() == (1, 1)
    assert place.beside("two").content == DOCUMENTS["two"]


@touches_the_disk
def test_old_metadata_that_no_row_names_is_not_collected_from_under_it(place: Place) -> None:
    place.forget("one", "two")
    long_ago = time.time() - 72 * 3600
    for name in ("one", "two"):
        os.utime(place.metadata_path(name), (long_ago, long_ago))
    assert place.backfill() == (2, 0)
    assert_complete(place)
    place.forget("one")
    os.utime(place.metadata_path("one"), (long_ago, long_ago))
    told = shown("upkeep", "--data", place.server.data)
    assert (told["orphaned_blobs"], told["metadata_filled"]) == (1, 0)
    assert not place.metadata_path("one").exists()
    assert place.backfill() == (1, 0)
    assert_complete(place)
