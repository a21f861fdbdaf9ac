"""What caches, resuming downloads and lock files rely on: validators, freshness, stable addresses.

RFC 9110 and 9111, and what pip and uv do with them.
"""

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from itertools import product
from typing import Any

import pytest
import requests

from index_standards.conftest import SAMPLE, Sample
from index_standards.corpus import wheel
from registry import Registry

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "application/vnd.pypi.simple.v1+html"
PAGE, LIST = "/simple/sample-pkg/", "/simple/"
WHEEL, SDIST, LOCAL = (odd.filename for odd in SAMPLE)
YEAR = "max-age=31536000, immutable"
VARIANTS = tuple(product((JSON, HTML, "text/html"), ("identity", "gzip", "zstd")))


def ask(
    sample: Sample, url: str, method: str = "GET", *, anonymous: bool = False, **headers: str
) -> requests.Response:
    """Ask with these headers; `_` in their names stands for `-`."""
    return sample.index.session.request(
        method,
        url,
        auth=None if anonymous else sample.auth,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        timeout=60,
        allow_redirects=False,
    )


def page_tags(sample: Sample, rest: str = PAGE) -> list[str]:
    url = sample.index.base + rest
    return [
        ask(sample, url, Accept=accept, Accept_Encoding=encoding).headers["etag"]
        for accept, encoding in VARIANTS
    ]


def addresses(sample: Sample) -> list[str]:
    """Return one address of every kind that answers 200."""
    files = [sample.url(name) for name in (WHEEL, SDIST, LOCAL)]
    pages = [base + rest for base in sample.bases.values() for rest in (PAGE, LIST)]
    return [*pages, *files, f"{files[0]}.metadata", f"{sample.index.base}/pypi/sample-pkg/json"]


def test_tags_are_strong_and_of_one_form_and_encoding(sample: Sample) -> None:
    tags = page_tags(sample)
    assert len(set(tags)) == len(tags) == 9
    assert all(tag.startswith('"') and tag.endswith('"') for tag in tags)
    assert page_tags(sample) == tags
    assert len(set(page_tags(sample, LIST))) == 3, "too small to be encoded"


@pytest.mark.parametrize(("index", "rest"), [("project", PAGE), ("group", PAGE), ("group", LIST)])
def test_not_modified(sample: Sample, index: str, rest: str) -> None:
    url = sample.bases[index] + rest
    for accept, encoding in VARIANTS:
        fresh = ask(sample, url, Accept=accept, Accept_Encoding=encoding)
        tag = fresh.headers["etag"]
        asked: dict[str, Any] = {"Accept": accept, "Accept_Encoding": encoding}
        answers = [
            ask(sample, url, If_None_Match=held, **asked)
            for held in (tag, f'"other", {tag}', f"W/{tag}", "*")
        ]
        answers.append(ask(sample, url, "HEAD", If_None_Match=tag, **asked))
        for answer in answers:
            assert answer.status_code == requests.codes.not_modified
            assert answer.content == b""
            for name in ("etag", "cache-control", "vary"):
                assert answer.headers[name] == fresh.headers[name]
        for held in ('"other"', tag.strip('"'), f'{tag[:-1]}x"'):
            again = ask(sample, url, If_None_Match=held, **asked)
            assert again.status_code == requests.codes.ok
            assert again.content == fresh.content


@pytest.mark.parametrize(
    "header",
    ["Accept", "Accept-Encoding", "Authorization", "If-None-Match", "If-Range", "Range"],
)
def test_a_header_without_a_value_says_nothing(sample: Sample, header: str) -> None:
    asked: dict[str, Any] = {header: ""}
    for url in addresses(sample):
        for _ in range(2):  # the second time from memory
            answer = ask(sample, url, **asked)
            assert answer.status_code == requests.codes.ok
            assert answer.content


def test_a_tag_of_another_form_is_no_match(sample: Sample) -> None:
    url = sample.index.base + PAGE
    tags = page_tags(sample)
    for (accept, encoding), own in zip(VARIANTS, tags, strict=True):
        others = ", ".join(tag for tag in tags if tag != own)
        answer = ask(sample, url, Accept=accept, Accept_Encoding=encoding, If_None_Match=others)
        assert answer.status_code == requests.codes.ok


