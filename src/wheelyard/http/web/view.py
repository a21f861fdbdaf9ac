"""What a page's handler is given: who asks, what was sent, and the ways to answer."""

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from wheelyard.domain.access import Action
from wheelyard.domain.authorise import may, require
from wheelyard.domain.errors import Reason, Refused, not_found
from wheelyard.domain.models.callers import ANONYMOUS, Actor, Caller
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.users import User
from wheelyard.domain.negotiate import Encoding, choose_encoding
from wheelyard.domain.settings import InstanceSettings
from wheelyard.http.addresses import base_url
from wheelyard.http.asgi import client_address, header
from wheelyard.http.cookies import Header, read_cookie, set_cookie
from wheelyard.http.csrf import csrf_token
from wheelyard.http.encodings import encode
from wheelyard.http.services import Services
from wheelyard.http.sessions import SignedIn
from wheelyard.http.web.flash import Flash, Tone, drop_flash, read_flash, set_flash
from wheelyard.http.web.forms import Form
from wheelyard.http.web.navigation import Menu, menu_of
from wheelyard.http.web.posted_files import PostedFiles
from wheelyard.http.web.templates import render
from wheelyard.http.web.theme import Theme, read_theme
from wheelyard.ports.database import Transaction

VISIT_COOKIE = "wheelyard_visit"


class View:
    """One request for a page. Templates know it as `view`.

    signed_in: the session that the browser has, or None. instance: the instance's settings.
    form: what was posted, after the check that our own page sent it. files: of a form with files,
    to be read as they arrive.
    """

    def __init__(
        self,
        request: Request,
        services: Services,
        now: datetime,
        signed_in: SignedIn | None,
        instance: InstanceSettings,
    ) -> None:
        actor = ANONYMOUS if signed_in is None else signed_in.actor
        self.request = request
        self.services = services
        self.by = Caller(actor, now, client_address(request.scope))
        self.signed_in = signed_in
        self.instance = instance
        self.form = Form()
        self.files: PostedFiles | None = None
        self._visit = read_cookie(request.scope, services, VISIT_COOKIE)
        self._cookies: list[Header] = []

    # --- who asks, and for what -------------------------------------------------------------

    @property
    def actor(self) -> Actor:
        """Who asks."""
        return self.by.actor

    @property
    def user(self) -> User | None:
        """The user who is signed in."""
        return None if self.signed_in is None else self.signed_in.user

    @property
    def now(self) -> datetime:
        """The moment of the request, in UTC."""
        return self.by.at

    @property
    def today(self) -> date:
        """Its day."""
        return self.by.at.date()

    @property
    def path(self) -> Mapping[str, Any]:
        """The parameters in the path, as the route names them."""
        return self.request.path_params

    @property
    def address(self) -> str:
        """The page's own path and query."""
        scope = self.request.scope
        query = scope["query_string"].decode("latin-1")
        return f"{scope['path']}?{query}" if query else str(scope["path"])

    @property
    def base_url(self) -> str:
        """The server's address, without a slash at the end."""
        return base_url(self.request.scope, self.services)

    def query(self, name: str) -> str:
        """Return a parameter of the query, without spaces around it; empty when there is none."""
        text = self.request.query_params.get(name, "").strip()
        return text if text.isprintable() else ""

    # --- rights -----------------------------------------------------------------------------

    def may(self, action: Action | str, target: Project | Namespace) -> bool:
        """Tell whether the caller may do something: to show what leads there."""
        return may(self.actor, Action(action), target, self.today)

    def allow(self, action: Action, target: Project | Namespace | None) -> None:
        """Let the caller do something, or raise Refused: it becomes a page, or the sign-in."""
        require(self.actor, action, target, self.today)

    def require_user(self) -> User:
        """Return who is signed in. Raises Refused (unauthenticated)."""
        if self.user is None:
            raise Refused(Reason.UNAUTHENTICATED, "Sign in to see this page.")
        return self.user

    async def project(self, tx: Transaction, action: Action) -> Project:
        """Return the project in the path (`place`), if the caller may do `action` to it."""
        project = await tx.projects.by_path(self.path["place"])
        self.allow(action, project)
        if project is None:
            raise not_found("404 Project")
        return project

    async def group(self, tx: Transaction, action: Action = Action.READ_GROUP) -> Namespace:
        """Return the group in the path (`place`), if the caller may do `action` to it."""
        group = await tx.namespaces.by_path(self.path["place"])
        self.allow(Action.READ_GROUP, group)
        self.allow(action, group)
        if group is None:
            raise not_found("404 Group")
        return group

    # --- what templates show ----------------------------------------------------------------

    @property
    def csrf_token(self) -> str:
        """The token that every form of the page carries."""
        return csrf_token(self.browser_secret or self._begin_visit())

    @property
    def browser_secret(self) -> str | None:
        """What only this browser knows: of its session, else of its visit; None at first."""
        return self._visit if self.signed_in is None else self.signed_in.secret

    @property
    def theme(self) -> Theme:
        """Light, dark, or as the system has it."""
        return read_theme(self.request.scope, self.services)

    def take_flash(self) -> Flash | None:
        """Return what the page before left to be said, once."""
        flash = read_flash(self.request.scope, self.services)
        if flash is not None:
            self._cookies.append(drop_flash(self.request.scope, self.services))
        return flash

    def menu(self, place: Project | Namespace | None) -> Menu:
        """Return the side bar for a page about `place`, or about none."""
        return menu_of(self, place)

    # --- answers ----------------------------------------------------------------------------

    def page(self, template: str, /, *, status: int = 200, **values: Any) -> Response:
        """Answer with a template. `place` in the values makes the side bar a project's or group's.

        A page that shows a form again with its mistakes has the status 422.
        """
        html = render(template, **{"place": None, **values}, view=self).encode()
        wanted = choose_encoding(header(self.request.scope, b"accept-encoding"))
        body, encoding = encode(html, wanted)
        headers = {"Vary": "Accept-Encoding, Cookie", "Cache-Control": self._caching()}
        if encoding is not Encoding.IDENTITY:
            headers["Content-Encoding"] = encoding.value
        return Response(body, status, headers, media_type="text/html")

    def redirect(self, address: str, say: str = "", tone: Tone = Tone.SUCCESS) -> Response:
        """Answer a form that did something: with another page, which says so once."""
        if say:
            self.add_cookie(set_flash(self.request.scope, self.services, Flash(say, tone)))
        return RedirectResponse(address, 303, {"Cache-Control": "no-store"})

    def add_cookie(self, cookie: Header) -> None:
        """Send a cookie with the answer."""
        self._cookies.append(cookie)

    def finish(self, response: Response) -> Response:
        """Return the answer with the cookies that belong to it."""
        response.raw_headers.extend(self._cookies)
        return response

    def _begin_visit(self) -> str:
        self._visit = secrets.token_urlsafe(32)
        self.add_cookie(set_cookie(self.request.scope, self.services, VISIT_COOKIE, self._visit))
        return self._visit

    def _caching(self) -> str:
        return "private, no-cache" if self.signed_in is None else "no-store"
