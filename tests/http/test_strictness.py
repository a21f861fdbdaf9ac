"""How strict an index is: of the whole instance, of one project; dry runs; and `wheelyard check`.

For every hostile upload there is, the three ways to ask must find the same.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests

from cli.calling import refusal, shown
from databases import run_sql
from distributions import build_sdist, build_wheel, compute_digests, upload_fields
from hostile_uploads import CASES, GOOD, INFO, WHEEL_NAME, Upload, document, wheel
from registry import Registry
from running import Server
from stores import stored_keys
from wheelyard.domain.findings import SEVERITIES, Severity, Strictness
from wheelyard.domain.models.places import Project
from wheelyard.domain.models.users import User
from wheelyard.inspection_rules import inspection_rules

_PKG_INFO = b"Metadata-Version: 2.1\nName: my-pkg\nVersion: 1.0\n"
# What the rules of the server itself find, where the table's cases bring rules of their own.
REAL: Mapping[str, Upload] = {
    "real-classifier": document(_PKG_INFO + b"Classifier: Topic :: Nonsense\n"),
    "real-description": document(_PKG_INFO + b"\nTitle\n==\n\n``x\n"),
}
_TABLE = {**{code: make() for code, make in CASES.items()}, **REAL, **GOOD}
EVERY: Mapping[str, Upload] = {
    # A form that claims no metadata is not compared with the file's: only the file counts.
    code: replace(upload, fields={"metadata_version": [], **upload.fields})
    for code, upload in _TABLE.items()
}
ON_DISK = {
    code for code, upload in _TABLE.items() if not (upload.fields or upload.sent_as_files)
} - {"filename-unsafe"}
"""Cases whose mistakes are in the file, which can be one on a disk."""

REFUSING = {
    Strictness.STRICT: {Severity.FATAL, Severity.ERROR},
    Strictness.WARN: {Severity.FATAL},
    Strictness.OFF: {Severity.FATAL},
}
MISTAKEN = wheel(None, f"{INFO}/RECORD")
"""An upload with an error that is not fatal: `record-missing`."""
BROKEN = Upload(WHEEL_NAME, b"junk")


@dataclass(frozen=True)
class Place:
    """A server whose strictness tests change, a user of it, and the user's credentials."""

    server: Server
    registry: Registry
    user: User
    auth: tuple[str, str]
    session: requests.Session

    def project(self) -> Project:
        project = self.registry.project()
        self.registry.member(project, self.user, "maintainer")
        return project

    def send(
        self, project: Project, upload: Upload, query: str = "", auth: tuple[str, str] | None = None
    ) -> requests.Response:
        usual = upload_fields(WHEEL_NAME, upload.content)
        usual["sha256_digest"] = [compute_digests(upload.content).sha256]
        if not upload.filename.endswith(".whl"):
            usual |= {"filetype": ["sdist"], "pyversion": ["source"]}
        fields = {**usual, **upload.fields}
        form = [
            (name, value.encode("utf-8", "surrogateescape"))
            for name, values in fields.items()
            for value in values
        ]
        as_files = [part for part in form if part[0] in upload.sent_as_files]
        return self.session.post(
            f"{self.server.address}/api/v4/projects/{project.id}/packages/pypi{query}",
            data=[part for part in form if part not in as_files],
            files=[
                *((name, ("value.txt", value)) for name, value in as_files),
                ("content", (upload.filename, upload.content)),
            ],
            auth=auth or self.auth,
            timeout=60,
        )

    def stored(self) -> tuple[object, ...]:
        """Return all there is of files: rows, audit events, and everything in the byte store."""
        rows = [
            run_sql(self.server.data, f"SELECT count(*) FROM {table}")  # noqa: S608  fixed names
            for table in ("names", "packages", "files", "file_forms", "audit_events")
        ]
        return *rows, sorted(stored_keys(self.server.data))

    def published_log(self) -> dict[str, object]:
        """Return the newest line of the log about a published file."""
        lines = self.server.output.read_text().splitlines()
        entries = [json.loads(line) for line in lines if line.startswith("{")]
        newest: dict[str, object] = [e for e in entries if e["event"] == "file published"][-1]
        return newest


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, session: requests.Session) -> Iterator[Place]:
    server = Server(tmp_path_factory.mktemp("strictness") / "data").start()
    registry = Registry(server.data)
    user = registry.user()
    yield Place(server, registry, user, ("__token__", registry.token(user)), session)
    assert server.stop() == 0


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Counter[str]]:
    """Return the codes that `wheelyard check` finds in each file, and how often."""
    folder, paths = tmp_path_factory.mktemp("hostile"), {}
    for code, upload in EVERY.items():
        path = folder / code / Path(upload.filename).name
        path.parent.mkdir()
        path.write_bytes(upload.content)
        paths[code] = path
    files = shown("check", *paths.values(), status=1)["files"]
    return {
        code: Counter(finding["code"] for finding in files[str(path)])
        for code, path in paths.items()
    }


