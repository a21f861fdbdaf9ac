"""What uv alone can do with an index."""

from datetime import UTC, datetime

from clients.guide_package import GuidePackage
from clients.index import Index
from clients.sandbox import Sandbox
from clients.uv_client import Uv
from distributions import build_wheel

UV = Uv()


def test_credentials_from_netrc_alone(index: Index, sandbox: Sandbox) -> None:
    index.add(*build_wheel("thing", "1.0"))
    python = sandbox.new_environment()
    refused = UV.install_from(sandbox, index.simple_url, python, "thing")
    assert not refused.is_success
    netrc = sandbox.home / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login __token__ password {index.secret}\n")
    netrc.chmod(0o600)
    installed = UV.install_from(sandbox, index.simple_url, python, "thing")
    assert installed.is_success, installed.output


def test_check_url_skips_what_is_there(
    index: Index, sandbox: Sandbox, package: GuidePackage
) -> None:
    check = ("--check-url", index.simple_url_with_credentials)
    first = UV.publish(sandbox, index, package.files, *check)
    assert first.is_success, first.output
    again = UV.publish(sandbox, index, package.files, *check)
    assert again.is_success, again.output
    assert again.output.count("already exists, skipping") == 2
    refused = UV.publish(sandbox, index, [package.other_wheel], *check)
    assert not refused.is_success
    assert len(index.files("mypypipackage")) == 2


def test_exclude_newer(index: Index, sandbox: Sandbox) -> None:
    index.add(*build_wheel("thing", "1.0"))
    between = datetime.now(UTC).isoformat()
    index.add(*build_wheel("thing", "2.0"))
    python = sandbox.new_environment()
    installed = UV.install(sandbox, index, python, "--exclude-newer", between, "thing")
    assert installed.is_success, installed.output
    assert "thing==1.0" in installed.output


def test_second_installation_downloads_nothing(index: Index, sandbox: Sandbox) -> None:
    index.add(*build_wheel("thing", "1.0"))
    first = UV.install(sandbox, index, sandbox.new_environment(), "thing")
    assert first.is_success, first.output
    again = UV.install(sandbox, index, sandbox.new_environment(), "thing")
    assert again.is_success, again.output
    assert "Found fresh response" in again.output or "not modified" in again.output.lower()
