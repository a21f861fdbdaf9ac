"""Roles as forms offer them."""

from wheelyard.domain.access import ROLES, Level

DEFAULT_ROLE = Level.DEVELOPER
"""What forms propose: enough to publish."""


def roles_up_to(own: Level) -> list[tuple[int, str]]:
    """Return the number and the name of each role that somebody of level `own` may give."""
    return [(level.value, name.capitalize()) for name, level in ROLES.items() if level <= own]
