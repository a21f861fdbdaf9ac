"""Settings → General of a group: its name, who sees it, and what it hands down to projects."""

from collections.abc import Sequence

from starlette.responses import Response

from wheelyard.actions.groups import GroupChange, change_group
from wheelyard.actions.inheritance import inherited_from_above
from wheelyard.actions.project_settings import INHERIT
from wheelyard.domain.access import Action, Level, Visibility
from wheelyard.domain.errors import Refused
from wheelyard.domain.findings import Strictness
from wheelyard.domain.models.places import Duplicates, Namespace
from wheelyard.domain.names import covers
from wheelyard.domain.settings import parse_bool, parse_choice
from wheelyard.http.web import urls
from wheelyard.http.web.destinations import groups_with_role
from wheelyard.http.web.forms import Form, initial
from wheelyard.http.web.inherited_choices import chosen, shown
from wheelyard.http.web.view import View
from wheelyard.ports.database import Transaction

_FIELDS = {"visibility_level": "visibility", "locked_settings": "locked"}


async def show_settings(view: View) -> Response:
    """Show the settings as they are."""
    async with view.services.db.read() as tx:
        group = await view.group(tx, Action.ADMIN_GROUP)
    return await settings_page(view, group, present(group))


async def post_settings(view: View) -> Response:
    """Save what was changed in the form."""
    async with view.services.db.read() as tx:
        group = await view.group(tx, Action.ADMIN_GROUP)
    try:
        after = await change_group(view.services.db, view.by, group.id, _change(view.form))
    except Refused as refused:
        return await settings_page(view, group, view.form.refused(refused, _FIELDS), status=422)
    return view.redirect(urls.group_settings(after), f"Group '{after.name}' was saved.")


async def settings_page(view: View, group: Namespace, form: Form, status: int = 200) -> Response:
    """Answer with the page; a form without a name is another one of it: the rest is as it is."""
    values = form.values if form.has("name") else {**present(group).values, **form.values}
    async with view.services.db.read() as tx:
        above = await inherited_from_above(tx, group)
        parents = await _parents(view, tx, group)
    return view.page(
        "settings/group.html",
        place=group,
        form=Form(values, form.problems),
        above=above,
        validation_above=above.validation or view.instance.validation,
        parents=parents,
        status=status,
    )


def present(group: Namespace) -> Form:
    """Return the form with a group's settings as they are."""
    choices = group.choices
    is_on = choices.packages_enabled
    return initial(
        name=group.name,
        description=group.description,
        visibility=group.visibility,
        packages_enabled=INHERIT if is_on is None else str(is_on).lower(),
        duplicates=shown(choices.duplicates),
        validation=shown(choices.validation),
        locked=sorted(choices.locked),
        merges_names=group.merges_names,
        path=group.path,
    )


def _change(form: Form) -> GroupChange:
    """Read the form. Raises Refused (invalid)."""
    packages = form.text("packages_enabled")
    return {
        "name": form.text("name"),
        "description": form.text("description"),
        "visibility": parse_choice(Visibility, "visibility", form.text("visibility")),
        "packages_enabled": (
            None if packages == INHERIT else parse_bool("packages_enabled", packages)
        ),
        "duplicates": chosen(Duplicates, form, "duplicates"),
        "validation": chosen(Strictness, form, "validation"),
        "locked": frozenset(form.all("locked")),
        "merges_names": form.has("merges_names"),
    }


async def _parents(
    view: View, tx: Transaction, group: Namespace
) -> Sequence[tuple[int | str, str]]:
    """Return where the group may be moved: the top, and groups that are neither it nor in it."""
    top = [] if group.parent_id is None else [("", "None: to the top")]
    groups = await groups_with_role(view, tx, Level.MAINTAINER)
    return [
        *top,
        *(
            (each.id, each.full_path)
            for each in groups
            if each.id != group.parent_id and not covers(group.key, each.key)
        ),
    ]
