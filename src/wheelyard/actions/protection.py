"""Package protection: create, change and delete rules; and ask them before a write."""

from collections.abc import Sequence

from wheelyard.actions.auditing import record_event
from wheelyard.domain.errors import not_found
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.places import Project
from wheelyard.domain.protection import (
    ProtectedDeed,
    ProtectionRule,
    RuleWish,
    require_unprotected,
)
from wheelyard.ports.database import Database, Transaction


async def create_rule(db: Database, by: Caller, project: Project, wish: RuleWish) -> ProtectionRule:
    """Add a rule. Raises Refused (unprocessable): what is wrong, or the pattern has a rule."""
    wish.check()
    async with db.write() as tx:
        rule = await tx.protection.create(project.id, wish)
        await record_event(tx, by, "protection_rule_created", project, **_described(rule))
    return rule


async def change_rule(
    db: Database, by: Caller, project: Project, rule_id: int, wish: RuleWish
) -> ProtectionRule:
    """Change a rule. Raises Refused: not found, unprocessable."""
    wish.check()
    async with db.write() as tx:
        before = await require_rule(tx, project, rule_id)
        after = await tx.protection.change(before, wish)
        changes = {
            key: [old, new]
            for (key, old), new in zip(
                _described(before).items(), _described(after).values(), strict=True
            )
        }
        await record_event(tx, by, "protection_rule_changed", project, **changes)
    return after


async def delete_rule(db: Database, by: Caller, project: Project, rule_id: int) -> None:
    """Remove a rule. Raises Refused (not found)."""
    async with db.write() as tx:
        rule = await require_rule(tx, project, rule_id)
        await tx.protection.delete(rule)
        await record_event(tx, by, "protection_rule_deleted", project, **_described(rule))


async def require_rule(tx: Transaction, project: Project, rule_id: int) -> ProtectionRule:
    """Return the rule with this id. Raises Refused (not found)."""
    rule = await tx.protection.get(project.id, rule_id)
    if rule is None:
        raise not_found("404 Package Protection Rule")
    return rule


async def check_protection(
    tx: Transaction, by: Caller, project: Project, deed: ProtectedDeed, *names: str
) -> None:
    """Ask the project's rules about a package, by each way in which it is named.

    Raises Refused (forbidden).
    """
    rules = await tx.protection.list(project.id)
    for name in dict.fromkeys(names):
        check_name_by_rules(by, project, rules, deed, name)


def check_name_by_rules(
    by: Caller, project: Project, rules: Sequence[ProtectionRule], deed: ProtectedDeed, name: str
) -> None:
    """Ask rules that have been read about a package. Raises Refused (forbidden)."""
    require_unprotected(by.actor, project, rules, deed=deed, name=name, today=by.at.date())


def _described(rule: ProtectionRule) -> dict[str, object]:
    return {
        "rule_id": rule.id,
        "pattern": rule.package_name_pattern,
        "push_level": rule.push_level,
        "delete_level": rule.delete_level,
    }
