"""What the parameters of the API mean: one sentence for each name, the same in every request."""

from collections.abc import Mapping
from types import MappingProxyType

from wheelyard.http.rest.field_glossary import MEANINGS

_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "access_level": "The role: 10 guest, 15 planner, 20 reporter, 30 developer, "
        "40 maintainer, 50 owner.",
        "active": "Only what is active.",
        "admin": "Whether the user is an administrator.",
        "admins": "Only administrators.",
        "all_available": "Every group the caller may see, not only their own.",
        "archived": "Only what is archived: nothing here is.",
        "audit_event_id": "The event's id.",
        "blocked": "Only blocked users.",
        "created_after": "Only what was made at this moment (ISO 8601) or later.",
        "created_before": "Only what was made at this moment (ISO 8601) or before.",
        "cursor": "Where to go on with keyset pagination; taken from the `Link` header.",
        "description": "A description, as text.",
        "duplicates": "Whether other bytes may be uploaded under a file name that is there: "
        "allow (the newest is served) or deny.",
        "email": "The e-mail address.",
        "entity_id": "The id of what the event is about; with entity_type.",
        "entity_type": "What the event is about.",
        "exclude_active": "Leave out active users.",
        "exclude_humans": "Leave out users who are people: only bots.",
        "exclude_subgroups": "Leave out the projects of subgroups.",
        "expires_after": "Only what expires on this day or later.",
        "expires_at": "The day (YYYY-MM-DD) on which it ends, at 00:00 UTC.",
        "expires_before": "Only what expires on this day or before.",
        "external": "Only external users: nobody here is.",
        "file_id": "The file's id.",
        "full_path_search": "Search the whole path, not only its end.",
        "group_id": "The id of the group to move it into; to the top without.",
        "hard_delete": "Also delete what belongs to the user.",
        "humans": "Only users who are people, not bots.",
        "id_after": "Only what has a greater id.",
        "id_before": "Only what has a lesser id.",
        "include_subgroups": "Also the projects of subgroups.",
        "include_versionless": "As in GitLab; every package here has a version.",
        "last_activity_after": "Only what was active after this moment (ISO 8601).",
        "last_activity_before": "Only what was active before this moment (ISO 8601).",
        "last_used_after": "Only what was used at this moment (ISO 8601) or later.",
        "last_used_before": "Only what was used at this moment (ISO 8601) or before.",
        "locked_settings": "The names of the settings that nothing below the group may change.",
        "membership": "Only where the caller is a member.",
        "merge": "Whether the group's index mixes the files of all projects with one name.",
        "merges_names": "Whether the group's index mixes the files of all projects with one name.",
        "min_access_level": "Only where the caller has at least this role.",
        "minimum_access_level_for_delete": "The least role that may delete such packages.",
        "minimum_access_level_for_push": "The least role that may publish such packages.",
        "name": "The name, as text.",
        "namespace": "The id or full path of a group, or of the caller's own namespace.",
        "namespace_id": "The id of a group, or of the caller's own namespace.",
        "order_by": "What the listing is sorted by.",
        "owned": "Only what the caller owns.",
        "owned_only": "Only what the caller owns.",
        "package_id": "The package's id: of one version of a name.",
        "package_name": "In an address: the package's name in any spelling. In a listing: a part "
        "of it.",
        "package_name_pattern": "The names that are meant, with `*` for any characters.",
        "package_registry_access_level": "Who reaches the packages: disabled, private (members), "
        "enabled (who sees the project) or public (anybody).",
        "package_type": "GitLab's package type; the packages here are `pypi`.",
        "package_version": "The exact version.",
        "packages_enabled": "Whether packages are switched on.",
        "page": "Which page, from 1.",
        "pagination": "`keyset` goes on after the last id instead of counting pages.",
        "parent_id": "The id of the group that it shall be in.",
        "password": "The password.",
        "path": "The last segment of the address.",
        "per_page": "How many at a time.",
        "plan_name": "The plan: there is one, `default`.",
        "project_id": "The project's id.",
        "pypi_max_file_size": "The largest distribution that is accepted, in bytes.",
        "query": "A part of the name or user name.",
        "reason": "Why, in a sentence; shown on the index.",
        "revoked": "Only what is revoked, or only what is not.",
        "rule_id": "The rule's id.",
        "scopes": "What the token may be used for.",
        "search": "A part of the name or path.",
        "search_namespaces": "Search the whole path, not only its end.",
        "simple": "Show a few fields only.",
        "skip_groups[]": "Ids of groups to leave out.",
        "skip_subresources": "As in GitLab; roles below stay as they are when true.",
        "skip_users[]": "Ids of users to leave out.",
        "sort": "The direction: asc or desc.",
        "starred": "Only what the caller has starred: nothing here is.",
        "state": "Only what is in this state.",
        "statistics": "Show how much is stored as well, to reporters.",
        "status": "The status. Of a package in a listing: GitLab's; of a name: PEP 792's.",
        "token_id": "The token's id.",
        "topic": "Only what has this topic: nothing here has one.",
        "two_factor": "Only users with two factors (enabled: nobody here) or one (disabled).",
        "type": "Only roles in projects (Project), or only those in groups (Namespace).",
        "top_level_only": "Leave out subgroups.",
        "user_id": "The user's id.",
        "user_ids[]": "Ids of users.",
        "username": "The user name.",
        "validation": "What is done about uploads with mistakes: strict, warn or off.",
        "visibility": "Who may see it at all: private, internal or public.",
        "without_project_bots": "Leave out the users behind access tokens.",
    }
)

_IDS: Mapping[str, str] = MappingProxyType(
    {
        "projects": "The project: its id, or its full path with slashes written as `%2F`.",
        "groups": "The group: its id, or its full path with slashes written as `%2F`.",
        "users": "The user's id.",
        "namespaces": "The namespace: its id, or its full path with slashes written as `%2F`.",
        "personal_access_tokens": "The token's id.",
    }
)


def explain(name: str, path: str = "") -> str:
    """Return what the parameter `name` means in an address like `path`.

    Raises KeyError for a name without an entry: whoever adds a parameter adds its meaning.
    """
    if name == "id":
        return _IDS[path.split("/")[1]]
    return _MEANINGS[name] if name in _MEANINGS else MEANINGS[name]


def explain_field(name: str) -> str:
    """Return what the field `name` of an answer means. Raises KeyError as `explain` does."""
    return MEANINGS[name] if name in MEANINGS else _MEANINGS[name]
