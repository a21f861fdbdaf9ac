"""The brief's walk in a real browser and with the real clients, with JavaScript and without.

Whatever is typed into a shell here was copied from a page: by its button, or where there is no
JavaScript by reading it.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests
from playwright.sync_api import Page, expect

from browsing import Windows
from clients.environments import client
from clients.guide_package import GREET, build_guide_package
from clients.sandbox import Outcome, Sandbox
from registry import Registry, fresh
from visiting import PASSWORD
from wheelyard.actions.users import create_user
from wheelyard.domain.models.users import User
from wheelyard.http.web.installation import PLACEHOLDER

NAME = "mypypipackage"


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """Set up a newcomer's machine, where the guide's package has just been built into `dist`."""
    sandbox = Sandbox(tmp_path_factory.mktemp("newcomer"))
    build_guide_package(sandbox)
    return sandbox


@pytest.fixture
def newcomer(registry: Registry) -> User:
    """Make somebody with a password, and nothing else."""
    return registry.run(
        lambda machines, by: create_user(
            machines.db, machines.passwords, by, username=fresh("newcomer"), password=PASSWORD
        )
    )


@dataclass
class Walk:
    """A newcomer at a browser and a shell."""

    page: Page
    machine: Sandbox
    javascript: bool

    def sign_in(self, username: str) -> None:
        self.page.goto("/")
        self.page.get_by_label("Username or primary email").fill(username)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("heading", name="Home")).to_be_visible()

    def create_project(self, name: str) -> str:
        """Return the project's id, as its page shows it."""
        self.page.get_by_role("main").get_by_role("link", name="New project").first.click()
        self.page.get_by_label("Project name").fill(name)
        self.page.get_by_role("group", name="Visibility Level").get_by_label("Private").check()
        self.page.get_by_role("button", name="Create project").click()
        line = self.page.get_by_text(re.compile(r"Project ID: \d+"))
        return line.inner_text().partition(": ")[2].strip()

    def make_token(self, name: str, scope: str) -> str:
        """Return the secret of a new token."""
        self.page.get_by_role("button", name="User menu").click()
        self.page.get_by_role("link", name="Access Tokens").click()
        self.page.get_by_label("Token name").fill(name)
        expect(self.page.get_by_label("Expiration date")).to_have_value(re.compile(r"\d{4}-"))
        self.page.get_by_label(scope, exact=True).check()
        self.page.get_by_role("button", name="Create personal access token").click()
        return self.page.get_by_label("Your new personal access token").input_value()

    def copied(self, name: str) -> str:
        """Return one of the texts that pages offer: `.pypirc`, `pip command`."""
        button = self.page.get_by_role("button", name=f"Copy {name}", exact=True)
        if not self.javascript:
            expect(button).to_be_hidden()
            return self.page.get_by_role("region", name=name, exact=True).inner_text()
        self.page.evaluate("navigator.clipboard.writeText('')")
        button.click()
        return str(self.page.wait_for_function("navigator.clipboard.readText()").json_value())

    def type(self, command: str, program: str, **environment: str) -> Outcome:
        """Type a command into a shell, on whose PATH a client of the matrix is."""
        path = f"{client(program)}:/usr/bin:/bin"
        return self.machine.run("sh", "-c", command, environment={"PATH": path, **environment})

    def greeting(self, python: Path) -> Outcome:
        """Use what is installed, and not the sources, which are in the folder."""
        return self.machine.run(python, "-I", "-c", GREET)

    def switch_packages(self, *, on: bool) -> None:
        """Go the brief's way: Settings → General → … → Packages → Save changes."""
        side_bar = self.page.get_by_role("navigation", name="Project")
        side_bar.get_by_role("link", name="General").click()
        section = "Visibility, project features, permissions"
        expect(self.page.get_by_role("heading", name=section)).to_be_visible()
        self.page.get_by_label("Packages", exact=True).set_checked(on)
        self.page.get_by_role("button", name="Save changes").click()
        expect(self.page.get_by_role("status").first).to_contain_text("was saved")
        expect(self.page.get_by_label("Packages", exact=True)).to_be_checked(checked=on)


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
def test_the_walk(windows: Windows, newcomer: User, machine: Sandbox, *, javascript: bool) -> None:
    page = windows.open(javascript=javascript)
    walk = Walk(page, machine, javascript)
    side_bar = page.get_by_role("navigation", name="Project")

    walk.sign_in(newcomer.username)
    project_id = walk.create_project("My Packages")
    overview = page.url
    publishing = walk.make_token("twine on my laptop", "api")

    # Publish: the project's page says how, for this project.
    page.goto(overview)
    pypirc = walk.copied(".pypirc")
    assert f"/api/v4/projects/{project_id}/packages/pypi" in pypirc
    (machine.home / ".pypirc").write_text(pypirc.replace(PLACEHOLDER, publishing))
    published = walk.type(walk.copied("twine command"), "twine")
    assert published.is_success, published.output

    # It is there.
    expect(side_bar.get_by_role("link", name="Packages & Registries")).to_be_visible()
    side_bar.get_by_role("link", name="Package Registry").click()
    package = page.get_by_role("region", name="Packages").get_by_role("link", name=NAME)
    expect(package).to_have_count(1)
    package.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{NAME} 0.0.1")
    for file in ("mypypipackage-0.0.1-py3-none-any.whl", "mypypipackage-0.0.1.tar.gz"):
        expect(page.get_by_role("link", name=file, exact=True)).to_be_visible()
    package_page = page.url

    # Install: the package's page says how.
    reading = walk.make_token("pip on my laptop", "read_api")
    page.goto(package_page)
    install = walk.copied("pip command").replace(PLACEHOLDER, reading)
    python = machine.new_environment()
    installed = walk.type(install, "pip", PIP_PYTHON=str(python))
    assert installed.is_success, installed.output
    assert walk.greeting(python).output == "Hello from MyPyPiPackage"

    # Off: no entry, no page, no index.
    walk.switch_packages(on=False)
    expect(side_bar.get_by_role("link", name="Packages & Registries")).to_have_count(0)
    another = machine.new_environment()
    refused = walk.type(install, "pip", PIP_PYTHON=str(another))
    assert not refused.is_success, refused.output
    assert "No matching distribution" in refused.output, refused.output
    assert index_status(page, project_id, reading) == 403
    assert not walk.greeting(another).is_success

    # On again: everything is as it was.
    walk.switch_packages(on=True)
    assert index_status(page, project_id, reading) == 200
    side_bar.get_by_role("link", name="Package Registry").click()
    expect(package).to_have_count(1)
    installed = walk.type(install, "pip", PIP_PYTHON=str(another))
    assert installed.is_success, installed.output
    assert walk.greeting(another).output == "Hello from MyPyPiPackage"


def index_status(page: Page, project_id: str, secret: str) -> int:
    """Return how the project's index answers an installer, which has no session."""
    url = urljoin(page.url, f"/api/v4/projects/{project_id}/packages/pypi/simple/{NAME}/")
    return requests.get(url, auth=("__token__", secret), timeout=60).status_code
