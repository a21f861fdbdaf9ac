"""Errors in GitLab's JSON: `message`, a sentence or an object of field to list.

Needed before the API is loaded, so nothing here is FastAPI's.
"""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from wheelyard.domain.errors import Reason, Refused, invalid
from wheelyard.http.errors import (
    INTERNAL_ERROR,
    STATUS,
    gitlab_message,
    oauth_parameters,
    waiting,
)
from wheelyard.http.request_ids import with_id

_REALM = "Wheelyard API"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_METHOD_NOT_ALLOWED = STATUS[Reason.METHOD_NOT_ALLOWED]


async def answer_refused(_request: Request, refused: Exception) -> Response:
    """Answer a refusal with its status and GitLab's message."""
    if not isinstance(refused, Refused):
        raise refused
    if any(problem.code == "path-taken" for problem in refused.problems):
        refused = invalid(*refused.problems)  # GitLab: a group or project that is not valid
    plain = refused.detail if refused.reason is Reason.CONFLICT else gitlab_message(refused)
    body: dict[str, Any] = {"message": _by_field(refused) or plain}
    body |= oauth_parameters(refused) | with_id(STATUS[refused.reason])
    headers = {name.decode(): value.decode() for name, value in waiting(refused)}
    return JSONResponse(body, STATUS[refused.reason], headers | _challenge(refused))


async def answer_http_error(request: Request, error: Exception) -> Response:
    """Answer what the router itself refuses: no such address, no such method, a bad body."""
    if not isinstance(error, HTTPException):
        raise error
    if isinstance(error.__cause__, Refused):  # by `JsonBodies`, while FastAPI read the body
        return await answer_refused(request, error.__cause__)
    sentence = f"{error.status_code} {error.detail}"
    headers = (
        {"allow": _allowed(request)} if error.status_code == _METHOD_NOT_ALLOWED else error.headers
    )
    return JSONResponse({"error": sentence, "message": sentence}, error.status_code, headers)


async def answer_bug(_request: Request, _error: Exception) -> Response:
    """Answer for a bug; the error itself goes on to `middleware.failures`, which logs it."""
    body = {"message": INTERNAL_ERROR} | with_id(500)
    return JSONResponse(body, 500, {"cache-control": "no-store"})


def _allowed(request: Request) -> str:
    """Return the methods of an address (RFC 9110, section 10.2.1): the router names one route's."""
    methods = {
        method
        for method in _METHODS
        for route in request.app.routes
        if route.matches({**request.scope, "method": method})[0] is Match.FULL
    }
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))


def _challenge(refused: Refused) -> dict[str, str]:
    """Return the challenge to send a token, or a better one (RFC 6750, section 3).

    Not Basic, which this API does not take, and for which a browser would open a window.
    """
    told = oauth_parameters(refused)
    if not told and refused.reason is not Reason.UNAUTHENTICATED:
        return {}
    parameters = {"realm": _REALM, **told}
    written = ", ".join(f'{name}="{value}"' for name, value in parameters.items())
    return {"www-authenticate": f"Bearer {written}"}


def _by_field(refused: Refused) -> dict[str, list[str]] | None:
    """Return GitLab's object of field to sentences, where every problem has a field."""
    if refused.reason not in {Reason.INVALID, Reason.UNPROCESSABLE} or not refused.problems:
        return None
    fields: dict[str, list[str]] = {}
    for problem in refused.problems:
        if problem.field is None:
            return None
        fields.setdefault(problem.field, []).append(problem.message)
    return fields
