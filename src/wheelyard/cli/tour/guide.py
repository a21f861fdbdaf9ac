"""The steps of the guide itself, from an account to an installed package."""

import json
from urllib.parse import urlsplit

from wheelyard.cli.tour.example import GREETING, NAME, distribution_names, write_example
from wheelyard.cli.tour.visitor import TOKEN_USERNAME, Visitor, check, sha256_of

PYPIRC = """\
[distutils]
index-servers = gitlab

[gitlab]
repository = http://{address}{registry_path}
username = {username}
password = {token}
"""


def sign_up(visitor: Visitor) -> str:
    """Make an account, a project and a token with the scope `api`."""
    shell = visitor.shell
    shell.wheelyard("user create newcomer")
    project = shell.wheelyard("project create newcomer/my-pypi-package")
    visitor.project_id = project["id"]
    visitor.token = shell.wheelyard("token create newcomer --name laptop --scope api")["token"]
    return f"the project has the id {visitor.project_id}, and there is a token with scope api"


def build_package(visitor: Visitor) -> str:
    """Write the package and build both distributions."""
    folder = visitor.shell.folder
    for file in write_example(folder):
        visitor.shell.transcript.command(None, f"cat {file.relative_to(folder)}")
        visitor.shell.transcript.output(file.read_text())
    visitor.shell.client("tools", "python3 -m build --no-isolation")
    built = sorted(path.name for path in (folder / "dist").iterdir())
    check(built == distribution_names(), f"built were {', '.join(built)}.")
    visitor.first_wheel = folder / "dist" / built[0]
    return f"built {' and '.join(built)}"


def write_pypirc(visitor: Visitor, username: str = TOKEN_USERNAME, token: str = "") -> str:
    """Write `~/.pypirc`."""
    text = PYPIRC.format(
        address=visitor.address,
        registry_path=visitor.registry_path,
        username=username,
        token=token or visitor.token,
    )
    file = visitor.shell.home / ".pypirc"
    file.touch(mode=0o600)
    file.write_text(text)
    visitor.shell.transcript.command(None, "cat ~/.pypirc")
    visitor.shell.transcript.output(text)
    return "the guide's file, with this server's address"


def publish(visitor: Visitor) -> str:
    """Upload wheel and sdist with twine."""
    visitor.shell.client("tools", "python3 -m twine upload --repository gitlab dist/*")
    return "twine uploaded the wheel and the sdist"


def list_package(visitor: Visitor) -> str:
    """Look the package up in the project's index."""
    files = visitor.listed_files()
    for name in distribution_names():
        check(name in files, f"{name} is not listed.")
        digest = sha256_of(visitor.shell.folder / "dist" / name)
        check(files[name]["hashes"]["sha256"] == digest, f"{name} is listed with other content.")
    return "the project lists both files, at once and with the right hashes"


def install(visitor: Visitor) -> str:
    """Install into a fresh virtual environment and run what was installed."""
    visitor.shell.make_environment("app")
    index_url = visitor.index_url(visitor.token)
    visitor.shell.client("app", f"pip install --index-url {index_url} --no-deps {NAME}")
    check(visitor.greet() == GREETING, "the installed package does not greet.")
    return f"pip installed {NAME}, and it says: {GREETING}"


def find_file_address(visitor: Visitor) -> str:
    """Have pip report what it installs from where, and look at what is there."""
    report = visitor.shell.home / "report.json"
    line = f"pip install --quiet --dry-run --ignore-installed --report {report}"
    index_url = visitor.index_url(visitor.token)
    visitor.shell.client("app", f"{line} --index-url {index_url} --no-deps {NAME}")
    found = json.loads(report.read_bytes())["install"][0]["download_info"]["url"]
    visitor.shell.transcript.output(found)
    digest = sha256_of(visitor.first_wheel)
    path = f"{visitor.registry_path}/files/{digest}/{visitor.first_wheel.name}"
    check(urlsplit(found).path == path, f"pip installs from elsewhere than {path}.")
    visitor.first_wheel_path = path
    check(visitor.get(path).body == visitor.first_wheel.read_bytes(), "other bytes are there.")
    return f"pip installs the wheel from {path}"
