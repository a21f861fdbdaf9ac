"""Where somebody may make or move projects and groups: what the forms for it offer."""

from collections.abc import Sequence

from wheelyard.domain.access import Level
from wheelyard.domain.filters import GroupFilter, Places, roles_of
from wheelyard.domain.listing import Window
from wheelyard.domain.models.places import Namespace
from wheelyard.http.web.view import View
from wheelyard.ports.database import Transaction

MAX_CHOICES = 200


async def groups_with_role(view: View, tx: Transaction, least: Level) -> Sequence[Namespace]:
    """Return the groups, by name, in which the caller has at least this role; at most 200."""
    places = Places(roles_of(view.actor, view.today, least))
    wanted = GroupFilter(None if view.actor.is_admin else places, includes_above=False)
    return (await tx.namespaces.groups(wanted, Window(MAX_CHOICES))).items


async def namespaces_with_role(view: View, tx: Transaction, least: Level) -> Sequence[Namespace]:
    """Return the caller's own namespace, and after it the groups as `groups_with_role` does."""
    own = await tx.namespaces.by_path(view.actor.username)
    return [*([own] if own else []), *await groups_with_role(view, tx, least)]
