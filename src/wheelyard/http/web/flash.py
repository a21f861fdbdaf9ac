"""A sentence that the next page shows once: kept by the browser, from a redirect to the page.

Nothing secret belongs in it. It is escaped like everything else that a page shows.
"""

import base64
import binascii
from dataclasses import dataclass
from enum import StrEnum

from wheelyard.http.asgi import Scope
from wheelyard.http.cookies import Header, drop_cookie, read_cookie, set_cookie
from wheelyard.http.services import Services

_COOKIE = "wheelyard_flash"
_SECONDS = 60
_MAX_CHARS = 500


class Tone(StrEnum):
    """What kind of news it is; the names are those of the stylesheet's alerts."""

    SUCCESS = "success"
    INFO = "info"
    WARNING = "warning"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Flash:
    """One sentence."""

    text: str
    tone: Tone = Tone.SUCCESS


def set_flash(scope: Scope, services: Services, flash: Flash) -> Header:
    """Return the header that keeps a sentence for the next page."""
    text = base64.urlsafe_b64encode(flash.text[:_MAX_CHARS].encode()).decode().rstrip("=")
    return set_cookie(scope, services, _COOKIE, f"{flash.tone}.{text}", _SECONDS)


def read_flash(scope: Scope, services: Services) -> Flash | None:
    """Return the sentence that is kept, if there is one."""
    tone, _, encoded = (read_cookie(scope, services, _COOKIE) or "").partition(".")
    try:
        raw = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        text = raw.decode()
        return Flash(text, Tone(tone)) if text.isprintable() else None
    except (binascii.Error, ValueError):
        return None


def drop_flash(scope: Scope, services: Services) -> Header:
    """Return the header that forgets the sentence."""
    return drop_cookie(scope, services, _COOKIE)
