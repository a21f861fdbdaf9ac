"""What pip alone can do with an index."""

from datetime import UTC, datetime

import pytest

from clients.index import Index
from clients.pip_client import Pip
from clients.sandbox import Sandbox
from distributions import build_sdist, build_wheel


@pytest.fixture(params=["pip", "pip-23.2"])
def pip(request: pytest.FixtureRequest) -> Pip:
    return Pip(request.param)


def test_download(pip: Pip, index: Index, sandbox: Sandbox) -> None:
    filename, content = build_wheel("thing", "1.0")
    index.add(filename, content)
    folder = sandbox.root / "downloads"
    downloaded = pip.run(sandbox, index, "download", "--dest", folder, "thing")
    assert downloaded.is_success, downloaded.output
    assert (folder / filename).read_bytes() == content


def test_index_versions(pip: Pip, index: Index, sandbox: Sandbox) -> None:
    for version in ("1.9", "1.10", "2.0a1"):
        index.add(*build_sdist("thing", version))
    answered = pip.run(sandbox, index, "index", "versions", "thing")
    assert answered.is_success, answered.output
    assert "Available versions: 1.10, 1.9" in answered.output


def test_uploaded_prior_to(index: Index, sandbox: Sandbox) -> None:
    index.add(*build_wheel("thing", "1.0"))
    between = datetime.now(UTC).isoformat()
    index.add(*build_wheel("thing", "2.0"))
    python = sandbox.new_environment()
    options = ("--uploaded-prior-to", between)
    installed = Pip().install(sandbox, index, python, *options, "thing")
    assert installed.is_success, installed.output
    assert "Successfully installed thing-1.0" in installed.output
