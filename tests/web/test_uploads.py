"""Publishing from a page: the form with files, what is told of each file, and what is refused."""

import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

from distributions import build_sdist, build_wheel, upload_fields
from people import People
from registry import Registry, fresh
from requesting import Index, RawAnswer, fresh_address, open_session, project_index, send_raw
from running import Server
from sql.wires import wait_until
from visiting import Page, Visitor
from wheelyard.domain.models.places import Project
from wheelyard.domain.models.users import User

TIMEOUT_SECONDS = 60
File = tuple[str, bytes]


@pytest.fixture
def project(registry: Registry, user: User) -> Project:
    """Make a project that `user` may publish to."""
    project = registry.project()
    registry.member(project, user, "developer")
    return project


@pytest.fixture
def index(server: Server, registry: Registry, project: Project) -> Callable[[str], list[str]]:
    """Return what tells which files the index lists under a name."""
    auth = ("x", registry.deploy_token(project).secret)
    asked = project_index(open_session(), server.address, project)
    return lambda name: [str(file["filename"]) for file in asked.files(name, auth)]


def list_address(project: Project) -> str:
    return f"/{project.full_path}/-/packages"


def token_of(visitor: Visitor) -> str:
    field = visitor.get("/", follow=True).soup.find("input", attrs={"name": "authenticity_token"})
    assert field is not None
    return str(field["value"])


def send(
    visitor: Visitor, project: Project, *files: File, token: str | None = None, **headers: str
) -> Page:
    """Send files as the form does: the token first, then the files in one field."""
    answer = visitor.session.post(
        f"{visitor.address}{list_address(project)}/upload",
        data={"authenticity_token": token_of(visitor) if token is None else token},
        files=[("content", file) for file in files],
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        allow_redirects=False,
        timeout=TIMEOUT_SECONDS,
    )
    return Page(answer, BeautifulSoup(answer.text, "html.parser"))


def told(page: Page) -> list[str]:
    """Return what the page says of each file."""
    lines = page.soup.select(".upload")
    return [" ".join(line.get_text(" ").split()) for line in lines]


def test_the_form(visitor: Visitor, project: Project) -> None:
    page = visitor.get(list_address(project))
    form = page.form("Upload")
    assert (form["enctype"], form["method"]) == ("multipart/form-data", "post")
    fields = [str(field["name"]) for field in form.find_all("input")]
    assert fields == ["authenticity_token", "content"], "the token comes first"
    assert page.labels()["Choose wheels (.whl) and sdists (.tar.gz)"].has_attr("multiple")


def test_several_files_at_once(
    visitor: Visitor, project: Project, index: Callable[[str], list[str]]
) -> None:
    name = fresh("pkg")
    files = [build_wheel(name, "1.0"), build_sdist(name, "1.0")]
    page = send(visitor, project, *files)
    assert (page.status, page.location) == (303, list_address(project))
    assert "2 files were published." in visitor.get(page.location).text
    assert index(name) == [filename for filename, _ in files]
    page = send(visitor, project, files[0])
    assert f"{files[0][0]} was there already." in visitor.get(page.location).text


def test_the_same_findings_as_twine_gets(
    visitor: Visitor,
    server: Server,
    registry: Registry,
    project: Project,
) -> None:
    name = fresh("bad")
    filename, content = build_wheel(name, "1.0", record=b"nothing/at/all,,\n")
    token = registry.deploy_token(project).secret
    asked: Index = project_index(open_session(), server.address, project)
    refusal = asked.upload(filename, content, ("x", token), form=upload_fields(filename, content))
    errors = refusal.json()["errors"]
    assert len(errors) > 1
    page = send(visitor, project, (filename, content))
    assert page.status == 422
    (line,) = told(page)
    for error in errors:
        assert error["message"] in line
        assert page.links()[error["code"]] == error["help"]


def test_good_and_bad_together(
    visitor: Visitor, project: Project, index: Callable[[str], list[str]]
) -> None:
    good, other = fresh("good"), fresh("other")
    page = send(
        visitor,
        project,
        build_wheel(good, "1.0"),
        ("not a package.txt", b"x"),
        ("<b>.whl", b""),
        (f"{other}-1.0.tar.gz", b"no archive"),
        build_wheel(other, "1.0"),
    )
    assert (page.status, page.heading) == (422, "Upload")
    lines = told(page)
    assert [("Not published" in line) for line in lines] == [False, True, True, True, False]
    assert f"Published \u00b7 {good} 1.0" in lines[0]
    assert "<b>.whl" in lines[2]
    assert (index(good), index(other)) == (
        [build_wheel(good, "1.0")[0]],
        [build_wheel(other, "1.0")[0]],
    )


