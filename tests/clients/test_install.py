"""What every installing client makes of the index: choice, checks, refusals."""

import hashlib
import re
from collections.abc import Callable

from clients.environments import client
from clients.guide_package import GREET, GuidePackage
from clients.index import Index
from clients.matrix import INSTALLERS
from clients.roles import Installer
from clients.sandbox import Sandbox
from distributions import build_metadata, build_wheel
from registry import Registry
from running import Server

VERSION_OF = "from importlib.metadata import version; print(version('{}'))"


def add_package(index: Index, package: GuidePackage) -> None:
    for file in package.files:
        index.add(file.name, file.read_bytes())


def test_hashes_are_compared(
    installer: Installer, index: Index, sandbox: Sandbox, package: GuidePackage
) -> None:
    add_package(index, package)
    python = sandbox.new_environment()
    wrong = sandbox.write("wrong.txt", b"mypypipackage==0.0.1 --hash=sha256:" + b"0" * 64)
    refused = installer.install(sandbox, index, python, "--require-hashes", "-r", wrong)
    assert not refused.is_success
    assert "hash" in refused.output.lower()
    digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in package.files]
    hashes = " ".join(f"--hash=sha256:{digest}" for digest in digests)
    right = sandbox.write("right.txt", f"mypypipackage==0.0.1 {hashes}".encode())
    installed = installer.install(sandbox, index, python, "--require-hashes", "-r", right)
    assert installed.is_success, installed.output
    assert sandbox.run(python, "-c", GREET).output == "Hello from MyPyPiPackage"


def test_sdist_is_built_and_installed(
    installer: Installer, index: Index, sandbox: Sandbox, package: GuidePackage
) -> None:
    add_package(index, package)
    python = client("build") / "python"  # has setuptools; nothing is installed into it
    options = ("--target", sandbox.root / "lib", "--no-build-isolation", "--no-deps")
    binary = ("--no-binary", "mypypipackage")
    installed = installer.install(sandbox, index, python, *options, *binary, "mypypipackage")
    assert installed.is_success, installed.output
    assert "mypypipackage-0.0.1.tar.gz" in installed.output
    greeted = sandbox.run(
        python, "-c", GREET, environment={"PYTHONPATH": str(sandbox.root / "lib")}
    )
    assert greeted.output == "Hello from MyPyPiPackage"


def test_newest_version_for_this_python_is_taken_with_what_it_needs(
    installer: Installer, index: Index, sandbox: Sandbox
) -> None:
    needs = build_metadata("thing", "1.1", fields=[("Requires-Dist", "Other.Thing>=2")])
    index.add(*build_wheel("thing", "1.0"))
    index.add(*build_wheel("thing", "1.1", metadata=needs))
    index.add(*build_wheel("thing", "2.0", requires_python=">=99"))
    index.add(*build_wheel("Other.Thing", "2.5"))
    index.add(*build_wheel("Other.Thing", "3.0rc1"))
    python = sandbox.new_environment()
    installed = installer.install(sandbox, index, python, "thing")
    assert installed.is_success, installed.output
    assert sandbox.run(python, "-c", VERSION_OF.format("thing")).output == "1.1"
    assert sandbox.run(python, "-c", VERSION_OF.format("other-thing")).output == "2.5"
    refused = installer.install(sandbox, index, python, "thing==2.0")
    assert not refused.is_success
    assert ">=99" in refused.output


def test_metadata_is_read_before_any_wheel(
    start_server: Callable[..., Server], sandbox: Sandbox
) -> None:
    server = start_server(environment={"WHEELYARD_ACCESS_LOG": "true"})
    project, secret = Registry(server.data).publisher()
    index = Index(server.address, project, secret, owner_secret=secret)
    index.add(*build_wheel("thing", "1.0"))
    for installer in INSTALLERS.values():
        begin = server.output.stat().st_size
        python = sandbox.new_environment()
        planned = installer.install(sandbox, index, python, "--dry-run", "thing")
        assert planned.is_success, planned.output
        requests = server.output.read_text()[begin:]
        fetched = re.findall(r"thing-1\.0-py3-none-any\.whl[.a-z]*", requests)
        assert fetched[0] == "thing-1.0-py3-none-any.whl.metadata"


def test_wrong_token_installs_nothing(installer: Installer, index: Index, sandbox: Sandbox) -> None:
    index.add(*build_wheel("thing", "1.0"))
    python = sandbox.new_environment()
    refused = installer.install(sandbox, index.used_with("glpat-wrong"), python, "thing")
    assert not refused.is_success
    # pip without a terminal to ask at treats every 4xx as a page without files.
    assert re.search("401|No matching distribution", refused.output)
    assert not sandbox.run(python, "-c", "import thing").is_success


def test_token_needs_a_scope_that_reads_packages(
    installer: Installer, index: Index, registry: Registry, sandbox: Sandbox
) -> None:
    index.add(*build_wheel("thing", "1.0"))
    user = registry.user()
    registry.member(index.project, user, "owner")
    reader = index.used_with(registry.token(user, "read_user"))
    python = sandbox.new_environment()
    assert not installer.install(sandbox, reader, python, "thing").is_success
    created = registry.deploy_token(index.project, "read_package_registry")
    deployed = index.used_with(created.secret, created.token.username or "")
    installed = installer.install(sandbox, deployed, python, "thing")
    assert installed.is_success, installed.output
