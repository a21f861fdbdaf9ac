"""Holes that other registries had, and paths that no client sends: none of them opens anything.

Encoded repository keys that skipped authorisation, encoded slashes that led out of a folder,
line breaks that became headers. The last test throws requests at the server at random.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPException
from urllib.parse import quote

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from distributions import build_wheel
from registry import Registry
from requesting import RawAnswer, project_index, send_raw
from running import Server
from wheelyard.domain.models.places import Project

FILENAME, CONTENT = build_wheel("hidden", "1.0")
SHA256 = sha256(CONTENT).hexdigest()
FUZZ_SECONDS = 8


@dataclass(frozen=True)
class World:
    """A private project with a file, a public one without any, and a server of their own."""

    server: Server
    private: Project
    public: Project
    secret: str

    def get(self, path: str, *, secret: str | None = None) -> RawAnswer:
        """Ask for `path` as it is, every byte of it."""
        headers = {} if secret is None else {b"PRIVATE-TOKEN": secret.encode()}
        return send_raw(self.server.address, path.encode(), headers=headers)

    def reads(self, raw_id: str) -> list[str]:
        """Return the paths of all that can be read of a project, with this `:id`."""
        base = f"/api/v4/projects/{raw_id}/packages/pypi"
        return [
            f"{base}/simple/",
            f"{base}/simple/hidden/",
            f"{base}/files/{SHA256}/{FILENAME}",
            f"{base}/files/{SHA256}/{FILENAME}.metadata",
        ]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, session: requests.Session) -> Iterator[World]:
    server = Server(tmp_path_factory.mktemp("holes") / "data").start()
    registry = Registry(server.data)
    private, secret = registry.publisher()
    public = registry.project(visibility="public")
    index = project_index(session, server.address, private)
    assert index.upload(FILENAME, CONTENT, ("x", secret)).status_code == 201
    yield World(server, private, public, secret)
    assert server.stop() == 0
    log = server.output.read_text()
    assert "request failed" not in log
    assert "Traceback" not in log


def spellings(project: Project) -> list[str]:
    """Return other spellings of a project's `:id`: some mean it, the others mean nothing."""
    number, path = str(project.id), project.full_path
    encoded = quote(path, safe="")
    return [
        number,
        "".join(f"%{ord(digit):02x}" for digit in number),
        "".join(f"%25{ord(digit):02x}" for digit in number),
        f"0{number}",
        "0" * 17 + number,
        *(f"{number}{end}" for end in ("%00", "%20", "%0a", "%0d%0a", ".0", ";a=b", "%3Fx", "%23")),
        *(f"{start}{number}" for start in ("+", "%20", "%2B", "0x", "%2e%2f", "..%2f")),
        "".join(chr(0xFEE0 + ord(digit)) for digit in number),  # full-width digits
        "".join(quote(chr(0xFEE0 + ord(digit))) for digit in number),
        "".join(quote(chr(0x0630 + ord(digit))) for digit in number),  # Arabic digits
        encoded,
        encoded.replace("%2F", "%2f"),
        encoded.upper().replace("%2F", "%2f"),
        path.replace("/", "%252F"),
        path.replace("/", "%5C"),
        path.replace("/", "%2F%2F"),
        path.replace("/", "%2F.%2F"),
        f"%2F{encoded}",
        f"{encoded}%2F",
        f"{encoded}%2F..%2F{project.path}",
        "".join(f"%{ord(letter):02x}" for letter in path),
    ]


MEANS_NOTHING = ["-1", "0", "9" * 18, "9" * 19, "9" * 4000, "1e0", "NaN", "%ff", "%", "%zz", "..."]


def test_no_spelling_of_a_project_skips_the_authorisation(world: World) -> None:
    statuses = {}
    for raw_id in [*spellings(world.private), *MEANS_NOTHING]:
        for path in world.reads(raw_id):
            assert world.get(path).status in {400, 401, 404}, path
            statuses[raw_id] = world.get(path, secret=world.secret).status
            assert statuses[raw_id] in {200, 400, 404}, path
    meant = {raw_id for raw_id, status in statuses.items() if status == 200}
    encoded = quote(world.private.full_path, safe="")
    assert meant >= {str(world.private.id), encoded, encoded.replace("%2F", "%2f")}
    assert encoded.upper().replace("%2F", "%2f") in meant, "paths are compared without case"
    assert not meant.intersection(MEANS_NOTHING)


