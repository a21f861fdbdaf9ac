"""The instance: its version, its settings and its limits.

GitLab's names stand beside ours where they differ: `package_registry_allow_anyone_to_pull_option`
is `anyone_may_pull_allowed`, and the plan limit `pypi_max_file_size` is `max_file_size_bytes`.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from wheelyard.actions.settings import change_settings
from wheelyard.domain.errors import Problem, invalid
from wheelyard.domain.settings import InstanceSettings
from wheelyard.http.rest.calls import AdminCall, SignedInCall
from wheelyard.http.rest.shapes.instance import (
    ANYONE_MAY_PULL,
    SETTINGS_SCHEMAS,
    LimitsJson,
    SettingsJson,
    VersionJson,
    limits_json,
    settings_json,
    version_json,
)

router = APIRouter(tags=["Instance"])

_ALIASES = {ANYONE_MAY_PULL: "anyone_may_pull_allowed"}
_PLAN = "default"


class Settings(BaseModel):
    """Settings to change, by their names; GitLab's others are taken and mean nothing here."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"properties": SETTINGS_SCHEMAS})


class PlanLimits(BaseModel):
    """The limits of a plan: there is one plan, `default`."""

    plan_name: Annotated[str, Field(json_schema_extra={"enum": [_PLAN]})]
    pypi_max_file_size: int | None = None


@router.get("/version")
@router.get("/metadata")
async def get_version(_call: SignedInCall) -> VersionJson:
    """Show which version this is."""
    return version_json()


@router.get("/application/settings", response_model=SettingsJson)
async def get_settings(call: AdminCall) -> dict[str, Any]:
    """Show the instance's settings."""
    async with call.services.db.read() as tx:
        return settings_json(await tx.settings.load())


@router.put("/application/settings", response_model=SettingsJson)
async def put_settings(body: Settings, call: AdminCall) -> dict[str, Any]:
    """Change some of the instance's settings, all or none of those that are sent."""
    texts = _texts(body.model_extra or {})
    if not texts:
        names = ", ".join(InstanceSettings().as_dict())
        raise invalid(
            Problem("nothing", f"{names} are missing, at least one parameter must be provided")
        )
    return settings_json(await change_settings(call.services.db, call.by, texts))


@router.get("/application/plan_limits")
async def get_plan_limits(
    call: AdminCall, plan_name: Annotated[str, Query()] = _PLAN
) -> LimitsJson:
    """Show the limits: the largest file, in bytes."""
    _check_plan(plan_name)
    async with call.services.db.read() as tx:
        return limits_json(await tx.settings.load())


@router.put("/application/plan_limits")
async def put_plan_limits(body: PlanLimits, call: AdminCall) -> LimitsJson:
    """Change the limits. There is no way to have none: what the server takes is bounded."""
    _check_plan(body.plan_name)
    if body.pypi_max_file_size is None:
        raise invalid(Problem("nothing", "pypi_max_file_size is missing"))
    texts = {"max_file_size_bytes": str(body.pypi_max_file_size)}
    return limits_json(await change_settings(call.services.db, call.by, texts))


def _check_plan(name: str) -> None:
    if name != _PLAN:
        raise invalid(Problem("unknown-plan", "plan_name does not have a valid value"))


def _texts(sent: dict[str, Any]) -> dict[str, str]:
    """Return the settings that are known as texts, by our names. Raises Refused (invalid)."""
    known = InstanceSettings().as_dict()
    named = {_ALIASES.get(name, name): value for name, value in sent.items()}
    texts = {}
    for name, value in named.items():
        if name not in known:
            continue
        if value is None and name == "max_personal_access_token_lifetime":
            value = 0  # noqa: PLW2901  GitLab's null: no limit
        if not isinstance(value, (str, int)):
            raise invalid(Problem("invalid-value", f"{name} cannot be this.", name))
        texts[name] = str(value)
    return texts
