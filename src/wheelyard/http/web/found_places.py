"""The project or group that a page is about, for pages that both have at alike addresses."""

from wheelyard.domain.access import Action
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.http.web.view import View
from wheelyard.ports.database import Transaction


async def find_place(
    view: View, tx: Transaction, of_project: Action, of_group: Action
) -> Project | Namespace:
    """Return the place in the path, if the caller may do to it what its kind of place asks for.

    Raises Refused: unauthenticated, not found, forbidden.
    """
    if view.request.scope["path"].startswith("/groups/"):
        return await view.group(tx, of_group)
    return await view.project(tx, of_project)
