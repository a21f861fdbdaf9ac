"""The matrix of docs/clients.md: what each client does, with nothing but this server's index."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from clients.guide_package import GREET, GuidePackage
from clients.history import add_wheel_at
from clients.index import Index
from clients.matrix import (
    ALL_INSTALLERS,
    ALL_PUBLISHERS,
    HISTORIANS,
    INSTALLERS,
    LOCKERS,
)
from clients.sandbox import Sandbox
from distributions import build_wheel
from registry import Registry
from wheelyard.actions.releases import require_release, yank
from wheelyard.app import Machinery
from wheelyard.domain.models.callers import Caller

VERSION = "from importlib.metadata import version; print(version('thing'))"
Cell = Callable[..., None]
WHEEL = "mypypipackage-0.0.1-py3-none-any.whl"
SDIST = "mypypipackage-0.0.1.tar.gz"


@pytest.mark.parametrize("name", ALL_PUBLISHERS)
def test_upload(
    name: str, index: Index, sandbox: Sandbox, old_package: GuidePackage, cell: Cell
) -> None:
    publisher = ALL_PUBLISHERS[name]
    wheel = publisher.publish(sandbox, index, [old_package.wheel])
    assert wheel.is_success, wheel.output
    assert set(index.files("mypypipackage")) == {WHEEL}
    cell("upload a wheel", name)
    sdist = publisher.publish(sandbox, index, [old_package.sdist])
    assert sdist.is_success, sdist.output
    before = index.files("mypypipackage")
    assert set(before) == {WHEEL, SDIST}
    cell("upload an sdist", name)
    again = publisher.publish(sandbox, index, old_package.files)
    assert again.is_success, again.output
    assert index.files("mypypipackage") == before
    cell("upload twice", name)


@pytest.mark.parametrize("name", ALL_PUBLISHERS)
def test_conflicting_upload(
    *,
    name: str,
    index: Index,
    registry: Registry,
    sandbox: Sandbox,
    old_package: GuidePackage,
    cell: Cell,
) -> None:
    registry.configure(index.project, "duplicates", "deny")
    index.add(WHEEL, build_wheel("mypypipackage", "0.0.1")[1])
    before = index.files("mypypipackage")
    refused = ALL_PUBLISHERS[name].publish(sandbox, index, [old_package.other_wheel])
    assert index.files("mypypipackage") == before
    if name == "hatch":
        assert "already exists" in refused.output
        cell("conflicting upload", name, "no: skips names that are taken")
        return
    assert not refused.is_success, refused.output
    assert "409" in refused.output
    cell("conflicting upload", name)


@pytest.mark.parametrize("name", ALL_PUBLISHERS)
def test_upload_with_a_wrong_token(
    name: str, index: Index, sandbox: Sandbox, old_package: GuidePackage, cell: Cell
) -> None:
    wrong = index.used_with("glpat-wrong")
    refused = ALL_PUBLISHERS[name].publish(sandbox, wrong, [old_package.wheel])
    assert not refused.is_success, refused.output
    assert "401" in refused.output
    assert index.files("mypypipackage") == {}
    cell("wrong token", name)


@pytest.mark.parametrize("name", ALL_INSTALLERS)
def test_install(
    name: str, index: Index, sandbox: Sandbox, old_package: GuidePackage, cell: Cell
) -> None:
    for file in old_package.files:
        index.add(file.name, file.read_bytes())
    python = sandbox.new_environment()
    installed = ALL_INSTALLERS[name].install(sandbox, index, python, "mypypipackage")
    assert installed.is_success, installed.output
    assert sandbox.run(python, "-c", GREET).output == "Hello from MyPyPiPackage"
    cell("install", name)


@pytest.mark.parametrize("name", INSTALLERS)
def test_install_by_hash(name: str, index: Index, sandbox: Sandbox, cell: Cell) -> None:
    filename, content = build_wheel("thing", "1.0")
    index.add(filename, content)
    python = sandbox.new_environment()
    digests = {"wrong": "0" * 64, "right": hashlib.sha256(content).hexdigest()}
    files = {
        which: sandbox.write(f"{which}.txt", f"thing==1.0 --hash=sha256:{digest}".encode())
        for which, digest in digests.items()
    }
    installer = INSTALLERS[name]
    refused = installer.install(sandbox, index, python, "-r", files["wrong"])
    assert not refused.is_success
    assert "hash" in refused.output.lower()
    installed = installer.install(sandbox, index, python, "-r", files["right"])
    assert installed.is_success, installed.output
    assert sandbox.run(python, "-c", VERSION).output == "1.0"
    cell("install by hash", name)


@pytest.mark.parametrize("name", LOCKERS)
def test_lock_and_install_from_the_lock(
    name: str, index: Index, sandbox: Sandbox, cell: Cell
) -> None:
    locker = LOCKERS[name]
    filename, content = build_wheel("thing", "1.0")
    digest = hashlib.sha256(content).hexdigest()
    index.add(filename, content)
    python = sandbox.new_environment()
    locked = locker.lock(sandbox, index, python, "thing")
    assert locked.is_success, locked.output
    index.add(*build_wheel("thing", "2.0"))
    lock = sandbox.project / locker.lock_name
    text = lock.read_text()
    assert digest in text
    assert index.secret not in text
    lock.write_text(re.sub(r"(sha256\W+)[0-9a-f]{64}", r"\g<1>" + "0" * 64, text))
    refused = locker.install_locked(sandbox, index, python)
    assert not refused.is_success, refused.output
    assert not sandbox.run(python, "-c", VERSION).is_success
    lock.write_text(text)
    installed = locker.install_locked(sandbox, index, python)
    assert installed.is_success, installed.output
    assert sandbox.run(python, "-c", VERSION).output == "1.0"
    cell("lock, install from it", name)
    if name not in INSTALLERS:
        # These take hashes from their locks alone; the changed one was refused above.
        cell("install by hash", name)


@pytest.mark.parametrize("name", ALL_INSTALLERS)
def test_yanked(name: str, index: Index, registry: Registry, sandbox: Sandbox, cell: Cell) -> None:
    for version in ("1.0", "2.0"):
        index.add(*build_wheel("thing", version))

    async def work(machines: Machinery, by: Caller) -> None:
        async with machines.db.read() as tx:
            release = await require_release(tx, index.project, "thing", "2.0")
        await yank(machines.db, by, index.project, release, reason="it is broken")

    registry.run(work)
    for requirement, chosen in (("thing>=1.0", "1.0"), ("thing==2.0", "2.0")):
        python = sandbox.new_environment()
        installed = ALL_INSTALLERS[name].install(sandbox, index, python, requirement)
        assert installed.is_success, installed.output
        assert sandbox.run(python, "-c", VERSION).output == chosen
    cell("yanked", name)


@pytest.mark.parametrize("name", HISTORIANS)
def test_only_older_files(
    name: str, index: Index, registry: Registry, sandbox: Sandbox, cell: Cell
) -> None:
    now = datetime.now(UTC)
    add_wheel_at(registry, index.project, now - timedelta(days=30), "thing", "1.0")
    index.add(*build_wheel("thing", "2.0"))
    python = sandbox.new_environment()
    before = now - timedelta(days=7)
    installed = HISTORIANS[name].install_older(sandbox, index, python, before, "thing")
    assert installed.is_success, installed.output
    assert sandbox.run(python, "-c", VERSION).output == "1.0"
    cell("only older files", name)


@pytest.mark.parametrize("name", ALL_INSTALLERS)
def test_credentials_are_in_netrc_or_nowhere(
    name: str, index: Index, sandbox: Sandbox, cell: Cell
) -> None:
    index.add(*build_wheel("thing", "1.0"))
    python = sandbox.new_environment()
    anonymous = index.used_with("", "")
    refused = ALL_INSTALLERS[name].install(sandbox, anonymous, python, "thing")
    assert not refused.is_success
    assert REFUSALS[name] in refused.output
    cell("no credentials", name)
    netrc = sandbox.home / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login __token__ password {index.secret}\n")
    netrc.chmod(0o600)
    installed = ALL_INSTALLERS[name].install(sandbox, anonymous, python, "thing")
    assert installed.is_success, installed.output
    cell("`.netrc` alone", name)


REFUSALS = {
    "pip": "No matching distribution found for thing",
    "pip-23.2": "No matching distribution found for thing",
    "uv": "401",
    "poetry": "Authorization error",
    "pdm": "issues with the package name or network condition",
}
