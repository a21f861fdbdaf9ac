"""The service of systemd and its environment: they name what the program has."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from docs.markdown import ROOT
from wheelyard.settings import ServerSettings

UNIT = ROOT / "deploy" / "wheelyard.service"
ENVIRONMENT = ROOT / "deploy" / "environment"
PROGRAM = "/opt/wheelyard/bin/wheelyard"


def variables() -> dict[str, str]:
    """Return what the file would set, what stands behind `#` as well."""
    found = re.findall(r"^#?([A-Z_]+)=(.*)$", ENVIRONMENT.read_text(), re.MULTILINE)
    return dict(found)


def test_the_environment_sets_settings_that_there_are() -> None:
    ours = {name: value for name, value in variables().items() if name.startswith("WHEELYARD_")}
    known = {f"WHEELYARD_{field.upper()}" for field in ServerSettings.model_fields}
    assert ours.keys() <= known
    settings = {name.removeprefix("WHEELYARD_").lower(): value for name, value in ours.items()}
    assert ServerSettings.model_validate(settings).data == Path("/var/lib/wheelyard")


def test_the_command_of_the_unit_has_its_variables_and_its_options() -> None:
    [command] = re.findall(r"^ExecStart=(.*)$", UNIT.read_text(), re.MULTILINE)
    assert set(re.findall(r"\$\{(\w+)\}", command)) <= variables().keys()
    assert command.startswith(f"{PROGRAM} serve ")
    shown = subprocess.run(
        [sys.executable, "-m", "wheelyard", "serve", "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert all(option in shown for option in re.findall(r"--\w+", command))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace(PROGRAM, sys.executable))
    verified = subprocess.run(
        ["systemd-analyze", "verify", str(unit)],  # noqa: S607  wherever it is
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in verified.stderr.splitlines() if UNIT.name in line]
    assert complaints == []


def test_the_documentation_shows_the_files_as_they_are() -> None:
    text = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    for file in (ROOT / "deploy").iterdir():
        assert f"](../deploy/{file.name})" in text, file.name
        if file.suffix != ".json":
            assert f"\n{file.read_text(encoding='utf-8')}```\n" in text, file.name
