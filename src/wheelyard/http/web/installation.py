"""The commands that install a package from a project's index, and those that publish to it.

Each is shown with this server's address filled in, and with the place where a token goes: the name
`__token__` and the token as password. What everybody may read needs none. No command writes a
token into a file of the project.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

NAME = "gitlab"
"""What the index is called in configuration files; GitLab's own guide calls it so."""

USERNAME = "__token__"
PLACEHOLDER = "<your_personal_token>"


@dataclass(frozen=True, slots=True)
class Snippet:
    """Something to copy: commands, or with `file` a part of the file of that name.

    name: what it is, unlike that of any other on the page: "pip command".
    """

    name: str
    text: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Installer:
    """How one tool installs a package. note: a sentence about it, or ""."""

    tool: str
    snippets: Sequence[Snippet]
    note: str = ""


def installers(
    upload_url: str, requirement: str, *, is_public: bool, has_dependencies: bool
) -> Sequence[Installer]:
    """Return the ways to install `requirement` (`name==version`), the most common first.

    upload_url: the project's address for uploads, below which its index is.
    """
    index_url = f"{upload_url}/simple"
    quoted = shlex.quote(requirement)
    return (
        _pip(index_url, quoted, is_public=is_public, has_dependencies=has_dependencies),
        _uv(index_url, quoted, is_public=is_public),
        _poetry(index_url, quoted, is_public=is_public),
        _pdm(index_url, requirement, is_public=is_public),
    )


def pypirc(upload_url: str) -> Snippet:
    """Return the `.pypirc` with which twine publishes to a project."""
    lines = (
        "[distutils]",
        f"index-servers = {NAME}",
        "",
        f"[{NAME}]",
        f"repository = {upload_url}",
        f"username = {USERNAME}",
        f"password = {PLACEHOLDER}",
    )
    return _snippet(".pypirc", *lines, file="~/.pypirc")


def publishers(upload_url: str) -> Sequence[Snippet]:
    """Return the commands that publish what is in `dist`: twine's, with the `.pypirc`, and uv's."""
    return (
        _snippet("twine command", f"python3 -m twine upload --repository {NAME} dist/*"),
        _snippet(
            "uv publish command", f"uv publish --publish-url {upload_url} --token {PLACEHOLDER}"
        ),
    )


def _pip(index_url: str, quoted: str, *, is_public: bool, has_dependencies: bool) -> Installer:
    url = index_url if is_public else _with_token(index_url)
    option = " --no-deps" if has_dependencies else ""
    note = (
        "pip looks in this index only. Install the dependencies first; if they are all here, "
        "leave out --no-deps."
    )
    command = f"pip install --index-url {url}{option} {quoted}"
    return Installer("pip", (_snippet("pip command", command),), note if has_dependencies else "")


def _uv(index_url: str, quoted: str, *, is_public: bool) -> Installer:
    variable = f"UV_INDEX_{NAME.upper()}"
    token = (
        f"export {variable}_USERNAME={USERNAME}",
        f"export {variable}_PASSWORD={PLACEHOLDER}",
    )
    command = f"uv add --index {NAME}={index_url} {quoted}"
    note = "uv takes a name that this index has from here only."
    return Installer("uv", (_snippet("uv command", *_unless(is_public, *token), command),), note)


def _poetry(index_url: str, quoted: str, *, is_public: bool) -> Installer:
    source = f"poetry source add --priority=explicit {NAME} {index_url}"
    token = f"poetry config http-basic.{NAME} {USERNAME} {PLACEHOLDER}"
    command = f"poetry add --source {NAME} {quoted}"
    return Installer(
        "Poetry", (_snippet("Poetry commands", source, *_unless(is_public, token), command),)
    )


def _pdm(index_url: str, requirement: str, *, is_public: bool) -> Installer:
    source = (
        "[[tool.pdm.source]]",
        f'name = "{NAME}"',
        f'url = "{index_url}"',
        f'include_packages = ["{requirement.partition("==")[0]}"]',
    )
    token = (
        f"pdm config pypi.{NAME}.username {USERNAME}",
        f"pdm config pypi.{NAME}.password {PLACEHOLDER}",
    )
    command = f"pdm add {shlex.quote(requirement)}"
    return Installer(
        "PDM",
        (
            _snippet("PDM source", *source, file="pyproject.toml"),
            _snippet("PDM commands", *_unless(is_public, *token), command),
        ),
    )


def _snippet(name: str, *lines: str, file: str = "") -> Snippet:
    return Snippet(name, "\n".join(lines), file)


def _unless(is_public: bool, *lines: str) -> Sequence[str]:
    return () if is_public else lines


def _with_token(url: str) -> str:
    """Return an address with the name and the place of the token in it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{USERNAME}:{PLACEHOLDER}@{parts.netloc}"))