TRAVERSALS = [
    "/api/v4/projects/{public}/packages/pypi/../../../{private}/packages/pypi/simple/hidden/",
    "/api/v4/projects/{public}/packages/pypi/..%2f..%2f..%2f{private}/packages/pypi/simple/",
    "/api/v4/projects/{public}/packages/pypi/%2e%2e/%2e%2e/%2e%2e/{private}/packages/pypi/simple/",
    "/api/v4/projects/{public}/../{private}/packages/pypi/simple/hidden/",
    "/api/v4/projects/{public}%2f..%2f{private}/packages/pypi/simple/hidden/",
    "/api/v4/projects/{public}/packages/pypi/files/{sha256}/{filename}",
    "/api/v4/projects/{public}/packages/pypi/files/..%2f..%2f{private}%2ffiles/{filename}",
    "/api/v4/projects/{public}/packages/pypi/files/{sha256}/..%2f{filename}",
    "/api/v4/projects/{public}/packages/pypi/files/{sha256}/%2e%2e%2f%2e%2e%2fwheelyard.db",
    "/api/v4/projects/{public}/packages/pypi/files/{sha256}/..%252f..%252fwheelyard.db",
    "/api/v4/projects/{public}/packages/pypi/files/..%2f..%2f..%2fwheelyard.db/x.metadata",
    "/api/v4/projects/{public}/packages/pypi/files/{sha256}/x%00.metadata",
    "/api/v4/projects/{public}/packages/pypi/files/%2e%2e/initial_root_password",
    "/api/v4/projects/{public}/packages/pypi/simple/..%2f..%2f..%2fetc%2fpasswd/",
    "/api/v4/projects/{public}/packages/pypi/simple/%2e%2e/",
    "/api/v4/projects/{public}/packages/pypi/simple/../simple/hidden/",
    "/api/v4/projects/{public}/packages/pypi/simple/%25/",
    "/api/v4/projects/{public}/packages/pypi/simple/_/",
    "/api/v4/projects/{private};x/packages/pypi/simple/hidden/",
    "//api/v4/projects/{private}/packages/pypi/simple/hidden/",
    "/api//v4/projects/{private}/packages/pypi/simple/hidden/",
    "/api/v4/projects//{private}/packages/pypi/simple/hidden/",
    "/API/v4/projects/{private}/packages/pypi/simple/hidden/",
    "/api/v4/projects/{private}/packages/pypi/simple/hidden/../hidden/",
    "/./api/v4/projects/{private}/packages/pypi/simple/hidden/",
    "http://other.example/api/v4/projects/{private}/packages/pypi/simple/hidden/",
    "/-/health/../../api/v4/projects/{private}/packages/pypi/simple/hidden/",
    "/api/v4/groups/{private}/-/packages/pypi/simple/hidden/",
    "/../../../../etc/passwd",
    "/..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/%2e%2e/%2e%2e/wheelyard.db",
]


@pytest.mark.parametrize("path", TRAVERSALS)
def test_no_detour_leads_to_what_is_hidden(world: World, path: str) -> None:
    names = {"sha256": SHA256, "filename": FILENAME}
    there = path.format(public=world.public.id, private=world.private.id, **names)
    answer = world.get(there)
    assert answer.status in {301, 307, 308, 400, 401, 404}
    assert "location" not in answer.headers or world.get(answer.headers["location"]).status in {
        *(400, 401, 404)
    }
    for treasure in (CONTENT, FILENAME.encode(), b"root:", b"SQLite format", b"Metadata-Version"):
        assert treasure not in answer.body


@pytest.mark.parametrize(
    "name", ["a%0d%0aSet-Cookie:x=y", "a%0aX:y", "%E5%98%8A%E5%98%8DSet-Cookie:x", "a%00b", "%ff"]
)
@pytest.mark.parametrize("query", ["", "?x=%0d%0aSet-Cookie:x=y", "?format=%0d%0aX:y"])
def test_no_line_break_becomes_a_header(world: World, name: str, query: str) -> None:
    """A redirect that repeats its input was a hole (header injection) in another registry."""
    base = f"/api/v4/projects/{world.public.id}/packages/pypi"
    for rest in (f"/simple/{name}", f"/simple/{name}/", f"/files/{SHA256}/{name}", "/simple"):
        answer = world.get(base + rest + query)
        assert answer.status < 500
        assert not {"set-cookie", "x"} & answer.headers.keys()
        assert "\r" not in answer.headers.get("location", "")


def test_a_redirect_stays_on_this_server(world: World) -> None:
    base = f"/api/v4/projects/{world.public.id}/packages/pypi"
    for rest in ("/simple", "/simple//other.example", "/simple/Hidden", "//other.example/simple"):
        location = world.get(base + rest).headers.get("location", base)
        assert location.startswith(base)
    for path in ("//other.example/", "//other.example/%2e%2e", "/\\other.example", "/%5cother"):
        location = world.get(path).headers.get("location", "/")
        assert re.match(r"/(?![/\\])", location)


def test_what_a_client_wrote_is_no_markup_in_an_answer(world: World) -> None:
    base = f"/api/v4/projects/{world.public.id}/packages/pypi"
    markup = "%3Cscript%3Ealert(1)%3C/script%3E"
    for path in (f"{base}/simple/{markup}/", f"/{markup}", f"{base}/simple/?format={markup}"):
        answer = world.get(path)
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert b"<script>" not in answer.body


