"""Lists of groups: GitLab's filters, and the answer, in two queries however many there are."""

from typing import Annotated

from fastapi import Depends, Query

from wheelyard.domain.access import Level, Visibility
from wheelyard.domain.filters import GroupFilter, Places, roles_of, visible_places
from wheelyard.domain.models.places import Namespace
from wheelyard.domain.names import ancestor_keys
from wheelyard.http.paging import Paging, paging_by
from wheelyard.http.rest.access_levels import AccessLevel
from wheelyard.http.rest.calls import Call
from wheelyard.http.rest.row_ids import ListedId
from wheelyard.http.rest.shapes.groups import GroupJson, group_json
from wheelyard.ports.database import Transaction


class GroupQuery:
    """GitLab's filters of a list of groups. `statistics` and the like mean nothing here."""

    def __init__(
        self,
        *,
        search: Annotated[str | None, Query(max_length=255)] = None,
        owned: bool = False,
        min_access_level: AccessLevel | None = None,
        visibility: Visibility | None = None,
        top_level_only: bool = False,
        all_available: bool | None = None,
        skip_groups: Annotated[list[ListedId], Query(alias="skip_groups[]", max_length=1000)] = [],  # noqa: B006  FastAPI copies it
    ) -> None:
        self._search = search
        self._least = Level.OWNER if owned else min_access_level and Level(min_access_level)
        self._visibility = visibility
        self._is_top_level_only = top_level_only
        self._all_available = all_available
        self._skipped_ids = tuple(skip_groups)

    def wanted(self, call: Call, *, all_available: bool | None = None) -> GroupFilter:
        """Return which groups the caller asks for, of those the caller may see."""
        return GroupFilter(
            self._places(call, all_available=all_available),
            includes_above=self._least is None,
            search=self._search,
            visibility=self._visibility,
            top_level_only=self._is_top_level_only,
            skipped_ids=self._skipped_ids,
        )

    def _places(self, call: Call, *, all_available: bool | None) -> Places | None:
        actor, today = call.actor, call.today
        if self._least is not None:
            return Places(roles_of(actor, today, self._least))
        wants_all = self._all_available if all_available is None else all_available
        if wants_all is None:
            wants_all = actor.is_admin or actor.is_anonymous
        if wants_all or actor.is_anonymous:
            return visible_places(actor, today)
        return Places(roles_of(actor, today))


GroupPaging = Annotated[
    Paging,
    paging_by("name", "path", "created_at", "similarity", keyset=("name", "path", "created_at")),
]
"""A handler's parameter: GitLab's orders of groups."""

GroupParameters = Annotated[GroupQuery, Depends()]
"""A handler's parameter: the filters that the request asks for."""


async def show_groups(
    call: Call, tx: Transaction, paging: Paging, wanted: GroupFilter
) -> list[GroupJson]:
    """Answer with a page of groups."""
    listing = await tx.namespaces.groups(wanted, paging.window)
    keys = {key for group in listing.items for key in ancestor_keys(group.key)}
    above = await tx.namespaces.by_keys(keys)

    def shape(group: Namespace) -> GroupJson:
        names = [above[key].name for key in ancestor_keys(group.key) if key in above]
        return group_json(group, call.base_url, " / ".join([*names, group.name]))

    return paging.show(listing, shape)


async def show_group(call: Call, tx: Transaction, group: Namespace) -> GroupJson:
    """Answer with one group."""
    names = [each.name for each in await tx.namespaces.ancestry(group)]
    return group_json(group, call.base_url, " / ".join(names))
