"""Names: of packages (PEP 503 and the core metadata's rule) and of users, groups and projects.

A name is turned into a checked value before anything is looked up by it, so an impossible
name is "not found" (or "invalid", when it is being created) without a query.
"""

import re
import unicodedata
from typing import NewType

from packaging.utils import InvalidName, canonicalize_name

from wheelyard.domain.errors import Problem, invalid
from wheelyard.domain.findings import shown

NormalisedName = NewType("NormalisedName", str)
"""A package name in PEP 503's normal form: lower case, runs of `-_.` are one `-`."""

MAX_PACKAGE_NAME_CHARS = 256
MAX_PATH_CHARS = 255
MAX_FULL_PATH_CHARS = 1024
MAX_DEPTH = 20
"""GitLab's: a group and twenty levels of subgroups."""

# GitLab's rule for the path of a user, group or project, without its reserved endings.
_PATH = re.compile(r"[a-zA-Z0-9_](?:[a-zA-Z0-9_.-]*[a-zA-Z0-9_-])?")
_RESERVED_ENDINGS = (".git", ".atom")
# First segments that are (or will be) addresses of the server itself.
_RESERVED_TOP_LEVEL = frozenset(
    {"-", "_", ".well-known", "admin", "api", "assets", "dashboard", "explore", "files", "groups"}
    | {"health_check", "help", "import", "login", "logout", "oauth", "profile", "projects"}
    | {"public", "search", "sitemap", "static", "uploads", "user", "users"}
    | {"apple-touch-icon.png", "favicon.ico", "favicon.png", "robots.txt", "sitemap.xml"}
)
# Segments that end the address of a group or project: `/GROUP/PROJECT/edit` is a page about it.
_RESERVED_BELOW = frozenset({"-", "edit"})


def normalise_name(name: str) -> NormalisedName | None:
    """Return the normal form of a package name, or None when it is not a valid name at all."""
    if len(name) > MAX_PACKAGE_NAME_CHARS:
        return None
    try:
        return NormalisedName(canonicalize_name(name, validate=True))
    except InvalidName:
        return None


def check_path(path: str, *, top_level: bool = False) -> str:
    """Return `path`, one segment of a user's, group's or project's address.

    Raises Refused (invalid) that says what a path may hold.
    """
    reserved = path.lower() in (_RESERVED_TOP_LEVEL if top_level else _RESERVED_BELOW)
    if (
        len(path) > MAX_PATH_CHARS
        or not _PATH.fullmatch(path)
        or path.lower().endswith(_RESERVED_ENDINGS)
        or reserved
    ):
        raise invalid(
            Problem(
                "invalid-path",
                f"{shown(path)} {'is a reserved name' if reserved else 'cannot be a path'}: "
                "use letters, digits, '_', '-' and '.', begin with a letter, digit or '_', "
                "and do not end in '.', '.git' or '.atom'.",
                "path",
            )
        )
    return path


def check_full_path(full_path: str) -> str:
    """Return the full path of a project. Raises Refused (invalid) for one that is too long."""
    if len(full_path) > MAX_FULL_PATH_CHARS:
        message = f"An address has up to {MAX_FULL_PATH_CHARS} characters."
        raise invalid(Problem("path-too-long", message, "path"))
    return full_path


def check_group_path(full_path: str) -> str:
    """Return the full path of a group. Raises Refused (invalid): too long, or too deep."""
    if full_path.count("/") > MAX_DEPTH:
        raise invalid(Problem("too-deep", f"Groups nest at most {MAX_DEPTH} deep.", "path"))
    return check_full_path(full_path)


def path_of_name(name: str) -> str:
    """Return a path made of a name, as GitLab does: "My Project" becomes `my-project`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-")


def check_display_name(name: str) -> str:
    """Return `name`, of a group or project, as people read it. Raises Refused (invalid)."""
    if not 0 < len(name.strip()) <= MAX_PATH_CHARS or not name.isprintable() or "/" in name:
        message = f"A name has 1 to {MAX_PATH_CHARS} characters, and no slash."
        raise invalid(Problem("invalid-name", message, "name"))
    return name


def path_key(full_path: str) -> str:
    """Return the key a full path is compared by: paths differ by more than case."""
    return full_path.lower()


def covers(ancestor_key: str, key: str) -> bool:
    """Tell whether the path key `ancestor_key` is `key` itself or one of its ancestors."""
    return key == ancestor_key or key.startswith(ancestor_key + "/")


def ancestor_keys(key: str) -> list[str]:
    """Return the path keys above `key`, from the top down."""
    segments = key.split("/")
    return ["/".join(segments[:count]) for count in range(1, len(segments))]
