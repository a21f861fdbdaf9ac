"""Package protection rules, as the rules need them."""

from collections.abc import Sequence
from typing import Protocol

from wheelyard.domain.protection import ProtectionRule, RuleWish


class Protection(Protocol):
    """Package protection rules of projects."""

    async def list(self, project_id: int) -> Sequence[ProtectionRule]:
        """Return the rules of a project, oldest first."""

    async def get(self, project_id: int, rule_id: int) -> ProtectionRule | None:
        """Return the rule with this id, if it is the project's."""

    async def create(self, project_id: int, wish: RuleWish) -> ProtectionRule:
        """Add a rule. Raises Refused (unprocessable) when the pattern has one already."""

    async def change(self, rule: ProtectionRule, wish: RuleWish) -> ProtectionRule:
        """Change a rule. Raises as `create` does."""

    async def delete(self, rule: ProtectionRule) -> None:
        """Remove a rule."""