def test_every_change_changes_every_tag(new_sample: Callable[[str], Sample]) -> None:
    sample = new_sample("private")
    seen = page_tags(sample)
    serials = [_serial(sample)]
    for change in (wheel("sample-pkg", "3.0"), wheel("sample-pkg", "3.0", extra=b"x")):
        sample.publish(change)
        tags = page_tags(sample)
        assert not set(tags) & set(seen)
        seen += tags
        serials.append(_serial(sample))
    assert serials == sorted(set(serials)), "each change has a larger serial (bandersnatch)"
    sample.publish(wheel("sample-pkg", "3.0", extra=b"x"))
    assert page_tags(sample) == tags, "the same bytes again change nothing"
    assert _serial(sample) == serials[-1]


def _serial(sample: Sample) -> int:
    answers = [
        ask(sample, sample.index.base + rest, Accept=accept)
        for rest, accept in ((PAGE, JSON), (PAGE, "text/html"), ("/pypi/sample-pkg/json", "*/*"))
    ]
    [serial] = {answer.headers["x-pypi-last-serial"] for answer in answers}
    return int(serial)


def test_head_is_get_without_a_body(sample: Sample) -> None:
    for url in addresses(sample):
        for accept, encoding in VARIANTS[:3]:
            get, head = (
                ask(sample, url, method, Accept=accept, Accept_Encoding=encoding)
                for method in ("GET", "HEAD")
            )
            assert (get.status_code, head.status_code) == (200, 200), url
            assert head.content == b""
            assert _without_own(head) == _without_own(get)


def _without_own(answer: requests.Response) -> dict[str, str]:
    own = {"date", "x-request-id"}
    return {name.lower(): text for name, text in answer.headers.items() if name.lower() not in own}


def test_headers_that_every_answer_has(sample: Sample) -> None:
    base = sample.index.base
    refused = [f"{base}/simple/not-there/", f"{base}/simple", f"{base}/files/{'0' * 64}/{WHEEL}"]
    for url in [*addresses(sample), *refused]:
        answer = ask(sample, url)
        assert parsedate_to_datetime(answer.headers["date"]).tzinfo is not None, (
            "pip caches nothing without"
        )
        assert "authorization" not in answer.headers.get("vary", "").lower(), "uv would store it"
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("visibility", ["public", "internal", "private"])
def test_freshness(new_sample: Callable[[str], Sample], visibility: str) -> None:
    sample = new_sample(visibility)
    who = "public" if visibility == "public" else "private"
    for rest in (PAGE, LIST, "/pypi/sample-pkg/json"):
        answer = ask(sample, sample.index.base + rest)
        assert answer.headers["cache-control"] == f"{who}, no-cache"
    for name in (WHEEL, SDIST, LOCAL):
        answer = ask(sample, sample.url(name))
        assert answer.headers["cache-control"] == f"{who}, {YEAR}"
    answer = ask(sample, f"{sample.url(WHEEL)}.metadata")
    assert answer.headers["cache-control"] == f"{who}, {YEAR}"
    for index in ("group", "instance"):
        for rest in (PAGE, LIST):
            answer = ask(sample, sample.bases[index] + rest)
            assert answer.headers["cache-control"] == "private, no-cache", "it depends on who asks"


def test_members_only_packages_of_a_public_project_are_private(
    new_sample: Callable[[str], Sample], registry: Registry
) -> None:
    sample = new_sample("public")
    registry.configure(sample.project, "package_registry_access_level", "private")
    for url in (sample.index.base + PAGE, sample.url(WHEEL), f"{sample.url(WHEEL)}.metadata"):
        answer = ask(sample, url)
        assert answer.headers["cache-control"].startswith("private, ")
        assert ask(sample, url, anonymous=True).status_code == requests.codes.forbidden


def test_files_are_sent_as_they_are(sample: Sample) -> None:
    for odd in SAMPLE:
        url = sample.url(odd.filename)
        for encoding in ("gzip, deflate, zstd, br", "identity", "*"):
            file = ask(sample, url, Accept_Encoding=encoding)
            assert file.content == odd.content
            assert int(file.headers["content-length"]) == len(odd.content)
            answers = [file]
            if odd.filename.endswith(".whl"):
                answers.append(ask(sample, f"{url}.metadata", Accept_Encoding=encoding))
                assert answers[1].content == odd.metadata
            for answer in answers:
                assert "content-encoding" not in answer.headers
                assert answer.headers["accept-ranges"] == "bytes"
                assert answer.headers["x-content-type-options"] == "nosniff"
                assert answer.headers["etag"].startswith('"')
        assert file.headers["content-type"] == "application/octet-stream"


