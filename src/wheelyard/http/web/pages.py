"""From a request to a page's handler: recognise the session, check the form, answer.

It is the one place where a form is let through: nothing that changes anything is reached without
the token that only our own pages know (see `wheelyard.http.csrf`).
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from wheelyard.domain.errors import Reason, Refused
from wheelyard.http import csrf
from wheelyard.http.asgi import Receive, Scope, Send, header
from wheelyard.http.services import Services
from wheelyard.http.sessions import find_signed_in
from wheelyard.http.web.forms import TOKEN_FIELD, Form, read_form
from wheelyard.http.web.posted_files import PostedFiles, is_multipart
from wheelyard.http.web.view import View

Handler = Callable[[View], Awaitable[Response]]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_SENTENCE = "The form is too old, or did not come from a page of this server. Load it again."


class Page:
    """A handler as an ASGI application."""

    def __init__(self, handler: Handler, services: Services) -> None:
        self._handler = handler
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Raises Refused for `ErrorPages` to answer."""
        request = Request(scope, receive)
        view = await self._open(request)
        if request.method not in SAFE_METHODS:
            await _read_posted(view)
            check_form(view)
        try:
            response = await self._handler(view)
        except Refused as refused:
            if refused.reason is Reason.NOT_FOUND and view.user is None:
                # Whether there is such a thing is told to nobody who could not see it.
                raise Refused(Reason.UNAUTHENTICATED, refused.detail) from refused
            raise
        await view.finish(response)(scope, receive, send)

    async def _open(self, request: Request) -> View:
        services, now = self._services, self._services.clock()
        async with services.db.read() as tx:
            signed_in = await find_signed_in(services, tx, request.scope, now)
            instance = await tx.settings.load()
        return View(request, services, now, signed_in, instance)


async def _read_posted(view: View) -> None:
    """Read the form; of one with files its fields, and leave the files for its handler."""
    request = view.request
    if is_multipart(request.scope):
        view.files = PostedFiles(request.scope, request.receive)
        view.form = Form(await view.files.read_fields())
    else:
        view.form = await read_form(request)


def check_form(view: View) -> None:
    """Refuse (forbidden) what our own pages did not send."""
    scope, secret = view.request.scope, view.browser_secret
    token = header(scope, csrf.HEADER) or view.form.raw(TOKEN_FIELD)
    is_ours = csrf.is_from_here(scope, view.services.external_url)
    if not is_ours or secret is None or not csrf.is_csrf_token(token, secret):
        raise Refused(Reason.FORBIDDEN, _SENTENCE)