def codes(answer: requests.Response) -> Counter[str]:
    """Return the codes that an answer tells: of problems when it refuses, of warnings else."""
    told = answer.json()
    problems = told["errors"] if answer.status_code == requests.codes.bad_request else []
    return Counter(problem["code"] for problem in problems or told.get("warnings", []))


def expected(found: Counter[str], strictness: Strictness) -> tuple[int, Counter[str]]:
    """Return the status and codes for findings, by the rules alone."""
    grave = Counter(
        {code: n for code, n in found.items() if SEVERITIES[code] in REFUSING[strictness]}
    )
    if grave:
        return 400, grave
    return 201, Counter() if strictness is Strictness.OFF else found


def found_in_process(upload: Upload) -> Counter[str]:
    """Return what the rules of a server find in an upload, form and all."""
    findings = replace(upload, rules=inspection_rules()).inspect().findings
    return Counter(finding.code for finding in findings)


def test_check_dry_run_and_upload_find_the_same(
    place: Place, checked: Mapping[str, Counter[str]]
) -> None:
    projects = {strictness: place.project() for strictness in Strictness}
    for strictness, project in projects.items():
        place.registry.configure(project, "validation", strictness)

    def ask(case: str) -> set[str]:
        upload = EVERY[case]
        found = found_in_process(upload)
        assert case not in ON_DISK or checked[case] == found
        for strictness, project in projects.items():
            answer = place.send(project, upload)
            status, told = expected(found, strictness)
            assert (answer.status_code, codes(answer)) == (status, told), (case, strictness)
        dry = place.send(projects[Strictness.STRICT], upload, "?dry_run=true")
        status, told = expected(found, Strictness.STRICT)
        assert dry.status_code == (requests.codes.ok if status == 201 else status), case
        assert codes(dry) == told, case
        return set(found)

    with ThreadPoolExecutor(4) as threads:
        seen = set().union(*threads.map(ask, EVERY))
    # Three codes speak of limits that no small file breaks, or of renderers that a test brings.
    assert set(SEVERITIES) - seen <= {"archive-bomb", "archive-too-many-members"}


def test_parts_that_nothing_reads_do_no_harm(place: Place) -> None:
    """PyPI takes them whatever they hold, before the file (twine) and behind it (uv)."""
    ignored = [
        ("gpg_signature", ("x.asc", bytes(range(256)))),
        ("comment", (None, b"\xff\xfe\0")),
        ("made_up", (None, b"x" * 100_000)),
        ("made_up", (None, b"twice")),
    ]
    content = ("content", (WHEEL_NAME, GOOD["wheel"].content))
    project = place.project()
    for parts in ([*ignored, content], [content, *ignored]):
        answer = place.session.post(
            f"{place.server.address}/api/v4/projects/{project.id}/packages/pypi",
            data={"name": "my-pkg", "version": "1.0"},
            files=parts,
            auth=place.auth,
            timeout=60,
        )
        assert answer.status_code == requests.codes.created
        assert answer.json() == {"message": "201 Created"}


def test_an_error_is_refused_reported_or_ignored(place: Place) -> None:
    data = ("--data", place.server.data)
    project = place.project()
    path = project.full_path
    assert place.send(project, MISTAKEN).status_code == requests.codes.bad_request

    told = shown("settings", "set", "validation", "warn", *data)
    assert told == {"validation": "warn"}
    answer = place.send(project, MISTAKEN)
    assert answer.status_code == requests.codes.created
    [warning] = answer.json()["warnings"]
    assert warning.keys() >= {"code", "message", "field"}
    assert warning["code"] == "record-missing"
    assert answer.json()["message"] == "201 Created"
    assert place.published_log()["findings"] == ["record-missing"]

    # A project's own setting wins over the instance's, in both directions.
    place.registry.configure(project, "validation", "strict")
    assert place.send(project, MISTAKEN).status_code == requests.codes.bad_request
    assert shown("project", "set", path, "validation", "off", *data)["validation"] == "off"
    answer = place.send(project, MISTAKEN)
    assert (answer.status_code, answer.json()) == (201, {"message": "201 Created"})
    assert place.published_log()["findings"] == []

    other = place.project()
    assert "warnings" in place.send(other, MISTAKEN).json()
    place.registry.setting("validation", "off")
    assert place.send(other, MISTAKEN).json() == {"message": "201 Created"}
    for each in (project, other):
        assert place.send(each, BROKEN).status_code == requests.codes.bad_request, "always"
    place.registry.setting("validation", "strict")
    assert place.send(other, MISTAKEN).status_code == requests.codes.bad_request
    assert place.send(project, MISTAKEN).status_code == requests.codes.created, "still off"


