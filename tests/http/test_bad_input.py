"""Uploads that are refused: the status, one clear sentence for each mistake, and nothing left.

What a mistake is has its tests in `tests/domain`; here it goes through the whole server, and the
folder of bytes is looked at afterwards.
"""

import re
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from itertools import chain, repeat
from urllib.parse import urlsplit

import pytest
import requests

from distributions import build_sdist, build_wheel, upload_fields
from registry import Registry
from requesting import Auth, Index, RawAnswer, project_index, send_raw
from running import Server
from stores import stored_keys

NAME, WHEEL = build_wheel("good", "1.0")
SDIST_NAME, SDIST = build_sdist("good", "1.0")
DEFAULT_LIMIT = 50 * 1024 * 1024
WAIT_SECONDS = 20


@dataclass(frozen=True)
class World:
    """A server of this module's own, so that its folders can be looked at."""

    server: Server
    registry: Registry
    index: Index
    auth: Auth
    guest: Auth
    reader: Auth

    @property
    def headers(self) -> dict[bytes, bytes]:
        assert self.auth is not None
        return {b"PRIVATE-TOKEN": self.auth[1].encode()}

    def stored(self) -> set[str]:
        """Return every file of the byte store and the spool."""
        return stored_keys(self.server.data)

    def send_form(
        self, body: bytes, content_type: bytes = b"multipart/form-data; boundary=B"
    ) -> RawAnswer:
        """POST a body that no client library would make."""
        target = urlsplit(self.index.base).path.encode()
        headers = self.headers | ({b"Content-Type": content_type} if content_type else {})
        return send_raw(self.server.address, target, method=b"POST", headers=headers, body=body)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, session: requests.Session) -> Iterator[World]:
    server = Server(tmp_path_factory.mktemp("bad-input") / "data").start()
    registry = Registry(server.data)
    project, secret = registry.publisher()
    guest, reporter = registry.user(), registry.user()
    registry.member(project, guest, "guest")
    registry.member(project, reporter, "reporter")
    index = project_index(session, server.address, project)
    auth = ("x", secret)
    assert index.upload(*build_wheel("kept", "1.0"), auth).status_code == 201
    yield World(
        server,
        registry,
        index,
        auth,
        ("x", registry.token(guest)),
        ("x", registry.deploy_token(project, "read_package_registry").secret),
    )
    assert server.stop() == 0
    log = server.output.read_text()
    assert "request failed" not in log
    assert "Traceback" not in log


@pytest.fixture(autouse=True)
def _nothing_is_left(world: World) -> Iterator[None]:
    """Whatever a test here is refused: no name, no page and no bytes come of it."""
    before = world.stored()
    yield
    deadline = time.monotonic() + WAIT_SECONDS
    while world.stored() != before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert world.stored() == before
    assert world.index.names(world.auth) == ["kept"]
    assert world.index.get("/simple/good/", world.auth).status_code == 404


