"""TLS: served when asked for, and every wrong way of asking is told in one sentence."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from distributions import build_wheel
from running import Server
from serving.certificates import Certificate, make_certificate
from serving.publishing import Publisher


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return make_certificate(tmp_path)


def test_publish_and_read_back(
    start_server: Callable[..., Server], certificate: Certificate
) -> None:
    server = start_server(*certificate.options)
    assert server.address.startswith("https://127.0.0.1:")
    assert f"repository = {server.address}/api/v4/projects/" in server.output.read_text()
    publisher = Publisher.of(server)
    filename, content = build_wheel("secure", "1.0")
    with certificate.session() as session:
        assert publisher.upload(filename, content, session).status_code == 201
        url = publisher.listed("secure", session)[filename]
        assert publisher.get(url, session).content == content
    with pytest.raises(requests.exceptions.SSLError):
        publisher.names()


def test_plain_http_gets_no_answer(
    start_server: Callable[..., Server], certificate: Certificate
) -> None:
    server = start_server(*certificate.options)
    with pytest.raises(requests.ConnectionError):
        requests.get(server.address.replace("https", "http") + "/-/health", timeout=10)


def serve(tmp_path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wheelyard", "serve", "--port", "0", *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_one_option_needs_the_other(tmp_path: Path, certificate: Certificate) -> None:
    for half in (certificate.options[:2], certificate.options[2:]):
        ended = serve(tmp_path, *half)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert ended.stderr == "wheelyard: --tls-cert and --tls-key belong together.\n"


def test_a_missing_file(tmp_path: Path, certificate: Certificate) -> None:
    ended = serve(tmp_path, "--tls-cert", "absent.pem", "--tls-key", str(certificate.key))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "wheelyard: there is no file absent.pem.\n"


@pytest.mark.parametrize("kind", ["garbage", "swapped", "another key"])
def test_files_that_do_not_fit(tmp_path: Path, certificate: Certificate, kind: str) -> None:
    chain, key = certificate.chain, certificate.key
    if kind == "garbage":
        chain.write_text("not a certificate")
    elif kind == "swapped":
        chain, key = key, chain
    else:
        (tmp_path / "other").mkdir()
        key = make_certificate(tmp_path / "other").key
    ended = serve(tmp_path, "--tls-cert", str(chain), "--tls-key", str(key))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"wheelyard: cannot use {chain} and {key}: they are not a PEM certificate and its key "
        "without a password.\n"
    )
    assert not (tmp_path / "wheelyard-data").exists()
