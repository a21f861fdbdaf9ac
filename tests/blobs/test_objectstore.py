"""What only an object store can do, or suffer: to be down, slow, absent, or to keep other bytes.

What every store does is the contract in `tests/contracts`.
"""

import asyncio
import json
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

import obstore
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from obstore.store import ObjectStore

from object_stores import BUCKET, S3Server
from wheelyard.blobs import object_connections, objectstore
from wheelyard.blobs.opening import open_blobs
from wheelyard.blobs.presigning import PresignedUrls
from wheelyard.blobs.spool import DiskSpool
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.keys import BlobKey, distribution_key
from wheelyard.ports.blobs import Blobs

if TYPE_CHECKING:  # these are types only
    from obstore import ObjectMeta, PutResult

SMALL = b"a wheel" * 300
LARGE = b"".join(bytes([n]) * 1024 * 1024 for n in range(17))  # three parts


def key_of(content: bytes) -> BlobKey:
    return distribution_key(sha256(content).hexdigest())


async def store(blobs: Blobs, folder: Path, content: bytes) -> None:
    async with DiskSpool(folder / "spool").stage() as staged:
        await staged.write(content)
        await staged.finish()
        await blobs.put(key_of(content), staged)


async def read_all(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def refusal_of(blobs: Blobs, folder: Path) -> set[Refused]:
    """Try everything, and return what it was refused with."""
    work = {
        "check": blobs.check(),
        "put": store(blobs, folder, SMALL),
        "put large": store(blobs, folder, LARGE),
        "put_bytes": blobs.put_bytes(key_of(SMALL), SMALL),
        "read": read_all(blobs.read(key_of(SMALL))),
        "delete": blobs.delete(key_of(SMALL)),
        "list": read_all(info.key.encode() async for info in blobs.list()),
    }
    outcomes = await asyncio.gather(*work.values(), return_exceptions=True)
    for name, outcome in zip(work, outcomes, strict=True):
        assert isinstance(outcome, Refused), f"{name}: {outcome!r}"
        assert outcome.reason is Reason.UNAVAILABLE
        assert outcome.retry_after_seconds, name
    return {outcome for outcome in outcomes if isinstance(outcome, Refused)}


async def test_a_store_that_is_down_is_refused_soon_and_used_again_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = S3Server(tmp_path / "moto.log")
    for variable, value in server.environment.items():
        monkeypatch.setenv(variable, value)
    blobs = open_blobs(server.fresh_url())
    began = time.monotonic()
    refusals = await refusal_of(blobs, tmp_path)
    assert time.monotonic() - began < 60
    assert {str(refused) for refused in refusals} == {
        "The object store does not answer at the moment. Try again later."
    }
    try:
        await asyncio.to_thread(server.start)
        await store(blobs, tmp_path, LARGE)
        assert await read_all(blobs.read(key_of(LARGE))) == LARGE
    finally:
        server.stop()
    assert list((tmp_path / "spool").iterdir()) == []


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Return a port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield silent.getsockname()[1]


async def test_a_store_that_never_answers_is_not_waited_for(
    tmp_path: Path, s3: S3Server, silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent_port}")
    monkeypatch.setattr(object_connections, "_QUICK_SECONDS", 1)
    monkeypatch.setattr(object_connections, "_UPLOAD_SECONDS", 1)
    monkeypatch.setattr(objectstore, "_ANSWER_SECONDS", 3)
    blobs = open_blobs(s3.fresh_url())
    began = time.monotonic()
    await refusal_of(blobs, tmp_path)
    assert time.monotonic() - began < 60


@pytest.mark.usefixtures("s3")
async def test_a_bucket_that_is_not_there(tmp_path: Path) -> None:
    blobs = open_blobs("s3://nobody-made-this/prefix")
    for work in (blobs.check(), store(blobs, tmp_path, SMALL), read_all(blobs.read(key_of(SMALL)))):
        with pytest.raises(Refused, match="bucket") as refusal:
            await work
        assert refusal.value.reason is Reason.UNAVAILABLE


class Liar:
    """Stands between this process and obstore: what the store keeps, or says, is another thing."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._put, self._head, self._patch = obstore.put, obstore.head, patch

    def keeps(self, content: bytes) -> None:
        def put(store: ObjectStore, path: str, file: BinaryIO, **options: Any) -> "PutResult":
            self._put(store, path, file, **options)
            return self._put(store, path, content, use_multipart=False)

        self._patch.setattr(obstore, "put", put)

    def says(self, etag: str) -> None:
        def put(store: ObjectStore, path: str, file: BinaryIO, **options: Any) -> "PutResult":
            return {**self._put(store, path, file, **options), "e_tag": etag}

        def head(store: ObjectStore, path: str) -> "ObjectMeta":
            return {**self._head(store, path), "e_tag": etag}

        self._patch.setattr(obstore, "put", put)
        self._patch.setattr(obstore, "head", head)


@pytest.fixture
def liar(monkeypatch: pytest.MonkeyPatch) -> Liar:
    return Liar(monkeypatch)


async def test_a_store_that_loses_bytes_of_an_upload(
    tmp_path: Path, s3: S3Server, liar: Liar
) -> None:
    blobs = open_blobs(s3.fresh_url())
    liar.keeps(LARGE[:-1])
    with pytest.raises(Refused, match="another size"):
        await store(blobs, tmp_path, LARGE)
    with pytest.raises(Refused, match="another size"):
        await blobs.put_bytes(key_of(LARGE), LARGE)


async def test_a_store_that_keeps_other_bytes_is_found_out(
    tmp_path: Path, s3: S3Server, liar: Liar
) -> None:
    blobs = open_blobs(s3.fresh_url())
    liar.keeps(LARGE[::-1])
    with pytest.raises(Refused, match="other bytes"):
        await store(blobs, tmp_path, LARGE)
    with pytest.raises(Refused, match="other bytes"):
        await blobs.put_bytes(key_of(LARGE), LARGE)


@pytest.mark.parametrize("etag", [f'"{"0" * 32}"', f'"{"0" * 32}-3"', '"0x8D"', "", '"1"'])
async def test_an_etag_that_is_no_checksum_is_no_failure(
    tmp_path: Path, s3: S3Server, liar: Liar, etag: str
) -> None:
    """The first two are S3's with keys of the customer's: the object is read back instead."""
    blobs = open_blobs(s3.fresh_url())
    liar.says(etag)
    await store(blobs, tmp_path, LARGE)
    await blobs.put_bytes(key_of(SMALL), SMALL)
    assert await read_all(blobs.read(key_of(LARGE))) == LARGE


async def test_the_etag_of_an_upload_proves_it(
    tmp_path: Path, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = open_blobs(s3.fresh_url())

    def get(*_: object, **__: object) -> NoReturn:
        raise AssertionError("the object is read back although its ETag proves it")

    monkeypatch.setattr(obstore, "get", get)
    await store(blobs, tmp_path, LARGE)
    await blobs.put_bytes(key_of(SMALL), SMALL)


async def test_uploads_from_a_spool_whose_disk_fails(tmp_path: Path, s3: S3Server) -> None:
    """The bytes change between hashing and sending: nothing may be stored under their key."""
    blobs = open_blobs(s3.fresh_url())
    for content in (LARGE, LARGE[: 3 * 1024 * 1024]):
        async with DiskSpool(tmp_path / "spool").stage() as staged:
            await staged.write(content)
            await staged.finish()
            [partial] = (tmp_path / "spool").iterdir()
            with partial.open("r+b") as file:
                file.write(b"flipped")
            with pytest.raises(Refused, match="damaged"):
                await blobs.put(key_of(content), staged)
        assert await blobs.size(key_of(content)) is None


async def test_a_listing_of_many_pages_leaves_strangers_out(s3: S3Server) -> None:
    url = s3.fresh_url()
    prefix = url.removeprefix(f"s3://{BUCKET}/")
    blobs = open_blobs(url)
    keys = {distribution_key(f"{number:064x}") for number in range(1_100)}
    await asyncio.gather(*(blobs.put_bytes(key, b"x") for key in keys))
    for stray in ("notes.txt", ".hidden/x", "files/.x/y"):
        address = f"{s3.endpoint}/{BUCKET}/{prefix}/{stray}"
        await asyncio.to_thread(requests.put, address, b"stray", timeout=60)
    assert {info.key async for info in blobs.list()} == keys
    assert {info.key async for info in blobs.list("files/00/00")} == keys
    await blobs.delete(*keys)
    assert [info async for info in blobs.list()] == []


async def test_two_prefixes_in_one_bucket_do_not_meet(s3: S3Server) -> None:
    url = s3.fresh_url()
    one, other, above = (open_blobs(f"{url}{rest}") for rest in ("/a", "/ab", ""))
    await one.put_bytes(key_of(SMALL), SMALL)
    assert [info async for info in other.list()] == []
    assert await other.size(key_of(SMALL)) is None
    assert await above.size(key_of(SMALL)) is None


def test_presigned_addresses_are_given_out_for_three_minutes() -> None:
    moment = 1_000.0
    made: list[str] = []

    def sign(key: BlobKey) -> str:
        made.append(key)
        return f"https://store/{key}?{len(made)}"

    urls = PresignedUrls(sign, lambda: moment)
    key = key_of(SMALL)
    assert urls.remembered(key) is None
    first = urls.sign(key)
    moment += 179
    assert urls.remembered(key) == first
    moment += 1
    assert urls.remembered(key) is None
    assert urls.sign(key) != first
    for number in range(11_000):
        urls.sign(distribution_key(f"{number:064x}"))
    assert urls.remembered(key) is None, "the oldest are forgotten"


async def test_azure_makes_addresses_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", b64encode(b"k" * 64).decode())
    url = await open_blobs("az://container/prefix").presigned_url(key_of(SMALL)) or ""
    path, _, query = url.partition("?")
    assert path == f"https://account.blob.core.windows.net/container/prefix/{key_of(SMALL)}"
    assert "sig=" in query


async def test_google_makes_addresses_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    account = {
        "type": "service_account",
        "client_email": "registry@example.iam.gserviceaccount.com",
        "private_key_id": "1",
        "private_key": rsa.generate_private_key(public_exponent=65537, key_size=2048)
        .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        .decode(),
    }
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT_KEY", json.dumps(account))
    url = await open_blobs("gs://bucket/prefix").presigned_url(key_of(SMALL)) or ""
    path, _, query = url.partition("?")
    assert path.startswith("https://storage.googleapis.com/")
    assert path.endswith(f"/prefix/{key_of(SMALL)}")
    assert "X-Goog-Signature=" in query


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://host/x", "must be s3://BUCKET"),
        ("/srv/blobs", "must be s3://BUCKET"),
        ("s3://", "names no bucket"),
        ("s3:///prefix", "names no bucket"),
        ("az://container", "Account must be specified"),
        ("file:relative", "absolute path"),
        ("file://host/x", "absolute path"),
        ("file:///", "absolute path"),
        ("memory:", "must be s3://BUCKET"),
    ],
)
def test_addresses_that_mean_no_store(
    url: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(ValueError, match=sentence):
        open_blobs(url)


async def test_a_folder_by_its_address_keeps_spaces_and_percent_signs(tmp_path: Path) -> None:
    folder = tmp_path / "a b%20c"
    blobs = open_blobs(folder.as_uri())
    await blobs.put_bytes(key_of(SMALL), SMALL)
    assert (folder / key_of(SMALL)).read_bytes() == SMALL


def test_a_process_may_end_right_after_its_last_request(s3: S3Server) -> None:
    """With obstore's asyncio calls it is aborted then, now and then."""
    program = (
        "import asyncio, sys; from wheelyard.blobs.opening import open_blobs\n"
        "key = 'files/00/00/' + '0' * 64\n"
        "async def main():\n"
        "    blobs = open_blobs(sys.argv[1]); await blobs.put_bytes(key, b'x')\n"
        "    async for chunk in blobs.read(key): break\n"
        "asyncio.run(main())\n"
    )
    for _ in range(10):
        ended = subprocess.run(
            [sys.executable, "-c", program, s3.fresh_url()], capture_output=True, check=False
        )
        assert (ended.returncode, ended.stderr) == (0, b"")


class _Full(BaseHTTPRequestHandler):
    """Answers as a store whose quota is used up."""

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b"<Error><Code>QuotaExceeded</Code><Message>used up</Message></Error>"
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


async def test_a_quota_that_is_used_up(
    tmp_path: Path, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Full) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        blobs = open_blobs(s3.fresh_url())
        with pytest.raises(Refused) as refusal:
            await store(blobs, tmp_path, SMALL)
        server.shutdown()
        thread.join()
    assert refusal.value.reason is Reason.STORAGE_FULL
    assert refusal.value.retry_after_seconds
