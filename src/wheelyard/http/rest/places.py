"""Routes that projects and groups have alike: which of the two an address is about."""

from typing import Annotated

from fastapi import Depends, Request

from wheelyard.domain.access import Action
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.http.rest.calls import Call
from wheelyard.ports.database import Transaction


class Place:
    """The project or group that `/projects/:id/…` or `/groups/:id/…` names."""

    def __init__(self, id: str, request: Request) -> None:
        self._id = id
        self._is_group = request.scope["route"].path.startswith("/groups/")

    async def find(
        self, call: Call, tx: Transaction, of_project: Action, of_group: Action
    ) -> Project | Namespace:
        """Return it, if the caller may do the action of its kind to it. Raises Refused."""
        if self._is_group:
            return await call.group(tx, self._id, of_group)
        return await call.project(tx, self._id, of_project)


AnyPlace = Annotated[Place, Depends()]
"""A handler's parameter: the project or group in the address."""
