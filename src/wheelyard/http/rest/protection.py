"""Package protection rules of a project."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, BeforeValidator

from wheelyard.actions.protection import change_rule, create_rule, delete_rule, require_rule
from wheelyard.domain.access import Action
from wheelyard.domain.models.places import Project
from wheelyard.domain.protection import ProtectionLevel, ProtectionRule, RuleWish
from wheelyard.http.rest.calls import Call, SignedInCall
from wheelyard.http.rest.row_ids import RowId
from wheelyard.http.rest.shapes.protection import ProtectionRuleJson, protection_rule_json

router = APIRouter(tags=["Package protection rules"])

_RULES = "/projects/{id}/packages/protection/rules"

Level = Annotated[
    Literal["maintainer", "owner", "admin"] | None,
    BeforeValidator(lambda value: value or None),  # GitLab takes an empty text for none
]


class NewRule(BaseModel):
    """A rule that is asked for."""

    package_name_pattern: str
    package_type: Literal["pypi"]
    minimum_access_level_for_push: Level = None
    minimum_access_level_for_delete: Level = None


class RuleChange(BaseModel):
    """What of a rule is to change: only what is there."""

    package_name_pattern: str | None = None
    package_type: Literal["pypi"] | None = None
    minimum_access_level_for_push: Level = None
    minimum_access_level_for_delete: Level = None


@router.get(_RULES)
async def list_rules(id: str, call: SignedInCall) -> list[ProtectionRuleJson]:
    """List the rules, oldest first."""
    async with call.services.db.read() as tx:
        project = await call.project(tx, id, Action.READ_PACKAGE_ADMIN)
        return [protection_rule_json(rule) for rule in await tx.protection.list(project.id)]


@router.post(_RULES, status_code=201)
async def create(id: str, call: SignedInCall, body: NewRule) -> ProtectionRuleJson:
    """Protect the packages whose names fit a pattern."""
    wish = RuleWish(
        body.package_name_pattern,
        _level(body.minimum_access_level_for_push),
        _level(body.minimum_access_level_for_delete),
    )
    rule = await create_rule(call.services.db, call.by, await _project(call, id), wish)
    return protection_rule_json(rule)


@router.patch(_RULES + "/{rule_id}")
async def change(
    id: str, rule_id: RowId, call: SignedInCall, body: RuleChange
) -> ProtectionRuleJson:
    """Change a rule."""
    project = await _project(call, id)
    async with call.services.db.read() as tx:
        wish = _changed(await require_rule(tx, project, rule_id), body)
    rule = await change_rule(call.services.db, call.by, project, rule_id, wish)
    return protection_rule_json(rule)


@router.delete(_RULES + "/{rule_id}", status_code=204)
async def delete(id: str, rule_id: RowId, call: SignedInCall) -> None:
    """Take the protection away."""
    await delete_rule(call.services.db, call.by, await _project(call, id), rule_id)


async def _project(call: Call, id_: str) -> Project:
    async with call.services.db.read() as tx:
        return await call.project(tx, id_, Action.ADMIN_PACKAGE)


def _changed(rule: ProtectionRule, body: RuleChange) -> RuleWish:
    sent = body.model_fields_set
    push, delete = body.minimum_access_level_for_push, body.minimum_access_level_for_delete
    is_push_sent = "minimum_access_level_for_push" in sent
    is_delete_sent = "minimum_access_level_for_delete" in sent
    return RuleWish(
        body.package_name_pattern or rule.package_name_pattern,
        _level(push) if is_push_sent else rule.push_level,
        _level(delete) if is_delete_sent else rule.delete_level,
    )


def _level(name: str | None) -> ProtectionLevel | None:
    return None if name is None else ProtectionLevel[name.upper()]