def check_problem(answer: requests.Response, status: int) -> list[str]:
    """Check the shape of RFC 9457 and GitLab's `message`; return the codes of the mistakes."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    # Python's own words for 413 depend on its version.
    title = "Content Too Large" if status == 413 else HTTPStatus(status).phrase
    assert problem["title"] == title
    assert problem["message"].startswith(f"{status} ")
    assert problem["detail"] in problem["message"]
    for error in problem["errors"]:
        assert re.fullmatch(r"[a-z0-9-]+", error["code"])
        assert error["message"].isprintable()
        assert error["message"].endswith((".", "'")) or status == HTTPStatus.UNAUTHORIZED
        assert error["message"] in problem["detail"]
        assert error.keys() <= {"code", "message", "field", "help"}
    return [error["code"] for error in problem["errors"]]


# --- who may ----------------------------------------------------------------------------------


def test_nobody_is_told_about_the_file_before_they_may_publish(world: World) -> None:
    for auth, status in (
        (None, 401),
        (("__token__", "wrong"), 401),
        (("gitlab-ci-token", "wrong"), 401),
        (world.guest, 403),
        (world.reader, 403),
    ):
        assert check_problem(world.index.upload(NAME, WHEEL, auth), status)
        assert check_problem(world.index.upload("bad", b"", auth, form={}), status)
        assert world.index.session.post(world.index.base, auth=auth, timeout=30).status_code == (
            status
        )


# --- mistakes in the form and in the file -----------------------------------------------------

FORM_MISTAKES = {
    "no name": ({"name": ""}, "form-field-missing"),
    "no version": ({"version": ""}, "form-field-missing"),
    **{
        f"name {name[:20]!r}": ({"name": name}, "form-name-invalid")
        for name in ("-good", "good-", "go od", "go/od", "../good", "göd", ".", "good\n", "g" * 300)
        if name.strip() == name
    },
    **{
        f"version {version[:20]!r}": ({"version": version}, "form-version-invalid")
        for version in ("one", "1.0..", "1.0 final", "1.0/2", "../1.0", "1\u0660.0", "1" * 300)
    },
    "another name": ({"name": "other"}, "name-mismatch"),
    "another version": ({"version": "1.1"}, "version-mismatch"),
    "another Requires-Python": ({"requires_python": ">=3.99"}, "requires-python-mismatch"),
    "short sha256": ({"sha256_digest": "123"}, "digest-malformed"),
    "sha256 with a path": ({"sha256_digest": "../" * 21 + "a"}, "digest-malformed"),
    "short md5": ({"md5_digest": "0" * 31}, "digest-malformed"),
    "short blake2": ({"blake2_256_digest": "x" * 64}, "digest-malformed"),
    "wrong sha256": ({"sha256_digest": "1" * 64}, "digest-mismatch"),
    "wrong md5": ({"md5_digest": "1" * 32}, "digest-mismatch"),
    "wrong blake2": ({"blake2_256_digest": "1" * 64}, "digest-mismatch"),
    "unknown action": ({":action": "delete"}, "form-action"),
    "obsolete action": ({":action": "submit"}, "form-action"),
    "protocol 2": ({"protocol_version": "2"}, "form-protocol-version"),
    "unknown file type": ({"filetype": "bdist_wininst"}, "form-filetype"),
}


@pytest.mark.parametrize("mistake", FORM_MISTAKES)
def test_a_mistake_in_the_form(world: World, mistake: str) -> None:
    fields, code = FORM_MISTAKES[mistake]
    form = upload_fields(NAME, WHEEL, **fields)
    assert code in check_problem(world.index.upload(NAME, WHEEL, world.auth, form=form), 400)


FILE_MISTAKES = {
    "a text as a wheel": (NAME, b"print('hello')\n" * 50, "archive-unreadable"),
    "an empty file": (NAME, b"", "archive-unreadable"),
    "half a wheel": (NAME, WHEEL[: len(WHEEL) // 2], "archive-unreadable"),
    "half an sdist": (SDIST_NAME, SDIST[: len(SDIST) // 2], "archive-unreadable"),
    "a damaged sdist": (SDIST_NAME, SDIST[:-8] + b"\0" * 8, "archive-unreadable"),
    "a wheel as an sdist": (SDIST_NAME, WHEEL, "archive-unreadable"),
    "an sdist as a wheel": (NAME, SDIST, "archive-unreadable"),
    "no METADATA": (
        *build_wheel("good", "1.0", without=["good-1.0.dist-info/METADATA"]),
        "metadata-missing",
    ),
    "another package's file": (NAME, build_wheel("other", "1.0")[1], "name-mismatch"),
    "another's metadata": (
        *build_wheel("good", "1.0", metadata=b"Metadata-Version: 2.1\nName: x\nVersion: 1.0\n"),
        "name-mismatch",
    ),
    "another version's name": (NAME.replace("1.0", "2.0"), WHEEL, "version-mismatch"),
    "an egg": ("good-1.0-py3.egg", WHEEL, "filename-unknown-type"),
    "no tags": ("good-1.0.whl", WHEEL, "filename-invalid"),
    "a path": ("../../" + NAME, WHEEL, "filename-unsafe"),
    "an absolute path": ("/etc/" + NAME, WHEEL, "filename-unsafe"),
    "a back-slash": ("..\\" + NAME, WHEEL, "filename-unsafe"),
    "a space": ("good -1.0-py3-none-any.whl", WHEEL, "filename-unsafe"),
    "markup": ("<b>" + NAME, WHEEL, "filename-unsafe"),
    "a long name": ("g" * 300 + NAME, WHEEL, "filename-unsafe"),
    "not ASCII": ("göod-1.0-py3-none-any.whl", WHEEL, "filename-unsafe"),
}


@pytest.mark.parametrize("mistake", FILE_MISTAKES)
def test_a_mistake_in_the_file(world: World, mistake: str) -> None:
    filename, content, code = FILE_MISTAKES[mistake]
    form = upload_fields(NAME, content)
    if filename.endswith(".tar.gz"):
        form |= {"filetype": ["sdist"], "pyversion": ["source"]}
    answer = world.index.upload(filename, content, world.auth, form=form)
    assert code in check_problem(answer, 400)


def test_all_mistakes_are_told_at_once(world: World) -> None:
    filename, content = build_wheel(
        "good", "1.0", metadata=b"Metadata-Version: 2.1\nName: good\nVersion: 1.0\nFoo\n"
    )
    form = upload_fields(
        filename,
        content,
        version="2.0",
        sha256_digest="0" * 64,
        md5_digest="x",
        protocol_version="3",
        requires_python=">=4",
        summary="not what the file says",
    )
    answer = world.index.upload(filename, content, world.auth, form=form)
    codes = check_problem(answer, 400)
    assert len(codes) == len(answer.json()["errors"])
    assert set(codes) >= {
        "version-mismatch",
        "digest-mismatch",
        "digest-malformed",
        "form-protocol-version",
        "requires-python-mismatch",
        "form-differs",
    }


def test_mistakes_in_the_form_of_a_large_file_are_told_before_it_is_read(world: World) -> None:
    """The answer comes although the client has sent no more than the form."""
    head = part(b"name", b"-") + part(b"version", b"one") + file_part(NAME.encode(), b"")[:-2]
    answer = world.index.session.post(
        world.index.base,
        auth=world.auth,
        data=chain([head], repeat(b"x" * 65536, 40)),
        headers={"Content-Type": "multipart/form-data; boundary=B"},
        timeout=30,
    )
    assert set(check_problem(answer, 400)) == {"form-name-invalid", "form-version-invalid"}


def test_each_mistake_is_explained_where_its_help_points(world: World) -> None:
    answer = world.index.upload(NAME, b"", world.auth, form={"version": ["one"]})
    errors = answer.json()["errors"]
    assert len(errors) >= 3
    for error in errors:
        page = world.index.session.get(world.server.address + error["help"], timeout=30)
        assert page.status_code == 200
        assert f'id="{error["code"]}"' in page.text


# --- forms that are none ----------------------------------------------------------------------


def part(name: bytes, value: bytes, more: bytes = b"") -> bytes:
    """Return one part of a form with the boundary B."""
    head = b'--B\r\nContent-Disposition: form-data; name="' + name + b'"' + more
    return head + b"\r\n\r\n" + value + b"\r\n"


def file_part(filename: bytes, content: bytes) -> bytes:
    """Return the part with the file."""
    return part(b"content", content, b'; filename="' + filename + b'"')


FORM = b"".join(
    part(field.encode(), value.encode())
    for field, [value] in upload_fields(NAME, WHEEL).items()
    if field != "sha256_digest"
)
FILE = file_part(NAME.encode(), WHEEL)
END = b"--B--\r\n"

BAD_FORMS: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 400, "malformed-form"),
    "no end": (FORM + FILE, 400, "malformed-form"),
    "cut in the file": (FORM + FILE[:-20], 400, "malformed-form"),
    "cut in a header": (FORM + b"--B\r\nContent-Disp", 400, "malformed-form"),
    "another boundary": (FORM.replace(b"--B", b"--C"), 400, "malformed-form"),
    "only the end": (END, 400, "missing-file"),
    "no file": (FORM + END, 400, "missing-file"),
    "a part without a name": (
        b"--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + END,
        400,
        "missing-file",
    ),
    "a part without a header": (b"--B\r\n\r\nx\r\n" + END, 400, "malformed-form"),
    "a header that is none": (b"--B\r\nnonsense\r\n\r\nx\r\n" + END, 400, "malformed-form"),
    "a long header": (
        b"--B\r\nX: " + b"x" * 10_000 + b"\r\n\r\nx\r\n" + END,
        400,
        "malformed-form",
    ),
    "many headers": (b"--B\r\n" + b"X: y\r\n" * 1000 + b"\r\nx\r\n" + END, 400, "malformed-form"),
    "two files": (FORM + FILE + FILE + END, 400, "one-file"),
    "a file without a file name": (FORM + part(b"content", WHEEL) + END, 400, "one-file"),
    "an empty file name": (FORM + file_part(b"", WHEEL) + END, 400, "filename-unsafe"),
    "NUL in the file name": (FORM + file_part(b"a\0.whl", WHEEL) + END, 400, "filename-unsafe"),
    "an escaped line break in the file name": (
        FORM + file_part(b"a%0D%0Ab.whl", WHEEL) + END,
        400,
        "filename-unsafe",
    ),
    "a line break in the file name": (
        FORM + file_part(b"a\r\nX: b.whl", WHEEL) + END,
        400,
        "one-file",
    ),
    "a file name that is not UTF-8": (
        FORM + file_part(b"\xff.whl", WHEEL) + END,
        400,
        "malformed-form",
    ),
    "a field that is not UTF-8": (
        FORM + part(b"summary", b"\xff\xfe") + FILE + END,
        400,
        "form-not-utf8",
    ),
    "text that is sent as a file": (
        FORM + part(b"summary", b"x", b'; filename="x.txt"') + FILE + END,
        400,
        "form-field-is-file",
    ),
    "a repeated name": (FORM + part(b"name", b"good") + FILE + END, 400, "form-repeated-field"),
    "20,000 fields": (part(b"a", b"b") * 20_000 + FORM + FILE + END, 400, "malformed-form"),
    "a huge field": (FORM + part(b"x", b"x" * 9 * 1024**2) + FILE + END, 413, "form-too-large"),
    "huge fields": (
        FORM + part(b"x", b"x" * 1024**2) * 9 + FILE + END,
        413,
        "form-too-large",
    ),
}


@pytest.mark.parametrize("form", BAD_FORMS)
def test_a_bad_form(world: World, form: str) -> None:
    body, status, code = BAD_FORMS[form]
    answer = world.index.session.post(
        world.index.base,
        auth=world.auth,
        data=body,
        headers={"Content-Type": "multipart/form-data; boundary=B"},
        timeout=60,
    )
    assert code in check_problem(answer, status)


@pytest.mark.parametrize(
    "content_type",
    [
        *(b"", b"multipart/form-data", b"multipart/form-data; boundary=", b"application/json"),
        b"application/x-www-form-urlencoded",
        b"multipart/mixed; boundary=B",
        b"multipart/form-data; boundary=\xff",
        b"multipart/form-data; boundary*=utf-8''B",
        b"multipart/form-data;boundary",
        b"\xff\xff",
        b"text/plain; boundary=B; " * 50,
    ],
)
def test_a_content_type_that_is_no_form(world: World, content_type: bytes) -> None:
    answer = world.send_form(FORM + FILE + END, content_type)
    assert answer.status == 400
    assert b'"not-a-form"' in answer.body or b'"malformed-form"' in answer.body


# --- too large --------------------------------------------------------------------------------


@pytest.fixture
def limit(world: World) -> Iterator[Callable[[int], None]]:
    """Set the largest size of a file."""
    yield lambda size_bytes: world.registry.setting("max_file_size_bytes", str(size_bytes))
    world.registry.setting("max_file_size_bytes", str(DEFAULT_LIMIT))


def test_one_byte_too_many(world: World, limit: Callable[[int], None]) -> None:
    limit(len(WHEEL) - 1)
    answer = world.index.upload(NAME, WHEEL, world.auth)
    assert check_problem(answer, 413) == ["file-too-large"]
    assert str(len(WHEEL) - 1) in answer.json()["detail"]


def test_too_large_while_streaming(world: World, limit: Callable[[int], None]) -> None:
    """Without a Content-Length the size shows only as the bytes arrive."""
    limit(3_000_000)
    head = FORM + file_part(NAME.encode(), b"")[:-2]
    answer = world.index.session.post(
        world.index.base,
        auth=world.auth,
        data=chain([head], repeat(b"x" * 65536, 100)),
        headers={"Content-Type": "multipart/form-data; boundary=B"},
        timeout=60,
    )
    assert check_problem(answer, 413) == ["file-too-large"]


def test_too_large_by_its_content_length(world: World, limit: Callable[[int], None]) -> None:
    """The answer comes before any of the body is sent."""
    limit(1_000_000)
    declared = {b"Content-Length": b"20000000", b"Content-Type": b"multipart/form-data; boundary=B"}
    answer = send_raw(
        world.server.address,
        urlsplit(world.index.base).path.encode(),
        method=b"POST",
        headers=world.headers | declared,
    )
    assert (answer.status, b"file-too-large" in answer.body) == (413, True)


def test_a_client_that_sends_all_of_it_reads_the_answer(
    world: World, limit: Callable[[int], None]
) -> None:
    limit(1_000_000)
    answer = world.index.upload(NAME, b"x" * 12_000_000, world.auth)
    assert check_problem(answer, 413) == ["file-too-large"]


# --- clients that go away ---------------------------------------------------------------------


@pytest.mark.parametrize("content", [WHEEL, b"x" * 4_000_000], ids=["small", "large"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_client_that_goes_away_leaves_nothing(
    world: World, content: bytes, *, chunked: bool
) -> None:
    body = FORM + file_part(NAME.encode(), content) + END
    sent = body[: -len(END) - 10]
    length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % len(body)
    head = [
        b"POST " + urlsplit(world.index.base).path.encode() + b" HTTP/1.1",
        *(name + b": " + value for name, value in world.headers.items()),
        *(b"Host: test", b"Content-Type: multipart/form-data; boundary=B", length),
    ]
    host, port = urlsplit(world.server.address).netloc.split(":")
    marker = b"client went away"
    told = world.server.output.read_bytes().count(marker)
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"\r\n".join(head) + b"\r\n\r\n")
        connection.sendall(b"%x\r\n%b\r\n" % (len(sent), sent) if chunked else sent)
        time.sleep(0.1)
    deadline = time.monotonic() + WAIT_SECONDS
    while world.server.output.read_bytes().count(marker) == told:
        assert time.monotonic() < deadline, "the server did not notice"
        time.sleep(0.02)


# --- methods ----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_the_upload_address_takes_posts_only(world: World, method: str) -> None:
    answer = world.index.get("", world.auth, method=method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("rest", ["/simple/", "/simple/kept/", f"/files/{'0' * 64}/{NAME}"])
def test_the_index_can_only_be_read(world: World, method: str, rest: str) -> None:
    answer = world.index.get(rest, world.auth, method=method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("rest", ["", "/simple/kept/"])
def test_a_method_that_nobody_knows(world: World, rest: str) -> None:
    answer = world.index.get(rest, world.auth, method="BREW")
    assert (answer.status_code, answer.headers["Connection"]) == (405, "close")
    assert "BREW" not in answer.headers["Allow"]
    assert answer.json() == {"message": "405 Method Not Allowed - There is no such method."}
