"""The JSON of package protection rules."""

from typing_extensions import TypedDict

from wheelyard.domain.protection import ProtectionLevel, ProtectionRule


class ProtectionRuleJson(TypedDict):
    """A rule for the package names that fit its pattern."""

    id: int
    project_id: int
    package_name_pattern: str
    package_type: str
    minimum_access_level_for_push: str | None
    minimum_access_level_for_delete: str | None


def protection_rule_json(rule: ProtectionRule) -> ProtectionRuleJson:
    """Show a rule; a level is a name, or null where the rule leaves that to the roles."""
    return {
        "id": rule.id,
        "project_id": rule.project_id,
        "package_name_pattern": rule.package_name_pattern,
        "package_type": rule.package_type,
        "minimum_access_level_for_push": _name(rule.push_level),
        "minimum_access_level_for_delete": _name(rule.delete_level),
    }


def _name(level: ProtectionLevel | None) -> str | None:
    return None if level is None else level.name.lower()
