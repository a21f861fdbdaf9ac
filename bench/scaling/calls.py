"""Uploads, calls of the REST API, and pages of the web."""

from collections.abc import Iterator
from functools import partial

from scaling.asking import Asking, decoded
from scaling.probing import SOME, Probe


def write_probes(asking: Asking) -> Iterator[Probe]:
    """Probe uploads to a new name and to names with few and many files, and yanks."""
    corpus = asking.corpus
    yield Probe("upload, new name", SOME, asking.upload_new)
    for title, name in (
        ("to 4 files", corpus.median),
        ("to 262 files", corpus.p99),
        ("to the largest", corpus.largest),
    ):
        yield Probe(f"upload, {title}", SOME, partial(asking.upload, name))
    for title, name in (("of 262 files", corpus.p99), ("of the largest", corpus.largest)):
        release = _first_release(asking, name)
        yank = partial(asking.call, f"{release}/yank", "PUT", b"{}")
        yield Probe(f"yank, {title}", SOME, yank)


def rest_probes(asking: Asking) -> Iterator[Probe]:
    """Probe listings, searches and figures, of the project, the group and the instance."""
    release = _first_release(asking, asking.corpus.p99)
    for title, path in (
        *_package_lists(f"{asking.project}/packages"),
        ("package", release),
        ("files of a package", f"{release}/package_files"),
        ("figures of a package", f"{release}/statistics"),
        ("figures of the project", f"{asking.project}/packages/statistics"),
        *((f"group: {title}", path) for title, path in _package_lists(f"{asking.group}/packages")),
        ("group: collisions", f"{asking.group}/packages/pypi/collisions"),
        ("instance: collisions", "/api/v4/packages/pypi/collisions"),
        ("audit events", "/api/v4/audit_events"),
        ("audit events of the project", f"{asking.project}/audit_events"),
        ("audit events of a day", "/api/v4/audit_events?created_after=2025-12-30"),
        ("projects", "/api/v4/projects"),
        ("projects, search", "/api/v4/projects?search=mirror"),
        ("users", "/api/v4/users"),
        ("users, search", "/api/v4/users?search=publisher"),
        ("members", f"{asking.project}/members"),
        ("tokens", "/api/v4/personal_access_tokens"),
    ):
        yield Probe(title, SOME, partial(asking.call, path))


def web_probes(asking: Asking) -> Iterator[Probe]:
    """Probe the pages that somebody in a browser reads."""
    packages = f"{asking.path}/-/packages"
    for title, path in (
        ("home", "/"),
        ("project", asking.path),
        ("packages", packages),
        ("packages, by name", f"{packages}?sort=name"),
        ("packages, search", f"{packages}?search=hundredt"),
        ("package", f"{packages}/{_number(_first_release(asking, asking.corpus.p99))}"),
        ("group", asking.group_path),
        ("explore", "/explore"),
        ("search", "/search?search=mirror"),
        ("users", "/admin/users"),
        ("audit", "/admin/audit_log"),
    ):
        yield Probe(f"web: {title}", SOME, partial(asking.visit, path))
    # It shows which of the name's versions are downloaded most, so it grows with the name.
    largest = f"{packages}/{_number(_first_release(asking, asking.corpus.largest))}"
    files = len(decoded(asking.page(asking.corpus.largest))["files"])
    yield Probe("web: package, largest", SOME, partial(asking.visit, largest), entries=files)


def _number(address: str) -> str:
    return address.rpartition("/")[2]


def _package_lists(packages: str) -> Iterator[tuple[str, str]]:
    for title, query in (
        ("", ""),
        (", newest first", "?sort=desc"),
        (", page 10", "?page=10"),
        (", by name", "?order_by=name"),
        (", by version", "?order_by=version"),
        (", keyset", "?pagination=keyset"),
        (", search of one name", "?package_name=hundredt"),
        (", search of many", "?package_name=a"),
        (", search in vain", "?package_name=xyzzy"),
        (", one version", "?package_version=0.0.1rc1"),
    ):
        yield f"packages{title}", f"{packages}{query}"


def _first_release(asking: Asking, name: str) -> str:
    """Return the address of the first release of a name."""
    packages = f"{asking.project}/packages"
    found = decoded(asking.call(f"{packages}?package_name={name}&per_page=1"))
    return f"{packages}/{found[0]['id']}"
