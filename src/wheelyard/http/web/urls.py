"""The addresses of the pages: GitLab's, built in one place. Templates know this module as `urls`.

Paths of users, groups and projects hold letters, digits, `_`, `-`, `.` and slashes only, so they
stand in an address as they are.
"""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from wheelyard.domain.models.places import Namespace, Project
from wheelyard.http.web.static import ADDRESSES

HOME = "/"
SIGN_IN = "/users/sign_in"
SIGN_OUT = "/users/sign_out"
THEME = "/-/theme"
NEW_PROJECT = "/projects/new"
NEW_GROUP = "/groups/new"
EXPLORE = "/explore"
SEARCH = "/search"
PROFILE = "/-/profile"
ACCESS_TOKENS = "/-/profile/personal_access_tokens"
PASSWORD = "/-/profile/password/edit"  # noqa: S105  an address
SESSIONS = "/-/profile/active_sessions"
ADMIN = "/admin"
ADMIN_USERS = "/admin/users"
ADMIN_NEW_USER = "/admin/users/new"
ADMIN_SETTINGS = "/admin/application_settings/general"
ADMIN_AUDIT = "/admin/audit_log"
UPLOAD_CHECKS = "/-/help/upload-checks"
API_DOCS = "/api/v4/docs"


def static(name: str) -> str:
    """Return the address of a static file, by its name."""
    return ADDRESSES[name]


def rotate_access_token(token_id: int) -> str:
    """Return where one's own token is replaced."""
    return f"{ACCESS_TOKENS}/{token_id}/rotate"


def revoke_access_token(token_id: int) -> str:
    """Return where one's own token is ended."""
    return f"{ACCESS_TOKENS}/{token_id}/revoke"


def end_session(session_id: int) -> str:
    """Return where another browser of one's own is signed out."""
    return f"{SESSIONS}/{session_id}/end"


def block_user(user_id: int, *, is_blocked: bool = True) -> str:
    """Return where an administrator blocks a user, or unblocks them."""
    return f"{ADMIN_USERS}/{user_id}/{'block' if is_blocked else 'unblock'}"


def place(of: Project | Namespace) -> str:
    """Return the page of a project, group or user."""
    return f"/{of.full_path}"


def group_packages(group: Namespace) -> str:
    """Return the list of the packages of a group's projects."""
    return f"/groups/{group.full_path}/-/packages"


def name_owners(group: Namespace) -> str:
    """Return where a package name is given to another project of a group."""
    return f"/groups/{group.full_path}/-/packages/owners"


def path(full_path: str) -> str:
    """Return the page of the project, group or user at a full path."""
    return f"/{full_path}"


def project_packages(project: Project, **parameters: object) -> str:
    """Return the list of a project's packages, or with parameters a part of it."""
    return _with_query(f"/{project.full_path}/-/packages", parameters)


def package(project_path: str, release_id: int) -> str:
    """Return the page of one package (a name and a version)."""
    return f"/{project_path}/-/packages/{release_id}"


def package_file(project_path: str, release_id: int, file_id: int) -> str:
    """Return the page of one file of a package."""
    return f"/{project_path}/-/packages/{release_id}/files/{file_id}"


def compare_releases(project: Project, name: str, **versions: object) -> str:
    """Return what changed between two versions of a package: `before` and `after`."""
    address = f"/{project.full_path}/-/packages/compare"
    between = {"from": versions.get("before"), "to": versions.get("after")}
    return _with_query(address, {"name": name, **between})


def new_packages(project: Project) -> str:
    """Return where a browser publishes files."""
    return f"/{project.full_path}/-/packages/upload"


def project_settings(project: Project) -> str:
    """Return the general settings of a project."""
    return f"/{project.full_path}/edit"


def rename_project(project: Project) -> str:
    """Return where a project gets another path."""
    return f"/{project.full_path}/-/settings/path"


def transfer_project(project: Project) -> str:
    """Return where a project is moved to another namespace."""
    return f"/{project.full_path}/-/settings/transfer"


def delete_project(project: Project) -> str:
    """Return where a project is deleted."""
    return f"/{project.full_path}/-/settings/delete"


def repository_settings(of: Project | Namespace) -> str:
    """Return the deploy tokens of a project or group."""
    return f"{_about(of)}/settings/repository"


def revoke_deploy_token(of: Project | Namespace, token_id: int) -> str:
    """Return where a deploy token is ended."""
    return f"{_about(of)}/deploy_tokens/{token_id}/revoke"


def place_access_tokens(of: Project | Namespace) -> str:
    """Return the access tokens of a project or group."""
    return f"{_about(of)}/settings/access_tokens"


def change_place_access_token(of: Project | Namespace, token_id: int, deed: str) -> str:
    """Return where an access token of a project or group is rotated or revoked: `deed`."""
    return f"{place_access_tokens(of)}/{token_id}/{deed}"


def package_settings(project: Project) -> str:
    """Return the protection rules of a project."""
    return f"{_about(project)}/settings/packages_and_registries"


def change_protection_rule(project: Project, rule_id: int, deed: str) -> str:
    """Return where a protection rule is changed or deleted: `deed`."""
    return f"{package_settings(project)}/rules/{rule_id}/{deed}"


def members(of: Project | Namespace) -> str:
    """Return the members of a project or group."""
    return f"{_about(of)}/{'project' if isinstance(of, Project) else 'group'}_members"


def change_member(of: Project | Namespace, user_id: int, deed: str) -> str:
    """Return where a member gets another role, is removed or leaves: `deed`."""
    return f"{members(of)}/{user_id}/{deed}"


def group_settings(group: Namespace) -> str:
    """Return the general settings of a group."""
    return f"{_about(group)}/edit"


def move_group(group: Namespace, deed: str) -> str:
    """Return where a group gets another path, another parent, or an end: `deed`."""
    return f"{_about(group)}/settings/{deed}"


def new_group(parent: Namespace | None = None) -> str:
    """Return the form for a group, in another one or at the top."""
    return _with_query(NEW_GROUP, {"parent_id": None if parent is None else parent.id})


def _about(of: Project | Namespace) -> str:
    """Return what the addresses about a project or group begin with."""
    return f"/{of.full_path}/-" if isinstance(of, Project) else f"/groups/{of.full_path}/-"


def sign_in(back_to: str | None = None) -> str:
    """Return the sign-in page, which leads back to an address of ours afterwards."""
    return SIGN_IN if back_to in {None, HOME} else f"{SIGN_IN}?{query(redirect_to=back_to)}"


def query(**parameters: object) -> str:
    """Return parameters as a query, without those that are None or empty."""
    return urlencode([(key, value) for key, value in parameters.items() if value not in {None, ""}])


def _with_query(address: str, parameters: Mapping[str, object]) -> str:
    text = query(**parameters)
    return f"{address}?{text}" if text else address


def safe_redirect(target: str | None) -> str | None:
    """Return `target` if it is a path of this server, else None: it comes from the query.

    Browsers take two slashes or backslashes at its beginning for another server's address, also
    with a tab or a newline in between.
    """
    if not target or not target.startswith("/") or not target.isprintable() or "\\" in target:
        return None
    parts = urlsplit(target)
    if target.startswith("//") or parts.scheme or parts.netloc:
        return None
    return None if parts.path in {SIGN_IN, SIGN_OUT} else target
