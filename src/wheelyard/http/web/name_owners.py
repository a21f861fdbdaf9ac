"""Names that several projects of a group publish: shown on its page, and given to another one."""

from starlette.responses import Response

from wheelyard.actions.ownership import extent_of, move_name
from wheelyard.domain.access import Action
from wheelyard.domain.errors import not_found
from wheelyard.domain.listing import Listing, Window
from wheelyard.domain.models.places import Namespace, NamespaceKind
from wheelyard.domain.names import normalise_name
from wheelyard.domain.ownership import Collision
from wheelyard.http.web import urls
from wheelyard.http.web.view import View
from wheelyard.ports.database import Transaction

_SHOWN = 50
_MAX_DIGITS = 18  # fits a 64-bit integer


async def collisions_of(
    view: View, tx: Transaction, namespace: Namespace
) -> Listing[Collision] | None:
    """Return a group's collisions for those who may move names; None for others."""
    if namespace.kind is not NamespaceKind.GROUP or not view.may(Action.ADMIN_PACKAGE, namespace):
        return None
    return await tx.ownership.collisions(extent_of(namespace), Window(_SHOWN))


async def post_name_owner(view: View) -> Response:
    """Give a name to one of the projects that publish it. Raises Refused."""
    name, chosen = normalise_name(view.form.text("name")), view.form.text("project_id")
    async with view.services.db.read() as tx:
        group = await view.group(tx, Action.ADMIN_PACKAGE)
    if name is None or not (chosen.isascii() and chosen.isdigit() and len(chosen) <= _MAX_DIGITS):
        raise not_found("404 Package")
    owner = await move_name(view.services.db, view.by, group, name, int(chosen))
    return view.redirect(urls.place(group), f"{name} belongs to {owner.full_path} now.")
