"""Opening an index for a reader: who asks, and what of it they may read.

There is one for each project, one for each group, and one for the whole instance.
"""

import re
from dataclasses import dataclass
from datetime import date

from wheelyard.domain.access import Action, Level, needed_level
from wheelyard.domain.authorise import require, require_scope
from wheelyard.domain.errors import Reason, Refused, not_found
from wheelyard.domain.extent import INSTANCE, Extent
from wheelyard.domain.models.callers import Actor
from wheelyard.domain.reach import group_reach
from wheelyard.http.asgi import Scope
from wheelyard.http.auth import authenticate, read_credential
from wheelyard.http.memory import Access
from wheelyard.http.moments import Moment
from wheelyard.http.paths import decode_segment, find_group, find_project
from wheelyard.http.services import Services
from wheelyard.index.group import GroupIndex
from wheelyard.index.local import LocalIndex
from wheelyard.ports.database import Transaction

BASE = (
    rb"(?P<base>/api/v4/(?:projects/(?P<project>[^/]+)/|groups/(?P<group>[^/]+)/-/)?packages/pypi)"
)
"""The addresses of indexes, as a part of regular expressions on raw paths."""


@dataclass(frozen=True, slots=True)
class OpenIndex:
    """An index that the caller may read; `is_public` when everybody may.

    project_id: None for an index of many projects.
    asks_who: whether more may be there for a caller who says who they are.
    """

    def access(self, moment: Moment) -> Access:
        """Return what may be remembered of it; `moment` is from before it was opened."""
        stamp, token_id = moment.stamps.access, self.actor.token_id
        return Access(stamp, moment.today, self.project_id, self.is_public, token_id)

    index: LocalIndex | GroupIndex
    actor: Actor
    is_public: bool = False
    project_id: int | None = None
    asks_who: bool = False

    def absent(self, what: str) -> Refused:
        """Build the refusal for `what` that is not there, or not for this caller.

        pip asks its keyring for credentials after 401 only; uv asks its own after 401 and 404,
        but goes on to another index after 404 only. So somebody anonymous hears 401 from the
        index of the instance, which has no address that says 401 for being private; whoever is
        known hears 404.
        """
        if self.asks_who and self.actor.is_anonymous:
            return Refused(Reason.UNAUTHENTICATED, "401 Unauthorized")
        return not_found(what)


async def open_index(
    tx: Transaction, services: Services, scope: Scope, match: re.Match[bytes]
) -> OpenIndex:
    """Authenticate and authorise, in GitLab's order. Raises Refused."""
    now = services.clock()
    if not (await tx.settings.load()).packages_enabled:
        raise not_found("404")
    credential = read_credential(scope["headers"])
    actor = await authenticate(services, tx, scope, credential, now=now)
    if match["project"] is not None:
        return await _open_project(tx, actor, match["project"], now.date())
    if match["group"] is not None:
        return await _open_group(tx, actor, match["group"], now.date())
    require_scope(actor, Action.READ_PACKAGE)
    index = GroupIndex(tx.packages, INSTANCE, group_reach(actor, now.date()))
    return OpenIndex(index, actor, asks_who=True)


async def _open_project(tx: Transaction, actor: Actor, raw_id: bytes, today: date) -> OpenIndex:
    project = await find_project(tx, decode_segment(raw_id))
    require(actor, Action.READ_PACKAGE, project, today)
    if project is None:
        raise not_found("404 Project")
    is_public = needed_level(Action.READ_PACKAGE, project.target) is Level.ANYONE
    return OpenIndex(LocalIndex(tx.packages, project.id), actor, is_public, project.id)


async def _open_group(tx: Transaction, actor: Actor, raw_id: bytes, today: date) -> OpenIndex:
    group = await find_group(tx, decode_segment(raw_id))
    require(actor, Action.READ_GROUP, group, today)
    if group is None:
        raise not_found("404 Group")
    extent = Extent(group.id, group.key, merges_names=group.merges_names)
    # What a group shows depends on who asks.
    return OpenIndex(GroupIndex(tx.packages, extent, group_reach(actor, today)), actor)
