"""GitLab's guide from the upload to the greeting, with clients of today and of some years ago."""

import hashlib
import re

import pytest

from clients.guide_package import GREET, GuidePackage
from clients.index import Index
from clients.matrix import INSTALLERS, PUBLISHERS
from clients.sandbox import Sandbox
from registry import Registry


@pytest.mark.parametrize(
    "names",
    [
        ("twine", "pip", "package"),
        ("twine-5.1", "pip-23.2", "old_package"),
        ("uv", "uv", "package"),
    ],
    ids=" ".join,
)
def test_guide(
    names: tuple[str, str, str],
    request: pytest.FixtureRequest,
    index: Index,
    registry: Registry,
    sandbox: Sandbox,
) -> None:
    package: GuidePackage = request.getfixturevalue(names[2])
    publisher, installer = PUBLISHERS[names[0]], INSTALLERS[names[1]]
    user = registry.user()
    registry.member(index.project, user, "guest")
    reader = index.used_with(registry.token(user, "read_api"))
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in package.files}
    wheel = package.wheel.name
    assert list(digests) == ["mypypipackage-0.0.1-py3-none-any.whl", "mypypipackage-0.0.1.tar.gz"]

    published = publisher.publish(sandbox, index, package.files)
    assert published.is_success, published.output
    listed = index.files("mypypipackage")
    assert {name: file["hashes"]["sha256"] for name, file in listed.items()} == digests
    assert {file["requires-python"] for file in listed.values()} == {">=3.6"}

    python = sandbox.new_environment()
    installed = installer.install(sandbox, reader, python, "--no-deps", "mypypipackage")
    assert installed.is_success, installed.output
    path = f"/api/v4/projects/{index.project.id}/packages/pypi/files/{digests[wheel]}/{wheel}"
    assert re.search(rf"{re.escape(path)}(?!\.metadata)", installed.output)
    assert sandbox.run(python, "-c", GREET).output == "Hello from MyPyPiPackage"

    published = publisher.publish(sandbox, index, [package.other_wheel])
    assert published.is_success, published.output
    python = sandbox.new_environment()
    installed = installer.install(sandbox, reader, python, "--no-deps", "mypypipackage")
    assert installed.is_success, installed.output
    assert sandbox.run(python, "-c", GREET).output == "Hello again from MyPyPiPackage"
    old = index.content(index.file_url(wheel, digests[wheel]))
    assert old == package.wheel.read_bytes()
