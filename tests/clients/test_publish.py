"""What every publishing client does with the server's answers, good and bad."""

import os

from clients.guide_package import GuidePackage
from clients.index import Index
from clients.roles import Publisher
from clients.sandbox import Sandbox
from distributions import build_wheel
from registry import Registry

WHEEL = "mypypipackage-0.0.1-py3-none-any.whl"
LIMIT_BYTES = 50 * 1024 * 1024


def test_publishing_the_same_again_succeeds_and_changes_nothing(
    publisher: Publisher, index: Index, sandbox: Sandbox, old_package: GuidePackage
) -> None:
    assert publisher.publish(sandbox, index, old_package.files).is_success
    before = index.files("mypypipackage")
    again = publisher.publish(sandbox, index, old_package.files)
    assert again.is_success, again.output
    assert index.files("mypypipackage") == before
    assert len(before) == 2


def test_other_content_is_refused_where_duplicates_are_denied(
    publisher: Publisher,
    index: Index,
    registry: Registry,
    sandbox: Sandbox,
    old_package: GuidePackage,
) -> None:
    registry.configure(index.project, "duplicates", "deny")
    assert publisher.publish(sandbox, index, old_package.files).is_success
    before = index.files("mypypipackage")
    refused = publisher.publish(sandbox, index, [old_package.other_wheel])
    assert not refused.is_success
    assert "409 Conflict" in refused.output
    assert f"{WHEEL} already exists in this project with other content" in refused.output
    assert index.files("mypypipackage") == before


def test_wrong_token_is_refused(
    publisher: Publisher, index: Index, sandbox: Sandbox, old_package: GuidePackage
) -> None:
    refused = publisher.publish(sandbox, index.used_with("glpat-wrong"), old_package.files)
    assert not refused.is_success
    assert "401 Unauthorized" in refused.output
    assert index.files("mypypipackage") == {}


def test_deploy_token_publishes_when_it_may_write(
    publisher: Publisher,
    index: Index,
    registry: Registry,
    sandbox: Sandbox,
    old_package: GuidePackage,
) -> None:
    reader = registry.deploy_token(index.project, "read_package_registry")
    name = reader.token.username or ""
    refused = publisher.publish(sandbox, index.used_with(reader.secret, name), old_package.files)
    assert not refused.is_success
    assert "403 Forbidden" in refused.output
    assert index.files("mypypipackage") == {}
    writer = registry.deploy_token(index.project, "write_package_registry")
    name = writer.token.username or ""
    published = publisher.publish(sandbox, index.used_with(writer.secret, name), old_package.files)
    assert published.is_success, published.output
    assert len(index.files("mypypipackage")) == 2


def test_too_large_file_is_refused_with_a_sentence_and_leaves_nothing(
    publisher: Publisher, index: Index, sandbox: Sandbox
) -> None:
    filename, content = build_wheel(
        "big", "1.0", files={"big/data.bin": os.urandom(LIMIT_BYTES + 1)}
    )
    refused = publisher.publish(sandbox, index, [sandbox.write(filename, content)])
    assert not refused.is_success
    assert "413" in refused.output
    assert f"this server takes files of up to {LIMIT_BYTES} bytes" in refused.output
    assert index.files("big") == {}


def test_mistakes_of_a_file_are_told(publisher: Publisher, index: Index, sandbox: Sandbox) -> None:
    filename, content = build_wheel("broken", "1.0", record=b"")
    refused = publisher.publish(sandbox, index, [sandbox.write(filename, content)])
    assert not refused.is_success
    assert "400" in refused.output
    assert "RECORD" in refused.output
    assert index.files("broken") == {}
