"""Package protection rules."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from wheelyard.domain.errors import Problem, Reason, Refused
from wheelyard.domain.protection import ProtectionLevel, ProtectionRule, RuleWish
from wheelyard.sql.connection import Connection
from wheelyard.sql.prepared import prepared
from wheelyard.sql.schema import protection_rules as rules

_PYPI = "pypi"
_OF_PROJECT = prepared(
    select(rules).where(rules.c.project_id == bindparam("of_project")).order_by(rules.c.id)
)


class SqlProtection:
    """`wheelyard.ports.Protection` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(self, project_id: int) -> Sequence[ProtectionRule]:
        """Return the rules of a project, oldest first."""
        result = await self._connection.execute(_OF_PROJECT, {"of_project": project_id})
        return [_rule(row) for row in result]

    async def get(self, project_id: int, rule_id: int) -> ProtectionRule | None:
        """Return the rule with this id, if it is the project's."""
        result = await self._connection.execute(select(rules).where(_is(project_id, rule_id)))
        row = result.one_or_none()
        return None if row is None else _rule(row)

    async def create(self, project_id: int, wish: RuleWish) -> ProtectionRule:
        """Add a rule."""
        statement = insert(rules).values(project_id=project_id, package_type=_PYPI, **_values(wish))
        return await self._write(statement.returning(rules))

    async def change(self, rule: ProtectionRule, wish: RuleWish) -> ProtectionRule:
        """Change a rule."""
        statement = update(rules).where(_is(rule.project_id, rule.id)).values(**_values(wish))
        return await self._write(statement.returning(rules))

    async def delete(self, rule: ProtectionRule) -> None:
        """Remove a rule."""
        await self._connection.execute(delete(rules).where(_is(rule.project_id, rule.id)))

    async def _write(self, statement: Any) -> ProtectionRule:
        try:
            result = await self._connection.execute(statement)
        except IntegrityError as error:
            message = "has already been taken"
            problem = Problem("pattern-taken", message, "package_name_pattern")
            raise Refused(
                Reason.UNPROCESSABLE, f"Package name pattern {message}", problems=(problem,)
            ) from error
        return _rule(result.one())


def _is(project_id: int, rule_id: int) -> Any:
    return (rules.c.project_id == project_id) & (rules.c.id == rule_id)


def _values(wish: RuleWish) -> dict[str, object]:
    return {
        "package_name_pattern": wish.pattern,
        "push_level": wish.push_level,
        "delete_level": wish.delete_level,
    }


def _rule(row: Row[Any]) -> ProtectionRule:
    return ProtectionRule(
        id=row.id,
        project_id=row.project_id,
        package_name_pattern=row.package_name_pattern,
        package_type=row.package_type,
        push_level=None if row.push_level is None else ProtectionLevel(row.push_level),
        delete_level=None if row.delete_level is None else ProtectionLevel(row.delete_level),
    )
