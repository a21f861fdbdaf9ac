"""The JSON of the instance: its version, its settings and its limits."""

from dataclasses import fields
from typing import Any, get_type_hints

from pydantic import BaseModel, TypeAdapter, create_model
from pydantic.config import JsonDict
from typing_extensions import TypedDict

from wheelyard import __version__
from wheelyard.domain.settings import InstanceSettings

ANYONE_MAY_PULL = "package_registry_allow_anyone_to_pull_option"
"""GitLab's name of our setting `anyone_may_pull_allowed`."""

_LIFETIME = "max_personal_access_token_lifetime"


class KasJson(TypedDict):
    """GitLab's agent server for Kubernetes, which is not here."""

    enabled: bool
    externalUrl: str | None
    version: str | None


class VersionJson(TypedDict):
    """Which version this is."""

    version: str
    revision: str
    kas: KasJson
    enterprise: bool


class LimitsJson(TypedDict):
    """The limits of a plan; sizes are bytes."""

    pypi_max_file_size: int


def _settings_fields() -> dict[str, Any]:
    hints = get_type_hints(InstanceSettings)
    found: dict[str, Any] = {
        field.name: (hints[field.name], ...) for field in fields(InstanceSettings)
    }
    found[_LIFETIME] = (int | None, ...)  # GitLab's null is our 0
    return {"id": (int, ...), **found, ANYONE_MAY_PULL: (bool, ...)}


SettingsJson: type[BaseModel] = create_model(
    "SettingsJson", __doc__="The instance's settings.", **_settings_fields()
)
"""The settings as GitLab shows them: made of the table of settings, so none is forgotten."""


SETTINGS_SCHEMAS: JsonDict = {
    name: TypeAdapter(hint).json_schema()
    for name, (hint, _) in _settings_fields().items()
    if name != "id"
}
"""The name of each setting to the JSON schema of its values."""


def version_json() -> VersionJson:
    """Show which version this is."""
    return {
        "version": __version__,
        "revision": "wheelyard",
        "kas": {"enabled": False, "externalUrl": None, "version": None},
        "enterprise": False,
    }


def settings_json(settings: InstanceSettings) -> dict[str, Any]:
    """Show the settings: a `SettingsJson`."""
    return {
        "id": 1,
        **settings.as_dict(),
        ANYONE_MAY_PULL: settings.anyone_may_pull_allowed,
        _LIFETIME: settings.max_personal_access_token_lifetime or None,
    }


def limits_json(settings: InstanceSettings) -> LimitsJson:
    """Show the limits."""
    return {"pypi_max_file_size": settings.max_file_size_bytes}
