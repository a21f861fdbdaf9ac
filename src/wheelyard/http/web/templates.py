"""Rendering: the Jinja environment, and how moments, sizes and figures are shown.

Everything is escaped, and a name that a template misspells is an error.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from wheelyard.http.web import urls

FOLDER = Path(__file__).parents[2] / "templates"

_UNITS = (
    ("year", 365 * 86400),
    ("month", 30 * 86400),
    ("day", 86400),
    ("hour", 3600),
    ("minute", 60),
)
_HUES = 8


def render(template: str, **values: Any) -> str:
    """Return a template as HTML."""
    return _environment.get_template(template).render(values)


def ago(moment: datetime, now: datetime) -> str:
    """Return how far a moment lies from now, as people say it: "3 days ago", "in 2 hours"."""
    seconds = (now - moment).total_seconds()
    for unit, length in _UNITS:
        count = int(abs(seconds) // length)
        if count:
            span = f"{count} {unit}{'s' if count > 1 else ''}"
            return f"{span} ago" if seconds > 0 else f"in {span}"
    return "just now"


def exact(moment: datetime) -> str:
    """Return a moment to the second, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def size(size_bytes: int) -> str:
    """Return a size as people read it, in the units of PyPI's pages (kB is 1000 bytes)."""
    amount = float(size_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:  # noqa: PLR2004  see above
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def number(count: int) -> str:
    """Return a number with its thousands apart."""
    return f"{count:,}"


def hue(text: str) -> int:
    """Return which of the avatar colours belongs to a name."""
    return sum(text.encode()) % _HUES


def _make_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["urls"] = urls
    environment.filters |= {
        "ago": ago,
        "exact": exact,
        "size": size,
        "number": number,
        "hue": hue,
    }
    return environment


_environment = _make_environment()
