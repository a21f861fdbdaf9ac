"""Headers of every answer of the pages: what a browser may do with it, and what may be kept."""

from collections.abc import Callable

import pytest

from registry import Registry
from visiting import Visitor
from wheelyard.domain.models.users import User
from wheelyard.http.web import urls
from wheelyard.http.web.static import ADDRESSES as STATIC_FILES

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}
ADDRESSES = [
    "/",
    "/users/sign_in",
    "/projects/new",
    "/not/there",
    "/a%00b",
    urls.static("logo.svg"),
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("who", ["stranger", "visitor"])
def test_every_answer(request: pytest.FixtureRequest, address: str, who: str) -> None:
    browser: Visitor = request.getfixturevalue(who)
    for page in (browser.get(address), browser.post(address, {})):
        headers = page.answer.headers
        assert set(headers["Content-Security-Policy"].split("; ")) == POLICY
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_pages_of_signed_in_users_are_kept_nowhere(
    visitor: Visitor, registry: Registry, user: User
) -> None:
    project = registry.project(f"{user.username}/kept", "public")
    for address in ("/", "/projects/new", f"/{project.full_path}", "/not/there"):
        assert visitor.get(address).answer.headers["Cache-Control"] == "no-store"
    stranger = Visitor(visitor.address).get(f"/{project.full_path}")
    assert stranger.answer.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in stranger.answer.headers["Vary"]


def test_pages_are_compressed(visitor: Visitor) -> None:
    for encoding in ("gzip", "zstd"):
        page = visitor.get("/", Accept_Encoding=encoding)
        assert page.answer.headers["Content-Encoding"] == encoding
    assert "Content-Encoding" not in visitor.get("/", Accept_Encoding="identity").answer.headers


def test_static_files(stranger: Visitor) -> None:
    for name, address in STATIC_FILES.items():
        answer = stranger.get(address).answer
        assert answer.status_code == 200, name
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Set-Cookie" not in answer.headers
    style = urls.static("wheelyard.css")
    plain = stranger.get(style, Accept_Encoding="identity").answer.content
    zipped = stranger.get(style, Accept_Encoding="gzip").answer
    assert (zipped.headers["Content-Encoding"], zipped.content) == ("gzip", plain)
    head = stranger.session.head(stranger.address + style, timeout=30)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    "make",
    [
        lambda address: address.replace(".css", ".js"),
        lambda address: address[:-6] + "0" + address[-5:],
        lambda _: "/static/wheelyard.css",
        lambda _: "/static/../app.py",
        lambda _: "/static/%2e%2e/app.py",
        lambda _: "/static/vendor/htmx.LICENSE",
    ],
)
def test_no_other_static_files(stranger: Visitor, make: Callable[[str], str]) -> None:
    answer = stranger.get(make(urls.static("wheelyard.css")), Accept="*/*").answer
    assert answer.status_code == 404
