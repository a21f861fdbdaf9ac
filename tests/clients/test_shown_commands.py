"""The commands on a package's page, typed into a shell as they stand but for the token.

pip, uv, Poetry and PDM install with them, twine and uv publish; a public package needs no token.
"""

import shlex

import pytest

from clients.environments import client
from clients.index import Index
from clients.sandbox import Outcome, Sandbox
from distributions import build_sdist, build_wheel
from registry import Registry, fresh
from running import Server
from visiting import Page, Visitor
from wheelyard.http.web.installation import PLACEHOLDER

PROJECT = """\
[project]
name = "app"
version = "1"
requires-python = ">=3.11"
dependencies = []

[tool.pdm]
distribution = false
"""


NOWHERE = "http://127.0.0.1:9"
"""Nothing listens there: who asks another index than ours fails."""

TOOLS = {
    "pip": ["pip command"],
    "uv": ["uv command"],
    "poetry": ["Poetry commands"],
    "pdm": ["PDM commands"],
}


class Shell:
    """A shell in a new project's folder, with one client on its PATH and a virtual environment."""

    def __init__(self, sandbox: Sandbox, program: str) -> None:
        self.sandbox = sandbox
        self.folder = sandbox.new_project(PROJECT)
        self.python = sandbox.new_environment()
        self.program = program

    def type(self, lines: str) -> Outcome:
        """Type lines; the first that fails ends it."""
        own = str(self.python.parent.parent)
        environment = {
            "PATH": f"{client(self.program)}:/usr/bin:/bin",
            "VIRTUAL_ENV": own,
            "PIP_PYTHON": str(self.python),
            "UV_NO_CONFIG": "false",  # the project's own settings count
            "UV_PROJECT_ENVIRONMENT": own,
            "PDM_CHECK_UPDATE": "0",
            "HTTPS_PROXY": NOWHERE,
            "https_proxy": NOWHERE,
        }
        script = f"cd {shlex.quote(str(self.folder))}\n{lines}"
        return self.sandbox.run("sh", "-ec", script, environment=environment)

    def installed(self, name: str) -> str:
        """Return which version of a package there is."""
        question = f"import importlib.metadata as m; print(m.version({name!r}))"
        return self.sandbox.run(self.python, "-I", "-c", question).output


def page_of(index: Index, registry: Registry, name: str) -> Page:
    """Return the page of `name` 1.0 as a maintainer sees it; it is published, and a 2.0."""
    for file in (build_wheel(name, "1.0"), build_sdist(name, "1.0"), build_wheel(name, "2.0")):
        index.add(*file)
    person = registry.user()
    registry.member(index.project, person, "maintainer")
    visitor = Visitor(index.address).sign_in_as(registry, person)
    listing = visitor.get(f"/{index.project.full_path}/-/packages?sort=version&order=asc")
    first = listing.soup.select_one("a.package-name")
    assert first is not None
    page = visitor.get(str(first["href"]))
    assert page.heading.startswith(f"{name} 1.0")
    return page


def shown(page: Page, name: str) -> str:
    """Return one of the page's texts to copy."""
    text = page.soup.find("pre", attrs={"aria-label": name})
    assert text is not None, f"there is no '{name}'"
    return text.get_text()


@pytest.mark.parametrize("program", TOOLS)
@pytest.mark.parametrize("visibility", ["private", "public"])
def test_installing(
    server: Server, registry: Registry, sandbox: Sandbox, program: str, visibility: str
) -> None:
    project, secret = registry.publisher(visibility)
    name = fresh("shown")
    page = page_of(Index(server.address, project, secret, owner_secret=secret), registry, name)
    shell = Shell(sandbox, program)
    if program == "pdm":
        source = shown(page, "PDM source")
        (shell.folder / "pyproject.toml").write_text(f"{PROJECT}\n{source}\n")
    commands = "\n".join(shown(page, each) for each in TOOLS[program])
    assert (PLACEHOLDER in commands) is (visibility == "private")
    done = shell.type(commands.replace(PLACEHOLDER, secret))
    assert done.is_success, done.output
    assert shell.installed(name) == "1.0"
    assert secret not in (shell.folder / "pyproject.toml").read_text()


@pytest.mark.parametrize("program", ["twine", "uv"])
def test_publishing(index: Index, registry: Registry, sandbox: Sandbox, program: str) -> None:
    name = fresh("shown")
    page = page_of(index, registry, name)
    shell = Shell(sandbox, program)
    (shell.folder / "dist").mkdir()
    for filename, content in (build_wheel(name, "3.0"), build_sdist(name, "3.0")):
        (shell.folder / "dist" / filename).write_bytes(content)
    if program == "twine":
        pypirc = shown(page, ".pypirc").replace(PLACEHOLDER, index.secret)
        (sandbox.home / ".pypirc").write_text(pypirc)
        done = shell.type(shown(page, "twine command"))
    else:
        done = shell.type(shown(page, "uv publish command").replace(PLACEHOLDER, index.secret))
    assert done.is_success, done.output
    assert {f"{name.replace('-', '_')}-3.0-py3-none-any.whl"} <= set(index.files(name))
