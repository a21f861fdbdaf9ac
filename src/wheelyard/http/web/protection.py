"""Settings → Packages and registries of a project: the rules that protect packages by name."""

from starlette.responses import Response

from wheelyard.actions.protection import change_rule, create_rule, delete_rule, require_rule
from wheelyard.domain.access import Action
from wheelyard.domain.errors import Problem, Refused, invalid
from wheelyard.domain.models.places import Project
from wheelyard.domain.protection import ProtectionLevel, ProtectionRule, RuleWish
from wheelyard.http.web import urls
from wheelyard.http.web.forms import Form, initial
from wheelyard.http.web.page_numbers import read_id, row_id
from wheelyard.http.web.view import View

_FIELDS = {"package_name_pattern": "pattern", "base": "push_level"}
_LEVELS = {level.name.lower(): level for level in ProtectionLevel}


async def show_rules(view: View) -> Response:
    """Show the rules and a form: for another, or to change the `rule` of the query."""
    project = await _project(view)
    rule_id = read_id(view.query("rule"))
    if rule_id is None:
        return await _page(view, project, initial(push_level="owner"))
    async with view.services.db.read() as tx:
        rule = await require_rule(tx, project, rule_id)
    return await _page(view, project, _filled(rule), rule)


async def post_rule(view: View) -> Response:
    """Add a rule."""
    project = await _project(view)
    try:
        rule = await create_rule(view.services.db, view.by, project, _wish(view.form))
    except Refused as refused:
        return await _page(view, project, view.form.refused(refused, _FIELDS), status=422)
    said = f"{rule.package_name_pattern} is protected now."
    return view.redirect(urls.package_settings(project), said)


async def post_rule_change(view: View) -> Response:
    """Change a rule."""
    project = await _project(view)
    async with view.services.db.read() as tx:
        rule = await require_rule(tx, project, row_id(view, "rule_id"))
    try:
        await change_rule(view.services.db, view.by, project, rule.id, _wish(view.form))
    except Refused as refused:
        return await _page(view, project, view.form.refused(refused, _FIELDS), rule, status=422)
    return view.redirect(urls.package_settings(project), "The rule was changed.")


async def post_rule_deletion(view: View) -> Response:
    """Take the protection away."""
    project = await _project(view)
    await delete_rule(view.services.db, view.by, project, row_id(view, "rule_id"))
    return view.redirect(urls.package_settings(project), "The rule was deleted.")


async def _project(view: View) -> Project:
    async with view.services.db.read() as tx:
        return await view.project(tx, Action.ADMIN_PACKAGE)


async def _page(
    view: View, project: Project, form: Form, rule: ProtectionRule | None = None, status: int = 200
) -> Response:
    async with view.services.db.read() as tx:
        rules = await tx.protection.list(project.id)
    return view.page(
        "settings/protection.html",
        place=project,
        form=form,
        rule=rule,
        rules=rules,
        levels=[("", "As the roles say"), *((name, name.capitalize()) for name in _LEVELS)],
        status=status,
    )


def _filled(rule: ProtectionRule) -> Form:
    return initial(
        pattern=rule.package_name_pattern,
        push_level=None if rule.push_level is None else rule.push_level.name.lower(),
        delete_level=None if rule.delete_level is None else rule.delete_level.name.lower(),
    )


def _wish(form: Form) -> RuleWish:
    """Read the form. Raises Refused (invalid): a level that there is not."""
    return RuleWish(form.text("pattern"), _level(form, "push_level"), _level(form, "delete_level"))


def _level(form: Form, name: str) -> ProtectionLevel | None:
    text = form.text(name)
    if text and text not in _LEVELS:
        message = f"The level must be one of {', '.join(_LEVELS)}."
        raise invalid(Problem("invalid-level", message, name))
    return _LEVELS.get(text)