def test_what_the_page_is_told_of_one_file(
    visitor: Visitor, registry: Registry, project: Project
) -> None:
    """Scripts send files one by one, and get a line of the list for each."""
    part = send(visitor, project, build_wheel(fresh("pkg"), "1.0"), HX_Request="true")
    assert (part.status, part.soup.find("html"), len(told(part))) == (200, None, 1)
    part = send(visitor, project, ("x.whl", b""), HX_Request="true")
    assert (part.status, part.soup.find("html"), len(told(part))) == (422, None, 1)
    registry.configure(project, "validation", "warn")
    damaged = build_wheel(fresh("pkg"), "1.0", record=b"nothing/at/all,,\n")
    part = send(visitor, project, damaged, HX_Request="true")
    assert part.status == 200
    assert part.soup.select(".upload.good .finding.warning")
    page = send(visitor, project, build_wheel(fresh("pkg"), "1.0", record=b"nothing/at/all,,\n"))
    assert (page.status, page.heading) == (200, "Upload"), "warnings are shown, not lost"


def test_refusals_beside_the_file(
    visitor: Visitor, server: Server, registry: Registry, project: Project
) -> None:
    registry.configure(project, "duplicates", "deny")
    name, safe = fresh("pkg"), fresh("safe")
    rules = (
        People(server.address, registry).with_role(project, "owner").gitlab.projects.get(project.id)
    )
    rules.package_protection_rules.create(
        {
            "package_name_pattern": safe,
            "package_type": "pypi",
            "minimum_access_level_for_push": "owner",
        }
    )
    assert send(visitor, project, build_wheel(name, "1.0")).status == 303
    changed = build_wheel(name, "1.0", files={"more.txt": b"x"})
    page = send(visitor, project, changed, build_wheel(safe, "1.0"), build_wheel(name, "2.0"))
    lines = told(page)
    assert "already exists in this project with other content" in lines[0]
    assert f"{safe} is protected" in lines[1]
    assert "Published" in lines[2]


def test_it_is_recorded_who_published(
    visitor: Visitor, server: Server, registry: Registry, project: Project, user: User
) -> None:
    send(visitor, project, build_wheel(fresh("pkg"), "1.0"))
    assert user.name in visitor.get(list_address(project)).soup.select("#packages td")[3].get_text()
    owner = People(server.address, registry).with_role(project, "owner")
    events = owner.gitlab.projects.get(project.id).audit_events.list(get_all=True)
    published = [event for event in events if event.event_name == "file_published"]
    assert [event.author_id for event in published] == [user.id]


def test_no_file(visitor: Visitor, project: Project) -> None:
    assert send(visitor, project).status == 400
    page = send(visitor, project, ("", b""))
    assert (page.status, "Choose at least one" in page.text) == (400, True)


def test_without_the_token(
    visitor: Visitor, project: Project, index: Callable[[str], list[str]]
) -> None:
    name = fresh("pkg")
    for token in ("", "x", "A" * 88):
        assert send(visitor, project, build_wheel(name, "1.0"), token=token).status == 403
    right = token_of(visitor)
    late = visitor.session.post(
        f"{visitor.address}{list_address(project)}/upload",
        files=[("content", build_wheel(name, "1.0")), ("authenticity_token", (None, right))],
        timeout=TIMEOUT_SECONDS,
    )
    assert late.status_code == 403, "a token behind a file is not looked at"
    assert index(name) == []
    in_header = send(visitor, project, build_wheel(name, "1.0"), token="", X_CSRF_Token=right)
    assert in_header.status == 303


@pytest.mark.parametrize("megabytes", [0, 8])
def test_who_may_not_publish(
    stranger: Visitor, server: Server, registry: Registry, project: Project, megabytes: int
) -> None:
    """A refusal arrives although the body is not read: also of one that is still being sent."""
    big = build_wheel(fresh("pkg"), "1.0", files={"big": b"\0" * megabytes * 2**20})
    big = (big[0], big[1] + b"\0" * megabytes * 2**20)
    assert send(stranger, project, big).status == 302
    guest = registry.user()
    registry.member(project, guest, "guest")
    for user, status in ((guest, 403), (registry.user(), 404)):
        visitor = Visitor(server.address).sign_in_as(registry, user)
        assert send(visitor, project, big).status == status