def test_forwarding_headers_of_anybody_are_not_believed(world: World) -> None:
    path = world.reads(str(world.private.id))[0].encode()
    for name in (b"X-Forwarded-User", b"X-Remote-User", b"Remote-User", b"X-Forwarded-For"):
        answer = send_raw(world.server.address, path, headers={name: b"root"})
        assert answer.status == 401
    override = {b"X-HTTP-Method-Override": b"GET", b"X-Original-URL": path, b"X-Rewrite-URL": path}
    answer = send_raw(world.server.address, b"/-/health", headers=override)
    assert answer.body == b"Wheelyard OK"


# --- at random --------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *("api", "v4", "projects", "groups", "-", "packages", "pypi", "simple", "files", "health"),
        *(
            "1",
            "2",
            "hidden",
            FILENAME,
            SHA256,
            "x.metadata",
            "protection",
            "rules",
            "json",
            "pypi",
        ),
        *("..", ".", "", "%2e%2e", "%2F", "%00", "%ff", "%", "%zz", "%25", "+", ";", "*", "~"),
        *("9" * 30, "a" * 300, "%F0%9F%92%A9", "<x>", "'", '"', "members", "users", "version"),
    ]
)
KNOWN = [
    "/api/v4/projects/{}/packages/pypi",
    "/api/v4/projects/1/packages/pypi/simple/{}/",
    "/api/v4/projects/1/packages/pypi/files/{}/{}",
    "/api/v4/groups/{}/-/packages/pypi/simple/{}",
    "/api/v4/projects/{}/packages/{}",
    "/api/v4/projects/1/packages/{}/package_files/{}",
    "/api/v4/projects/1/packages/pypi/pypi/{}/json",
    "/api/v4/{}?{}={}",
    "/api/v4/projects/1/packages?page={}&per_page={}",
]
RAW = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF), max_size=20)


@st.composite
def targets(draw: st.DrawFn) -> bytes:
    """Return a request target: near a known one, or made of pieces of them."""
    if draw(st.booleans()):
        known = draw(st.sampled_from(KNOWN))
        path = known.format(*(draw(PIECES | RAW) for _ in range(known.count("{}"))))
    else:
        path = "/" + "/".join(draw(st.lists(PIECES | RAW, max_size=9)))
    return path.encode("latin-1").replace(b" ", b"%20")


METHODS = st.sampled_from(
    [b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"TRACE", b"BREW"]
)
HEADER_NAMES = st.sampled_from(
    [
        *(b"Authorization", b"PRIVATE-TOKEN", b"Deploy-Token", b"Accept", b"Accept-Encoding"),
        *(b"Range", b"If-Range", b"If-None-Match", b"If-Modified-Since", b"Content-Type"),
        *(b"X-Forwarded-For", b"X-Forwarded-Proto", b"Cookie", b"Origin", b"X-Odd"),
    ]
)
HEADER_VALUES = st.sampled_from(
    [
        *(b"", b"*", b"*/*;q=", b"Basic", b"Basic Og==", b"Basic ////", b"Bearer ", b"\xff\xfe"),
        *(b"bytes=0-", b"bytes=-1", b"bytes=9-1", b"bytes=0-0,5-5", b"bytes=" + b"9" * 40),
        *(b"application/json", b"multipart/form-data; boundary=B", b"text/html;q=0.0001", b'W/"'),
        *(b"gzip;q=nan, zstd;q=inf", b"," * 200, b"1.2.3.4, ::1", b"a" * 4000, b"[]", b"null"),
    ]
) | st.binary(max_size=20).map(lambda raw: bytes(c for c in raw if c >= 0x20 and c != 0x7F))
BODIES = st.sampled_from(
    [b"", b"{}", b"[", b"null", b"\xff", b"--B--\r\n", b'{"a":' * 200, b"--B\r\n\r\n\r\n--B--"]
)


def test_nothing_at_random_is_a_server_error(world: World) -> None:
    deadline = time.monotonic() + FUZZ_SECONDS
    tried = 0

    @settings(
        max_examples=500,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    @given(
        targets(),
        METHODS,
        st.dictionaries(HEADER_NAMES, HEADER_VALUES, max_size=4),
        BODIES,
        st.booleans(),
    )
    def attack(
        target: bytes, method: bytes, headers: dict[bytes, bytes], body: bytes, signed_in: bool
    ) -> None:
        nonlocal tried
        if time.monotonic() > deadline:
            return
        if signed_in:
            headers = headers | {b"PRIVATE-TOKEN": world.secret.encode()}
        try:
            answer = send_raw(
                world.server.address, target, method=method, headers=headers, body=body
            )
        except (HTTPException, ConnectionError):
            # Not HTTP at all for the server, which may hang up; it must go on living.
            assert world.get("/-/health").status == 200
        else:
            assert answer.status < 500
        tried += 1

    attack()
    assert tried > 50, "the machine is too slow for this to mean anything"
    assert world.get(world.reads(str(world.private.id))[1], secret=world.secret).status == 200
