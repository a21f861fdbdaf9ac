"""What a REST handler is given: the services, who is calling, and how to find what is called.

GitLab's public API takes `PRIVATE-TOKEN`, `private_token=`, Bearer, and the session of a browser;
Basic and deploy tokens are for the package endpoints only.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated

import orjson
from fastapi import Depends, Request
from starlette.requests import ClientDisconnect

from wheelyard.actions.rotation import report_reuse
from wheelyard.domain.access import Action
from wheelyard.domain.authorise import require_in_api
from wheelyard.domain.errors import Problem, Reason, Refused, invalid, not_found
from wheelyard.domain.models.callers import ANONYMOUS, Actor, Caller
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.tokens import TokenKind
from wheelyard.http import csrf
from wheelyard.http.addresses import base_url
from wheelyard.http.asgi import Scope, client_address, header
from wheelyard.http.auth import Credential, Form, authenticate, read_credential
from wheelyard.http.middleware.segments import ENCODED_SLASH
from wheelyard.http.paths import find_group, find_project
from wheelyard.http.rest import bodies
from wheelyard.http.rest.scopes import check_scope, refuse_sudo
from wheelyard.http.services import Services
from wheelyard.http.sessions import find_signed_in
from wheelyard.ports.database import Transaction

_USERS_TOKENS = (TokenKind.PERSONAL, TokenKind.ACCESS)
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated (or anonymous) request to the REST API.

    base_url: the server's address, without a slash at the end.
    """

    services: Services
    by: Caller
    base_url: str

    @property
    def today(self) -> date:
        """The day of the call, in UTC."""
        return self.by.at.date()

    @property
    def actor(self) -> Actor:
        """Who is calling."""
        return self.by.actor

    def without_scopes(self) -> "Call":
        """Return the same call as if its token had every scope: as its user could make it."""
        actor = replace(self.by.actor, scopes=None)
        return replace(self, by=replace(self.by, actor=actor))

    async def renewed(self, tx: Transaction) -> "Call":
        """Return the same call with the roles that its user has now, after a change."""
        user_id = self.actor.user_id
        user = None if user_id is None else await tx.users.get(user_id)
        if user is None:
            return self
        actor = replace(self.actor, grants=await tx.users.grants(user))
        return replace(self, by=replace(self.by, actor=actor))

    def allow(self, action: Action, target: Project | Namespace | None) -> None:
        """Let the caller do `action` to `target`, or raise Refused."""
        require_in_api(self.actor, action, target, self.by.at.date())

    @staticmethod
    def path(id_: str) -> str:
        """Return what `:id` says, with its slashes: `group%2Fproject` is `group/project`."""
        return id_.replace(ENCODED_SLASH, "/")

    async def project(self, tx: Transaction, id_: str, action: Action) -> Project:
        """Return the project that `:id` names, if the caller may do `action` to it."""
        project = await find_project(tx, self.path(id_))
        self.allow(action, project)
        if project is None:
            raise not_found("404 Project")
        return project

    async def group(self, tx: Transaction, id_: str, action: Action) -> Namespace:
        """Return the group that `:id` names, if the caller may do `action` to it."""
        group = await find_group(tx, self.path(id_))
        self.allow(Action.READ_GROUP, group)
        self.allow(action, group)
        if group is None:
            raise not_found("404 Group")
        return group


async def get_call(request: Request) -> Call:
    """Authenticate a request, and check its token's scopes for the route.

    Raises Refused (unauthenticated, invalid token, forbidden, insufficient scope).
    """
    services: Services = request.app.state.services
    now = services.clock()
    credential, address = _credential(request), client_address(request.scope)
    route_path: str = request.scope["route"].path
    try:
        async with services.db.read() as tx:
            if credential is None:
                actor = await _session_actor(services, tx, request.scope, now)
            else:
                actor = await authenticate(
                    services, tx, request.scope, credential, now=now, kinds=_USERS_TOKENS
                )
    except Refused as refused:
        is_reuse = refused.reason is Reason.INVALID_TOKEN and route_path.endswith("/rotate")
        if credential is not None and is_reuse:
            await report_reuse(services.db, Caller(ANONYMOUS, now, address), credential.secret)
        raise
    check_scope(actor, request.method, route_path)
    if await _names_another(request, actor):
        refuse_sudo(actor)
    return Call(services, Caller(actor, now, address), base_url(request.scope, services))


async def _names_another(request: Request, actor: Actor) -> bool:
    """Tell whether the call is to be done in somebody else's name: GitLab's `sudo`.

    It may stand in the query, a header or the body, which `JsonBodies` has made JSON. Of strangers
    no body is read for it: what they may do is nobody's deed. Raises Refused (invalid).
    """
    if "sudo" in request.query_params or "sudo" in request.headers:
        return True
    if actor.is_anonymous or request.method not in bodies.METHODS:
        return False
    try:
        content = await request.body()
    except ClientDisconnect as error:
        raise invalid(Problem("incomplete-body", "The body has not arrived.")) from error
    return "sudo" in orjson.loads(content or b"{}")


async def get_signed_in_call(call: Annotated[Call, Depends(get_call)]) -> Call:
    """As `get_call`, for routes that nobody anonymous may use."""
    if call.actor.user_id is None:
        raise Refused(Reason.UNAUTHENTICATED, "401 Unauthorized")
    return call


async def get_admin_call(call: Annotated[Call, Depends(get_signed_in_call)]) -> Call:
    """As `get_call`, for administrators. Raises Refused (unauthenticated, forbidden)."""
    if not call.actor.is_admin:
        raise Refused(Reason.FORBIDDEN, "403 Forbidden")
    return call


async def _session_actor(services: Services, tx: Transaction, scope: Scope, now: datetime) -> Actor:
    """Return who is signed in with the browser that sends the request, else nobody.

    A browser sends its cookie whoever makes it do so. What changes anything counts only with the
    token that our own pages know, as in GitLab.
    """
    found = await find_signed_in(services, tx, scope, now)
    if found is None:
        return ANONYMOUS
    token = header(scope, csrf.HEADER) or ""
    is_ours = csrf.is_from_here(scope, services.external_url)
    if scope["method"] in _SAFE_METHODS or (is_ours and csrf.is_csrf_token(token, found.secret)):
        return found.actor
    return ANONYMOUS


def _credential(request: Request) -> Credential | None:
    if secret := request.query_params.get("private_token"):
        return Credential(Form.PRIVATE_TOKEN, secret)
    credential = read_credential(request.scope["headers"])
    is_for_packages = credential is not None and credential.form in {Form.BASIC, Form.DEPLOY_TOKEN}
    return None if is_for_packages else credential


AnyCall = Annotated[Call, Depends(get_call)]
"""A handler's parameter: the call, from anybody."""

SignedInCall = Annotated[Call, Depends(get_signed_in_call)]
"""A handler's parameter: the call, from a user."""

AdminCall = Annotated[Call, Depends(get_admin_call)]
"""A handler's parameter: the call, from an administrator."""
