"""`wheelyard serve`: the first start, what it prints, where it listens, whom it believes."""

import json
import os
import re
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from cli.passwords import opens_account
from databases import environment_of
from distributions import build_wheel
from object_stores import S3Server
from registry import Registry
from running import Server
from wheelyard.app import Machinery
from wheelyard.domain.models.callers import Caller

StartServer = Callable[..., Server]


def serve(data: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a server that does not get as far as serving."""
    return subprocess.run(
        [sys.executable, "-m", "wheelyard", "serve", "--data", str(data), *options],
        capture_output=True,
        text=True,
        env={**os.environ, **environment_of(data), **environment},
        timeout=60,
        check=False,
    )


def test_the_first_start_tells_the_password_once(start_server: StartServer) -> None:
    server = start_server()
    file = server.data / "initial_root_password"
    password = file.read_text().strip()
    assert len(password) >= 20
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    first = server.output.read_text()
    assert first.count(password) == 1
    assert str(file) in first

    assert opens_account(server.data, "root", password)
    assert server.stop() == 0
    server.start()
    assert file.read_text().strip() == password
    second = server.output.read_text().removeprefix(first)
    assert str(file) in second
    assert password not in second
    assert opens_account(server.data, "root", password)


def test_a_root_that_exists_keeps_its_password(tmp_path: Path) -> None:
    """Also when the file is gone: it may be deleted once it has been read."""
    server = Server(tmp_path / "data").start()
    server.stop()
    (server.data / "initial_root_password").unlink()
    server.start()
    assert server.stop() == 0
    assert not (server.data / "initial_root_password").exists()


def test_a_password_file_that_is_not_here_is_not_named(start_server: StartServer) -> None:
    """Once it was removed, and on every node but the first."""
    server = start_server()
    assert server.stop() == 0
    (server.data / "initial_root_password").unlink()
    begin = server.output.stat().st_size
    server.start()
    assert "initial_root_password" not in server.output.read_bytes()[begin:].decode()


def test_what_it_prints_can_be_used_as_it_is(start_server: StartServer) -> None:
    server = start_server()
    text = server.output.read_text()
    uploads = f"{server.address}/api/v4/projects/1/packages/pypi"
    assert f"repository = {uploads}\n" in text
    index = uploads.replace("http://", "http://__token__:<token>@")
    assert f"--index-url {index}/simple\n" in text
    assert requests.get(f"{server.address}/-/readiness", timeout=30).status_code == 200


def test_the_external_address_is_printed(start_server: StartServer) -> None:
    server = start_server(environment={"WHEELYARD_EXTERNAL_URL": "https://packages.example.org/x/"})
    text = server.output.read_text()
    assert server.address == "https://packages.example.org/x"
    assert "repository = https://packages.example.org/x/api/v4/projects/1/packages/pypi\n" in text
    assert "https://__token__:<token>@packages.example.org/x/api/v4/" in text


@pytest.mark.parametrize("host", ["localhost", "::1", "0.0.0.0"])  # noqa: S104  a test
def test_hosts(start_server: StartServer, host: str) -> None:
    server = start_server("--host", host)
    assert requests.get(f"{server.address}/-/health", timeout=30).text == "Wheelyard OK"


def test_a_store_that_cannot_be_used(tmp_path: Path, s3: S3Server) -> None:
    ended = serve(tmp_path / "data", WHEELYARD_BLOBS="s3://absent/x", **s3.environment)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.endswith(
        "wheelyard: cannot use s3://absent/x: The bucket of the object store does not exist.\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    environment = s3.environment | {"AWS_ENDPOINT_URL": nobody, "WHEELYARD_BLOBS": s3.fresh_url()}
    ended = serve(tmp_path / "data", **environment)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "The object store does not answer at the moment." in ended.stderr
    assert not (tmp_path / "data" / "initial_root_password").exists()


def test_memory_is_of_one_worker(tmp_path: Path) -> None:
    ended = serve(tmp_path / "data", "--workers", "2", WHEELYARD_BLOBS="memory://")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("wheelyard: WHEELYARD_BLOBS: memory:// is the memory of one")
    server = Server(tmp_path / "data", environment={"WHEELYARD_BLOBS": "memory://"}).start()
    assert requests.get(f"{server.address}/-/readiness", timeout=30).json()["store"] == "ok"
    assert server.stop() == 0


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = serve(tmp_path / "data", "--port", str(port))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert (
        ended.stderr == f"wheelyard: cannot listen on 127.0.0.1:{port}: Address already in use.\n"
    )
    assert not (tmp_path / "data").exists()


def test_a_second_server_on_the_port(start_server: StartServer, tmp_path: Path) -> None:
    """Workers share their port, so the system would let another server share it as well."""
    port = urlsplit(start_server().address).port
    ended = serve(tmp_path / "other", "--port", str(port))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "Address already in use" in ended.stderr


def test_an_unknown_host(tmp_path: Path) -> None:
    ended = serve(tmp_path / "data", "--host", "no.such.host.invalid", "--port", "0")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert re.fullmatch(
        r"wheelyard: cannot listen on no\.such\.host\.invalid:0: .+\n", ended.stderr
    )


def test_a_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = serve(tmp_path / "file", "--port", "0")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"wheelyard: {tmp_path / 'file'}: File exists\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WHEELYARD_TRUSTED_PROXIES", "10.0.0.0/99"),
        ("WHEELYARD_EXTERNAL_URL", "packages.example.org"),
        ("WHEELYARD_ACCESS_LOG", "perhaps"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    ended = serve(tmp_path / "data", "--port", "0", **{name: value})
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"wheelyard: wrong setting: {name} ")
    assert ended.stderr.count("\n") == 1


def uploaded_from(server: Server, *forwarded: str) -> str:
    """Upload through a pretended proxy, and return the address that the audit has."""
    registry = Registry(server.data)
    project, secret = registry.publisher()
    filename, content = build_wheel("seen", "1.0")
    request = requests.Request(
        "POST",
        f"{server.address}/api/v4/projects/{project.id}/packages/pypi",
        auth=("__token__", secret),
        data={":action": "file_upload", "name": "seen", "version": "1.0"},
        files={"content": (filename, content)},
    ).prepare()
    parts = urlsplit(server.address)
    with closing(HTTPConnection(parts.netloc, timeout=30)) as connection:
        connection.putrequest("POST", parts.path + request.path_url)
        for name, value in [*request.headers.items(), *(("X-Forwarded-For", f) for f in forwarded)]:
            connection.putheader(name, value)
        assert isinstance(request.body, bytes)
        connection.endheaders(request.body)
        assert connection.getresponse().status == 201

    async def address(machines: Machinery, _by: Caller) -> str:
        async with machines.db.read() as tx:
            return [event.address async for event, _ in tx.audit.events()][-1] or ""

    return registry.run(address)


def test_forwarded_addresses_behind_a_trusted_proxy(start_server: StartServer) -> None:
    """GHSA-8jm4-4x6c-6787: the leftmost address is whatever the client wrote."""
    networks = "127.0.0.1/32, 10.0.0.0/8"
    server = start_server(environment={"WHEELYARD_TRUSTED_PROXIES": networks})
    assert uploaded_from(server, "203.0.113.7") == "203.0.113.7"
    assert uploaded_from(server, "192.0.2.66, 203.0.113.7") == "203.0.113.7"
    assert uploaded_from(server, "192.0.2.66, 203.0.113.7, 10.1.2.3") == "203.0.113.7"
    # HAProxy adds a header of its own behind the one that the client sent.
    assert uploaded_from(server, "192.0.2.66", "203.0.113.7") == "203.0.113.7"
    assert uploaded_from(server, "nonsense") == "127.0.0.1"


def test_forwarded_addresses_of_anybody_else(start_server: StartServer) -> None:
    networks = "10.0.0.0/8"
    server = start_server(environment={"WHEELYARD_TRUSTED_PROXIES": networks})
    assert uploaded_from(server, "203.0.113.7") == "127.0.0.1"


def test_the_log_is_one_object_a_line(start_server: StartServer) -> None:
    server = start_server(environment={"WHEELYARD_ACCESS_LOG": "true"})
    requests.get(f"{server.address}/-/health?private_token=secret", timeout=30)
    server.stop()
    lines = [line for line in server.output.read_text().splitlines() if line.startswith("{")]
    [entry] = [entry for entry in map(json.loads, lines) if entry["event"] == "request"]
    assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/-/health", 200)
    assert "secret" not in server.output.read_text()
