"""Light or dark: as the system says, unless somebody chose for this browser."""

from enum import StrEnum

from wheelyard.http.asgi import Scope
from wheelyard.http.cookies import Header, read_cookie, set_cookie
from wheelyard.http.services import Services

_COOKIE = "wheelyard_theme"
_SECONDS = 365 * 24 * 3600


class Theme(StrEnum):
    """What may be chosen."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


def read_theme(scope: Scope, services: Services) -> Theme:
    """Return what was chosen for this browser."""
    return parse_theme(read_cookie(scope, services, _COOKIE))


def parse_theme(text: str | None) -> Theme:
    """Return the theme of this name; the system's for anything else."""
    return Theme(text) if text in set(Theme) else Theme.SYSTEM


def keep_theme(scope: Scope, services: Services, theme: Theme) -> Header:
    """Return the header that makes the browser keep a theme."""
    return set_cookie(scope, services, _COOKIE, theme, _SECONDS)
