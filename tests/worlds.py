"""A small registry with everything in it that an address of the REST API can name."""

from collections.abc import Mapping
from dataclasses import dataclass

from people import People, Person
from publications import publish
from registry import Registry, fresh
from running import Server

Ids = Mapping[str, object]


@dataclass(frozen=True)
class World:
    """A project with packages in a group, everybody's tokens, and the ids that addresses take.

    ids: of parameters by how the addresses begin that they are for; "" is any address.
    """

    people: People
    callers: Mapping[str, Mapping[str, str]]
    ids: Mapping[str, Ids]

    def real_ids(self, path: str) -> dict[str, object]:
        """Return the parameters of an address that lead somewhere."""
        known: dict[str, object] = {}
        for part, ids in self.ids.items():
            if f"{path}/".startswith(f"/{part}/" if part else "/"):
                known |= ids
        return {name: value for name, value in known.items() if f"{{{name}}}" in path}


def build_world(server: Server) -> World:
    """Fill the registry of a running server."""
    registry = Registry(server.data)
    people = People(server.address, registry)
    group = registry.group(visibility="public")
    name = fresh("pkg")  # the index of the instance knows those of other tests too
    registry.group(f"{group.full_path}/below")
    project = registry.project(f"{group.full_path}/project", visibility="public")
    rival = registry.project(f"{group.full_path}/rival")
    developer, maintainer = (people.with_role(group, role) for role in ("developer", "maintainer"))
    admin, somebody = people.new(is_admin=True), people.new()
    registry.project(f"{somebody.user.username}/own")
    people.registry.member(project, somebody.user, "reporter")
    publish(people.address, project, maintainer, (name, "1.0"), (name, "2.0"))
    publish(people.address, rival, maintainer, (name, "9.0"))
    callers = {
        "anonymous": {},
        "developer": developer.headers,
        "maintainer": maintainer.headers,
        "administrator": admin.headers,
    }
    here = admin.gitlab.projects.get(project.id)
    package = here.packages.list(package_version="1.0", get_all=True)[0]
    file = package.package_files.list(get_all=True)[0]
    token = {"name": "t", "scopes": ["read_api"]}
    deploy = {"name": "t", "scopes": ["read_package_registry"]}
    there = admin.gitlab.groups.get(group.id)
    everywhere = {
        "project": project.id,
        "group": group.id,
        "project_id": rival.id,
        "package_id": package.id,
        "file_id": file.id,
        "user_id": developer.user.id,
        "package_name": name,
        "version": "1.0",
        "sha256": file.file_sha256,
        "filename": file.file_name,
        "audit_event_id": _newest_event(admin, "/audit_events"),
        "rule_id": here.package_protection_rules.create(
            {
                "package_name_pattern": "protected*",
                "package_type": "pypi",
                "minimum_access_level_for_push": "owner",
            }
        ).id,
    }
    ids: dict[str, Ids] = {
        "": everywhere,
        "projects": {
            "id": project.id,
            "user_id": somebody.user.id,
            "audit_event_id": _newest_event(admin, f"/projects/{project.id}/audit_events"),
        },
        "groups": {
            "id": group.id,
            "user_id": developer.user.id,
            "audit_event_id": _newest_event(admin, f"/groups/{group.id}/audit_events"),
        },
        "projects/{id}/deploy_tokens": {"token_id": here.deploytokens.create(deploy).id},
        "groups/{id}/deploy_tokens": {"token_id": there.deploytokens.create(deploy).id},
        "projects/{id}/access_tokens": {"token_id": here.access_tokens.create(token).id},
        "groups/{id}/access_tokens": {"token_id": there.access_tokens.create(token).id},
        "users": {"id": somebody.user.id},
        "namespaces": {"id": group.id},
        "personal_access_tokens": {"id": registry.new_token(somebody.user).token.id},
    }
    return World(people, callers, ids)


def _newest_event(admin: Person, path: str) -> int:
    return int(admin.get(path, per_page=1)[0]["id"])