def test_a_file_that_is_too_large(start_server: Callable[..., Server]) -> None:
    server = start_server()
    registry = Registry(server.data)
    registry.setting("max_file_size_bytes", "100000")
    user = registry.user()
    project = registry.project(f"{user.username}/project")
    visitor = Visitor(server.address).sign_in_as(registry, user)
    small, large = build_wheel("small", "1.0"), ("large-1.0.tar.gz", b"\0" * 5_000_000)
    page = send(visitor, project, small, large, build_wheel("after", "1.0"))
    assert page.status == 422
    lines = told(page)
    assert ["Published" in line for line in lines] == [True, False]
    assert "takes files of up to 100000 bytes" in lines[1]
    listed = visitor.get(list_address(project)).soup.select(".package-name")
    assert [link.get_text() for link in listed] == ["small"]
    assert not list((server.data / "blobs").rglob("*.part")), "nothing is left behind"
    limit = visitor.get(list_address(project)).soup.select_one("[data-max-bytes]")
    assert limit is not None
    assert limit["data-max-bytes"] == "100000"


def raw_headers(visitor: Visitor) -> dict[bytes, bytes]:
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor.session.cookies)
    return {
        b"Accept": b"text/html",
        b"Cookie": cookies.encode(),
        b"Content-Type": b"multipart/form-data; boundary=x",
    }


def raw_upload(visitor: Visitor, project: Project, body: bytes) -> RawAnswer:
    """Send a body that no client would."""
    target = f"{list_address(project)}/upload".encode()
    headers = raw_headers(visitor)
    return send_raw(visitor.address, target, method=b"POST", headers=headers, body=body)


def cut_upload(visitor: Visitor, project: Project, body: bytes) -> None:
    """Send the beginning of a body, and hang up."""
    parts = urlsplit(visitor.address)
    lines = [f"POST {list_address(project)}/upload HTTP/1.1".encode(), b"Host: test"]
    lines += [name + b": " + value for name, value in raw_headers(visitor).items()]
    lines += [b"Content-Length: %d" % (len(body) + 5000), b"", body]
    address, source = (parts.hostname or "", parts.port or 0), (fresh_address(), 0)
    with socket.create_connection(address, TIMEOUT_SECONDS, source) as connection:
        connection.sendall(b"\r\n".join(lines))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    named = f'; filename="{filename}"' if filename is not None else ""
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + content + b"\r\n"


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"--x--\r\n",
        b"no form at all",
        b"--x\r\nContent-Disposition: odd\r\n\r\n",
        part("authenticity_token", b"\xff"),
        part("authenticity_token", b"a\0b"),
        part("other", b"x" * 100_000),
        part("other", b"") * 300,
    ],
)
def test_malformed_forms(visitor: Visitor, project: Project, broken: bytes) -> None:
    assert raw_upload(visitor, project, broken).status in {400, 403, 413}


def test_a_form_that_breaks_off(
    visitor: Visitor, server: Server, project: Project, index: Callable[[str], list[str]]
) -> None:
    first, second = fresh("first"), fresh("second")
    token = part("authenticity_token", token_of(visitor).encode())
    whole = part("content", build_wheel(first, "1.0")[1], build_wheel(first, "1.0")[0])
    filename, content = build_wheel(second, "1.0")
    cut = part("content", content, filename)[:-200]
    before = len(server.output.read_bytes())
    cut_upload(visitor, project, token + whole + cut)
    # What came whole is published. Nobody is told any more, so nobody waits for it either.
    wait_until(lambda: bool(index(first)))
    assert index(second) == []
    assert b"request failed" not in server.output.read_bytes()[before:]
    end = b"--x\r\n\r\n\r\n--x--\r\n"  # a part without a name
    answer = raw_upload(visitor, project, token + part("content", content, filename) + end)
    assert (answer.status, b"The form is malformed" in answer.body) == (422, True)
    assert index(second) == [filename], "what came before the mistake"


def test_packages_switched_off(visitor: Visitor, registry: Registry, project: Project) -> None:
    registry.configure(project, "packages_enabled", "false")
    assert send(visitor, project, build_wheel(fresh("pkg"), "1.0")).status == 403
