"""The side bar: what leads where, for each kind of page. A new page gets its entry here.

An entry is there only for who may open what it leads to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.domain.access import Action, RegistryAccess
from wheelyard.domain.models.places import Namespace, NamespaceKind, Project
from wheelyard.http.web import urls

if TYPE_CHECKING:
    from wheelyard.http.web.view import View


@dataclass(frozen=True, slots=True)
class Entry:
    """One line; its children are shown below it. `icon` is a name of `vendor/icons.svg`."""

    label: str
    url: str
    icon: str = ""
    children: tuple["Entry", ...] = ()


@dataclass(frozen=True, slots=True)
class Menu:
    """A side bar: what it is about, and its entries. `current` is the address of the open one."""

    title: str
    kind: str
    url: str
    entries: tuple[Entry, ...]
    current: str = ""


def menu_of(view: "View", place: Project | Namespace | None) -> Menu:
    """Return the side bar for a page about a project, a group or user, or about none."""
    if isinstance(place, Project):
        entries = tuple(_project_entries(view, place))
        menu = Menu(place.name, "Project", urls.place(place), entries)
    elif place is not None:
        entries = tuple(_namespace_entries(view, place))
        menu = Menu(place.name, place.kind.value.capitalize(), urls.place(place), entries)
    else:
        menu = _menu_without_place(view)
    return _with_current(menu, view.request.scope["path"])


def _menu_without_place(view: "View") -> Menu:
    """Return the side bar of one's own settings, the administrators', or of everything else."""
    path = view.request.scope["path"]
    if view.user is not None and _is_at_or_below(path, urls.PROFILE):
        return Menu("User settings", "", urls.PROFILE, tuple(_profile_entries()))
    if view.actor.is_admin and _is_at_or_below(path, urls.ADMIN):
        return Menu("Admin area", "", urls.ADMIN, tuple(_admin_entries()))
    return Menu("Your work", "", urls.HOME, tuple(_home_entries(view)))


def _profile_entries() -> Iterator[Entry]:
    yield Entry("Profile", urls.PROFILE, "user")
    yield Entry("Access Tokens", urls.ACCESS_TOKENS, "key")
    yield Entry("Password", urls.PASSWORD, "lock")
    yield Entry("Active sessions", urls.SESSIONS, "device-laptop")


def _admin_entries() -> Iterator[Entry]:
    yield Entry("Overview", urls.ADMIN, "chart-bar")
    yield Entry("Users", urls.ADMIN_USERS, "users")
    yield Entry("Settings", urls.ADMIN_SETTINGS, "settings")
    yield Entry("Audit events", urls.ADMIN_AUDIT, "history")


def _project_entries(view: "View", project: Project) -> Iterator[Entry]:
    yield Entry("Project overview", urls.place(project), "home")
    if shows_packages(view, project):
        registry = Entry("Package Registry", urls.project_packages(project))
        yield Entry("Packages & Registries", urls.project_packages(project), "package", (registry,))
    yield from _members(view, project)
    yield from _settings(tuple(_project_settings_entries(view, project)))


def _project_settings_entries(view: "View", project: Project) -> Iterator[Entry]:
    """Yield the pages. The link "Access Tokens" is the user menu's: these have other names."""
    if view.may(Action.ADMIN_PROJECT, project):
        yield Entry("General", urls.project_settings(project))
    if view.may(Action.ADMIN_ACCESS_TOKEN, project):
        yield Entry("Project tokens", urls.place_access_tokens(project))
    if view.may(Action.ADMIN_DEPLOY_TOKEN, project):
        yield Entry("Repository", urls.repository_settings(project))
    if shows_packages(view, project) and view.may(Action.ADMIN_PACKAGE, project):
        yield Entry("Packages and registries", urls.package_settings(project))


def _namespace_entries(view: "View", namespace: Namespace) -> Iterator[Entry]:
    yield Entry("Overview", urls.place(namespace), "home")
    if namespace.kind is NamespaceKind.GROUP:
        if view.instance.packages_enabled:
            registry = Entry("Package Registry", urls.group_packages(namespace))
            yield Entry("Packages & Registries", registry.url, "package", (registry,))
        yield from _members(view, namespace)
        yield from _settings(tuple(_group_settings_entries(view, namespace)))


def _group_settings_entries(view: "View", group: Namespace) -> Iterator[Entry]:
    if view.may(Action.ADMIN_GROUP, group):
        yield Entry("General", urls.group_settings(group))
    if view.may(Action.ADMIN_GROUP_ACCESS_TOKEN, group):
        yield Entry("Group tokens", urls.place_access_tokens(group))
    if view.may(Action.ADMIN_GROUP_DEPLOY_TOKEN, group):
        yield Entry("Repository", urls.repository_settings(group))


def _members(view: "View", place: Project | Namespace) -> Iterator[Entry]:
    if view.may(Action.READ_MEMBER, place):
        yield Entry("Members", urls.members(place), "users")


def _settings(pages: tuple[Entry, ...]) -> Iterator[Entry]:
    """Yield the entry above the settings that somebody may open, if there are any."""
    if pages:
        yield Entry("Settings", pages[0].url, "settings", pages)


def _home_entries(view: "View") -> Iterator[Entry]:
    if view.user is not None:
        yield Entry("Home", urls.HOME, "home")
    yield Entry("Explore", urls.EXPLORE, "compass")
    yield Entry("Search", urls.SEARCH, "search")


def shows_packages(view: "View", project: Project) -> bool:
    """Tell whether packages are on, here and in the instance, and the caller may read them."""
    is_on = project.registry_access is not RegistryAccess.DISABLED
    return view.instance.packages_enabled and is_on and view.may(Action.READ_PACKAGE, project)


def _with_current(menu: Menu, path: str) -> Menu:
    """Mark the entry that the page is, or is below: the one with the longest address."""
    addresses = [each.url for entry in menu.entries for each in (entry, *entry.children)]
    fitting = [url for url in addresses if _is_at_or_below(path, url)]
    current = max(fitting, key=len, default="")
    return Menu(menu.title, menu.kind, menu.url, menu.entries, current)


def _is_at_or_below(path: str, address: str) -> bool:
    return path == address or path.startswith(address + "/")