def test_files_are_revalidated_and_resumed(sample: Sample) -> None:
    for url in (sample.url(WHEEL), f"{sample.url(WHEEL)}.metadata"):
        whole = ask(sample, url)
        tag, size = whole.headers["etag"], len(whole.content)
        answer = ask(sample, url, If_None_Match=tag)
        assert answer.status_code == requests.codes.not_modified
        assert answer.headers["etag"] == tag
        assert answer.headers["cache-control"] == whole.headers["cache-control"]
        for wanted, part in (("bytes=10-", slice(10, None)), ("bytes=-10", slice(size - 10, None))):
            conditions: tuple[dict[str, Any], ...] = ({}, {"If_Range": tag})
            for condition in conditions:
                answer = ask(sample, url, Range=wanted, **condition)
                assert answer.status_code == requests.codes.partial_content
                assert answer.content == whole.content[part]
                start, end = part.indices(size)[:2]
                assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
        changed = ask(sample, url, Range="bytes=10-", If_Range='"other"')
        assert (changed.status_code, changed.content) == (requests.codes.ok, whole.content)
        beyond = ask(sample, url, Range=f"bytes={size}-")
        assert beyond.status_code == requests.codes.requested_range_not_satisfiable
        assert beyond.headers["content-range"] == f"bytes */{size}"


def test_addresses_of_files(sample: Sample) -> None:
    files = sample.index.files("sample-pkg", sample.auth)
    assert {str(file["filename"]) for file in files} == {WHEEL, SDIST, LOCAL}
    for file in files:
        url = str(file["url"])
        assert not {"?", "#"} & set(url)
        assert url.rpartition("/")[2] == str(file["filename"]).replace("+", "%2B")
    assert "+" in LOCAL
    listed = sample.url(LOCAL)
    for spelling in (listed, listed.replace("%2B", "+"), listed.replace("%2B", "%2b")):
        assert ask(sample, spelling).content == SAMPLE[2].content
        assert ask(sample, f"{spelling}.metadata").content == SAMPLE[2].metadata
    # The same addresses below every index, so that one lock file serves them all.
    for base in sample.bases.values():
        url = listed.replace(sample.index.base, base)
        assert ask(sample, url).content == SAMPLE[2].content


def test_addresses_that_are_nobodys(sample: Sample) -> None:
    listed, digest = sample.url(WHEEL), sample.url(WHEEL).split("/")[-2]
    wrong = (
        listed.replace(digest, "0" * 64),
        listed.replace(digest, digest.upper()),
        listed.replace(digest, digest[:-1]),
        listed.replace("sample_pkg", "Sample_Pkg"),
        sample.url(SDIST) + ".metadata",
        f"{listed}.metadata.metadata",
        f"{listed}.asc",
        f"{listed}/",
        listed.replace(WHEEL, ".metadata"),
    )
    for url in wrong:
        for method in ("GET", "HEAD"):
            assert ask(sample, url, method).status_code == requests.codes.not_found, url


def test_superseded_files_keep_their_addresses(new_sample: Callable[[str], Sample]) -> None:
    sample = new_sample("private")
    kept = [sample.url(WHEEL), f"{sample.url(WHEEL)}.metadata"]
    before = [ask(sample, url) for url in kept]
    sample.publish(wheel("sample-pkg", "1.0", extra=b"other"))
    assert sample.url(WHEEL) != kept[0]
    for url, old in zip(kept, before, strict=True):
        answer = ask(sample, url)
        assert answer.content == old.content
        assert _without_own(answer) == _without_own(old)


def test_the_index_is_read_only(sample: Sample) -> None:
    for url in (sample.index.base + PAGE, sample.index.base + LIST, sample.url(WHEEL)):
        for method in ("PUT", "POST", "DELETE", "PATCH", "OPTIONS"):
            answer = ask(sample, url, method)
            assert answer.status_code == requests.codes.method_not_allowed
            assert answer.headers["allow"] == "GET, HEAD"