def test_words_that_are_no_strictness(place: Place) -> None:
    path, data = place.project().full_path, ("--data", place.server.data)
    for arguments in (("settings", "set"), ("project", "set", path)):
        status, sentence = refusal(*arguments, "validation", "lenient", *data)
        assert status == 1
        assert "validation" in sentence
        assert "lenient" in sentence


@pytest.mark.parametrize("query", ["?dry_run=true", "?dry_run=1", "?dry_run", "?x=y&dry_run=TRUE"])
def test_a_dry_run_stores_nothing(place: Place, query: str) -> None:
    project = place.project()
    large = Upload(*build_wheel("my-pkg", "1.0", files={"my_pkg/noise": os.urandom(3_000_000)}))
    before = place.stored()
    for upload in (GOOD["wheel"], GOOD["sdist"], large):
        answer = place.send(project, upload, query)
        assert (answer.status_code, answer.json()) == (
            requests.codes.ok,
            {"message": "200 OK - Nothing was stored"},
        )
    for upload in (MISTAKEN, BROKEN):
        assert place.send(project, upload, query).status_code == requests.codes.bad_request
    assert place.stored() == before
    page = f"{place.server.address}/api/v4/projects/{project.id}/packages/pypi/simple/my-pkg/"
    assert place.session.get(page, auth=place.auth, timeout=60).status_code == 404


@pytest.mark.parametrize("query", ["?dry_run=false", "?dry_run=0", "?dryrun=true", "?x=dry_run"])
def test_what_is_no_dry_run_publishes(place: Place, query: str) -> None:
    assert place.send(place.project(), GOOD["wheel"], query).status_code == requests.codes.created


def test_a_dry_run_reports_warnings(place: Place) -> None:
    upload = Upload("my-pkg-1.0.tar.gz", build_sdist("my-pkg", "1.0")[1])
    answer = place.send(place.project(), upload, "?dry_run=true")
    assert answer.status_code == requests.codes.ok
    [warning] = answer.json()["warnings"]
    assert warning["code"] == "filename-not-normalised"


def test_a_dry_run_is_refused_where_publishing_would_be(place: Place) -> None:
    project, before = place.project(), place.stored()
    reporter, stranger = place.registry.user(), place.registry.user()
    place.registry.member(project, reporter, "reporter")
    cases: list[tuple[User, int]] = [(reporter, 403), (stranger, 404)]
    for user, status in cases:
        auth = ("__token__", place.registry.token(user))
        for query in ("", "?dry_run=true"):
            answer = place.send(project, GOOD["wheel"], query, auth)
            assert answer.status_code == status
    for query in ("", "?dry_run=true"):
        assert place.send(project, GOOD["wheel"], query, ("x", "wrong")).status_code == 401
    assert place.stored()[1:4] == before[1:4], "no package, file or form"


def test_a_dry_run_asks_for_duplicates_and_status(place: Place) -> None:
    project = place.project()
    place.registry.configure(project, "duplicates", "deny")
    other = Upload(*build_wheel("my-pkg", "1.0", files={"my_pkg/other.py": b""}))
    assert place.send(project, GOOD["wheel"]).status_code == requests.codes.created
    for query in ("", "?dry_run=true"):
        answer = place.send(project, other, query)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "file-exists")
        assert place.send(project, GOOD["wheel"], query).status_code in {200, 201}
    api = f"{place.server.address}/api/v4/projects/{project.id}/packages/pypi/status/my-pkg"
    token = {"PRIVATE-TOKEN": place.auth[1]}
    answer = place.session.put(api, json={"status": "archived"}, headers=token, timeout=60)
    assert answer.status_code == requests.codes.ok
    for query in ("", "?dry_run=true"):
        answer = place.send(project, GOOD["sdist"], query)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "project-archived")
