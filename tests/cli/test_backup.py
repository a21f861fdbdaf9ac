"""`wheelyard backup` and `restore`: a drill with a server that goes on, and what is refused."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Event

import pytest

from cli.calling import shown, wheelyard
from cli.test_verify import on_shelf
from databases import forget, is_postgresql
from distributions import build_wheel
from object_stores import S3Server
from running import Server
from serving.publishing import Publisher
from shelves import Shelf, key_of
from stores import touches_the_disk

StartServer = Callable[..., Server]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def files_in(folder: Path) -> dict[str, int]:
    """Return the files below a folder, with their inodes."""
    return {
        str(path.relative_to(folder)): path.stat().st_ino
        for path in folder.rglob("*")
        if path.is_file()
    }


def published_while(work: Callable[[], object], publisher: Publisher) -> dict[str, bytes]:
    """Upload wheels all the time while `work` is done; return those that were acknowledged."""
    done = Event()
    acknowledged: dict[str, bytes] = {}

    def publish() -> None:
        for number in count():
            filename, content = build_wheel("stream", f"1.{number}", files={"s/x": os.urandom(999)})
            assert publisher.upload(filename, content).status_code == 201
            acknowledged[filename] = content
            if done.is_set():
                return

    with ThreadPoolExecutor(1) as thread:
        publishing = thread.submit(publish)
        try:
            work()
        finally:
            done.set()
        publishing.result(timeout=120)
    return acknowledged


@pytest.fixture
def restored(tmp_path: Path) -> Iterator[Server]:
    """Return a server that does not run yet, on a folder that is not there yet."""
    server = Server(tmp_path / "restored")
    yield server
    if server.is_running():
        assert server.stop() == 0
    if is_postgresql():
        forget(server.data)


def test_the_drill(start_server: StartServer, restored: Server, tmp_path: Path) -> None:
    """Back up beside uploads, lose everything, bring it back, and go on."""
    server, folder = start_server(), tmp_path / "backup"
    publisher = Publisher.of(server)
    large = build_wheel("large", "1.0", files={"large/x": os.urandom(3 * 1024 * 1024)})
    assert publisher.upload(*large).status_code == 201
    published_while(lambda: shown("backup", folder, "--data", server.data), publisher)
    # What has come since the first backup is in the second.
    assert publisher.upload(*build_wheel("late", "1.0")).status_code == 201
    told = shown("backup", folder, "--data", server.data)
    assert 0 < told["copied_objects"] < told["objects"]
    expected = {name: publisher.listed(name) for name in publisher.names()}
    assert server.stop() == 0
    shutil.rmtree(server.data)

    told = shown("restore", folder, "--data", restored.data)
    assert (told["ok"], told["objects"]) == (True, told["copied_objects"])
    assert shown("verify", "--deep", "--data", restored.data)["ok"]
    assert shown("audit", "verify", "--data", restored.data)["ok"]
    again = Publisher(restored.start(), publisher.project_id, publisher.secret)
    assert again.names() == list(expected)
    for name, files in expected.items():
        assert list(again.listed(name)) == list(files)
        for url in again.listed(name).values():
            assert again.sha256(url) == url.rpartition("/files/")[2].partition("/")[0]
    assert again.upload(*build_wheel("after", "1.0")).status_code == 201


def test_each_backup_is_whole_whatever_goes_on(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server()
    publisher = Publisher.of(server)
    folders = [tmp_path / f"backup-{number}" for number in range(2)]

    def back_up() -> None:
        for folder in folders:
            assert shown("backup", folder, "--data", server.data)["ok"]

    published_while(back_up, publisher)
    for number, folder in enumerate(folders):
        data = tmp_path / f"restored-{number}"
        assert shown("restore", folder, "--data", data)["ok"]
        assert shown("verify", "--deep", "--data", data)["ok"]
        if is_postgresql():
            forget(data)


@touches_the_disk
def test_a_second_backup_copies_what_is_new_and_drops_what_is_gone(
    data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    one = on_shelf(data, lambda shelf: shelf.add("one"))
    first = shown("backup", folder, "--data", data)
    assert (first["objects"], first["copied_objects"], first["files"]) == (2, 2, 1)
    before = files_in(folder / "blobs")
    assert before[key_of(one)] == (data / "blobs" / key_of(one)).stat().st_ino, "linked, not copied"
    again = shown("backup", folder, "--data", data)
    assert (again["objects"], again["copied_objects"]) == (2, 0)
    assert files_in(folder / "blobs") == before
    two = on_shelf(data, lambda shelf: shelf.add("two"))

    async def delete(shelf: Shelf) -> None:
        async with shelf.machines.db.write() as tx:
            await tx.releases.delete_file(one)

    on_shelf(data, delete)
    later = shown("backup", folder, "--data", data)
    assert (later["objects"], later["copied_objects"]) == (2, 2)
    assert key_of(one) not in files_in(folder / "blobs")
    assert key_of(two) in files_in(folder / "blobs")
    note = json.loads((folder / "backup.json").read_text())
    assert (note["objects"], note["serial"]) == (2, later["serial"])


def test_a_backup_is_for_its_owner_only(data: Path, tmp_path: Path) -> None:
    on_shelf(data, lambda shelf: shelf.add("one"))
    shown("backup", tmp_path / "backup", "--data", data)
    for path in [tmp_path / "backup", *(tmp_path / "backup").rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_bytes_that_are_missing_are_told_and_the_rest_is_backed_up(
    data: Path, tmp_path: Path
) -> None:
    lost = on_shelf(data, lambda shelf: shelf.add("lost"))
    on_shelf(data, lambda shelf: shelf.add("fine"))
    on_shelf(data, lambda shelf: shelf.replace(key_of(lost), None))
    ended = wheelyard("backup", tmp_path / "backup", "--data", data, "--json")
    assert ended.returncode == 1
    told = json.loads(ended.stdout)
    assert (told["ok"], told["missing"], told["copied_objects"]) == (False, [key_of(lost)], 3)
    assert key_of(lost) in ended.stderr
    refused = wheelyard("restore", tmp_path / "backup", "--data", tmp_path / "restored")
    assert refused.returncode == 1
    assert key_of(lost) in refused.stderr
    saved = tmp_path / "saved"
    told = shown("restore", "--incomplete", tmp_path / "backup", "--data", saved)
    assert (told["missing"], told["copied_objects"]) == ([key_of(lost)], 3)
    again = shown("verify", "--data", saved)
    assert (again["ok"], again["lost"]) == (True, 1)
    assert on_shelf(saved, lambda shelf: shelf.listed()) == {"fine-1.0-py3-none-any.whl"}
    shown("verify", "--repair", "--data", data)
    assert shown("backup", tmp_path / "backup", "--data", data)["ok"]
    assert shown("restore", tmp_path / "backup", "--data", tmp_path / "restored")["ok"]


def test_what_is_no_backup_is_not_restored(data: Path, tmp_path: Path) -> None:
    on_shelf(data, lambda shelf: shelf.add("one"))
    folder, target = tmp_path / "backup", tmp_path / "restored"
    missing = wheelyard("restore", folder, "--data", target)
    assert (missing.returncode, "no finished backup" in missing.stderr) == (1, True)
    shown("backup", folder, "--data", data)
    with (folder / "wheelyard.db").open("ab") as file:
        file.write(b"more")
    changed = wheelyard("restore", folder, "--data", target)
    assert (changed.returncode, "was changed" in changed.stderr) == (1, True)
    (folder / "backup.json").write_text("[]")
    spoilt = wheelyard("restore", folder, "--data", target)
    assert (spoilt.returncode, "no finished backup" in spoilt.stderr) == (1, True)


def test_a_backup_with_wrong_bytes_is_not_restored(data: Path, tmp_path: Path) -> None:
    file = on_shelf(data, lambda shelf: shelf.add("one"))
    folder = tmp_path / "backup"
    shown("backup", folder, "--data", data)
    stored = folder / "blobs" / key_of(file)
    content = stored.read_bytes()
    stored.unlink()
    stored.write_bytes(content[:-1] + b"?")
    refused = wheelyard("restore", folder, "--data", tmp_path / "restored")
    assert (refused.returncode, key_of(file) in refused.stderr) == (1, True)
    assert shown("verify", "--data", tmp_path / "restored")["objects"] == 0, "no row came along"


def test_a_folder_of_somebody_elses_is_left_alone(data: Path, tmp_path: Path) -> None:
    on_shelf(data, lambda shelf: shelf.add("one"))
    for name in ("notes.txt", "wheelyard.db"):
        folder = tmp_path / name.replace(".", "-")
        folder.mkdir()
        (folder / name).write_text("mine")
        ended = wheelyard("backup", folder, "--data", data)
        assert (ended.returncode, "something else" in ended.stderr) == (1, True)
        assert [path.name for path in folder.iterdir()] == [name]


def test_another_registry_is_not_overwritten(data: Path, tmp_path: Path) -> None:
    on_shelf(data, lambda shelf: shelf.add("one"))
    shown("backup", tmp_path / "backup", "--data", data)
    other = tmp_path / "other"
    on_shelf(other, lambda shelf: shelf.add("mine"))
    before = on_shelf(other, lambda shelf: shelf.machines.db.totals())
    ended = wheelyard("restore", tmp_path / "backup", "--data", other)
    assert (ended.returncode, "another registry" in ended.stderr) == (1, True)
    assert on_shelf(other, lambda shelf: shelf.machines.db.totals()) == before
    # Nor the same one in a later state.
    on_shelf(data, lambda shelf: shelf.add("two"))
    later = wheelyard("restore", tmp_path / "backup", "--data", data)
    assert (later.returncode, "written to since" in later.stderr) == (1, True)
    assert shown("verify", "--data", data)["objects"] == 4


def test_a_backup_of_an_object_store_and_back_to_one(
    data: Path, tmp_path: Path, s3: S3Server
) -> None:
    environment = {**s3.environment, "WHEELYARD_BLOBS": s3.fresh_url()}
    user = wheelyard("user", "create", "ann", "--data", data, **environment)
    assert user.returncode == 0
    server = Server(data, environment=environment).start()
    publisher = Publisher(server, 0, "")
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("WHEELYARD_BLOBS", environment["WHEELYARD_BLOBS"])
            publisher = Publisher.of(server)
        wheel = build_wheel("large", "1.0", files={"large/x": os.urandom(9 * 1024 * 1024)})
        assert publisher.upload(*wheel).status_code == 201
    finally:
        assert server.stop() == 0
    folder = tmp_path / "backup"
    made = wheelyard("backup", folder, "--data", data, "--json", **environment)
    assert json.loads(made.stdout)["copied_objects"] == 2, made
    elsewhere = environment | {"WHEELYARD_BLOBS": s3.fresh_url()}
    back = wheelyard("restore", folder, "--data", tmp_path / "new", "--json", **elsewhere)
    assert json.loads(back.stdout)["copied_objects"] == 2, back
    checked = wheelyard("verify", "--deep", "--data", tmp_path / "new", **elsewhere)
    assert checked.returncode == 0, checked
