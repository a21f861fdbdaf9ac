"""The documentation's tables name what the program has, all of it and nothing else."""

import tomllib

from docs.markdown import ROOT, first_column
from wheelyard.actions.project_settings import PROJECT_SETTINGS
from wheelyard.domain.settings import InstanceSettings
from wheelyard.http.errors import STATUS
from wheelyard.settings import ServerSettings

README = ROOT / "README.md"
SETTINGS = "| Setting | Default | Meaning |"


def test_environment_variables() -> None:
    named = first_column(README, "| Variable | Default | Meaning |")
    assert named == [f"WHEELYARD_{field.upper()}" for field in ServerSettings.model_fields]


def test_settings() -> None:
    assert first_column(README, SETTINGS) == [*InstanceSettings().as_dict(), *PROJECT_SETTINGS]


def test_status_codes() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    for status in set(STATUS.values()):
        assert f"| {status.value} |" in text, f"{status.value} is not explained"


def test_layers_are_those_of_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(each for each in contracts["contracts"] if each["type"] == "layers")["layers"]
    document = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    picture = document.split("```")[1]
    places = [min(_place(picture, name) for name in layer.split(" | ")) for layer in layers]
    assert places == sorted(places)


def _place(picture: str, name: str) -> int:
    """Return the number of the line that names a layer first."""
    lines = picture.splitlines()
    return next(number for number, line in enumerate(lines) if name in line.split())
