"""Settings → General of a project: its name, who sees it, and whether it has packages."""

from starlette.responses import Response

from wheelyard.actions.inheritance import inherited_by
from wheelyard.actions.projects import ProjectChange, change_project
from wheelyard.domain.access import Action, Level, RegistryAccess, Visibility
from wheelyard.domain.errors import Refused
from wheelyard.domain.findings import Strictness
from wheelyard.domain.inheritance import Inherited
from wheelyard.domain.models.places import Duplicates, Namespace, Project
from wheelyard.domain.settings import parse_choice
from wheelyard.http.web import urls
from wheelyard.http.web.destinations import namespaces_with_role
from wheelyard.http.web.forms import Form, initial
from wheelyard.http.web.inherited_choices import chosen, shown
from wheelyard.http.web.view import View
from wheelyard.ports.database import Transaction

_FIELDS = {"visibility_level": "visibility"}


async def show_settings(view: View) -> Response:
    """Show the settings as they are."""
    async with view.services.db.read() as tx:
        project = await view.project(tx, Action.ADMIN_PROJECT)
    return await settings_page(view, project, present(project))


async def post_settings(view: View) -> Response:
    """Save what was changed in the form."""
    async with view.services.db.read() as tx:
        project = await view.project(tx, Action.ADMIN_PROJECT)
    try:
        change = _change(view, project)
        after = await change_project(view.services.db, view.by, project.id, change)
    except Refused as refused:
        form = view.form.refused(refused, _FIELDS)
        return await settings_page(view, project, form, status=422)
    return view.redirect(urls.project_settings(after), f"Project '{after.name}' was saved.")


async def settings_page(view: View, project: Project, form: Form, status: int = 200) -> Response:
    """Answer with the page; a form without a name is another one of it: the rest is as it is."""
    values = form.values if form.has("name") else {**present(project).values, **form.values}
    async with view.services.db.read() as tx:
        inherited = await inherited_by(tx, await _namespace_of(tx, project))
        targets = await _targets(view, tx, project)
    return view.page(
        "settings/project.html",
        place=project,
        form=Form(values, form.problems),
        inherited=inherited,
        validation_above=inherited.validation or view.instance.validation,
        readers=_reader_choices(project, inherited),
        targets=targets,
        status=status,
    )


def present(project: Project) -> Form:
    """Return the form with a project's settings as they are."""
    return initial(
        name=project.name,
        description=project.description,
        visibility=project.visibility,
        packages_enabled=_is_on(project),
        readers=_readers(project),
        duplicates=shown(project.own.duplicates),
        validation=shown(project.own.validation),
        path=project.path,
    )


def _change(view: View, project: Project) -> ProjectChange:
    """Read the form. Raises Refused: invalid; forbidden (the visibility is for owners)."""
    form = view.form
    change: ProjectChange = {
        "name": form.text("name"),
        "description": form.text("description"),
        "duplicates": chosen(Duplicates, form, "duplicates"),
        "validation": chosen(Strictness, form, "validation"),
    }
    if form.has("visibility"):
        change["visibility"] = parse_choice(Visibility, "visibility", form.text("visibility"))
        if change["visibility"] is not project.visibility:
            view.allow(Action.CHANGE_VISIBILITY, project)
    is_on = form.has("packages_enabled")
    readers = parse_choice(RegistryAccess, "readers", form.text("readers", _readers(project)))
    if is_on and (not _is_on(project) or readers is not _readers(project)):
        change["registry_access"] = readers
    elif not is_on and _is_on(project):
        change["packages_enabled"] = False
    return change


def _is_on(project: Project) -> bool:
    return project.registry_access is not RegistryAccess.DISABLED


def _readers(project: Project) -> RegistryAccess:
    """Return who may install when packages are on: what was chosen, else whoever sees the project.

    The choice may be wider than what holds (`public`, where the instance does not allow it).
    """
    own = project.own.registry_access
    return RegistryAccess.ENABLED if own in {None, RegistryAccess.DISABLED} else own


def _reader_choices(project: Project, inherited: Inherited) -> list[tuple[RegistryAccess, str]]:
    choices = [
        (RegistryAccess.ENABLED, "Everyone who may see the project"),
        (RegistryAccess.PRIVATE, "Members only"),
    ]
    if inherited.anyone_may_pull or _readers(project) is RegistryAccess.PUBLIC:
        choices.append((RegistryAccess.PUBLIC, "Anyone, without signing in"))
    return choices


async def _namespace_of(tx: Transaction, project: Project) -> Namespace:
    namespace = await tx.namespaces.get(project.namespace_id)
    if namespace is None:
        raise LookupError("unreachable: a project is in a namespace")
    return namespace


async def _targets(view: View, tx: Transaction, project: Project) -> list[tuple[int, str]]:
    """Return where the project may be moved, for those who may move it."""
    if not view.may(Action.REMOVE_PROJECT, project):
        return []
    places = await namespaces_with_role(view, tx, Level.MAINTAINER)
    return [(each.id, each.full_path) for each in places if each.id != project.namespace_id]
