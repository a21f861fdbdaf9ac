"""Errors on the wire: one table of statuses, and one renderer for each face of the server."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

import orjson

from wheelyard.domain.errors import Problem, Reason, Refused
from wheelyard.http.answers import Answer, Headers
from wheelyard.http.help import help_address
from wheelyard.http.request_ids import with_id

STATUS: Mapping[Reason, HTTPStatus] = MappingProxyType(
    {
        Reason.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
        Reason.INVALID_TOKEN: HTTPStatus.UNAUTHORIZED,
        Reason.FORBIDDEN: HTTPStatus.FORBIDDEN,
        Reason.INSUFFICIENT_SCOPE: HTTPStatus.FORBIDDEN,
        Reason.NOT_FOUND: HTTPStatus.NOT_FOUND,
        Reason.INVALID: HTTPStatus.BAD_REQUEST,
        Reason.UNPROCESSABLE: HTTPStatus.UNPROCESSABLE_ENTITY,
        Reason.CONFLICT: HTTPStatus.CONFLICT,
        Reason.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        Reason.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
        Reason.NOT_ACCEPTABLE: HTTPStatus.NOT_ACCEPTABLE,
        Reason.TOO_MANY_REQUESTS: HTTPStatus.TOO_MANY_REQUESTS,
        Reason.STORAGE_FULL: HTTPStatus.INSUFFICIENT_STORAGE,
        Reason.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    }
)

REALM = "Wheelyard Packages Registry"

INTERNAL_ERROR = "500 Internal Server Error - The server has a bug; its log says more."


def phrase(status: HTTPStatus) -> str:
    """Return a status in words; RFC 9110's for 413, which Python names by its version's taste."""
    return "Content Too Large" if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else status.phrase


def problem_answer(refused: Refused, *, allow: str | None = None) -> Answer:
    """Render for package clients: RFC 9457 problem JSON with GitLab's `message` beside it.

    uv shows `title` and `detail`, poetry and `twine --verbose` the whole body.
    """
    status = STATUS[refused.reason]
    document: dict[str, object] = {
        "type": "about:blank",
        "title": phrase(status),
        "status": status.value,
        "detail": refused.detail,
        "errors": [_problem(problem) for problem in refused.problems]
        or [{"code": refused.reason.value.replace("_", "-"), "message": refused.detail}],
        "message": gitlab_message(refused),
    }
    document |= oauth_parameters(refused) | with_id(status)
    headers = (
        (b"content-type", b"application/problem+json"),
        (b"cache-control", b"no-store"),
        *_challenge(refused),
        *waiting(refused),
        *(((b"allow", allow.encode()),) if allow else ()),
    )
    return Answer(status.value, headers, orjson.dumps(document))


def oauth_parameters(refused: Refused) -> dict[str, str]:
    """Return what RFC 6750 (section 3) says of a token that is not good enough, as in GitLab.

    `scope` holds the scopes of which the token needs one, with spaces between.
    """
    if refused.reason not in {Reason.INVALID_TOKEN, Reason.INSUFFICIENT_SCOPE}:
        return {}
    parameters = {"error": refused.reason.value, "error_description": refused.detail}
    return parameters | ({"scope": " ".join(sorted(refused.scopes))} if refused.scopes else {})


def _problem(problem: Problem) -> dict[str, str]:
    entry = {"code": problem.code, "message": problem.message}
    if problem.field:
        entry["field"] = problem.field
    if address := help_address(problem.code):
        entry["help"] = address
    return entry


def gitlab_message(refused: Refused) -> str:
    """Return the sentence as GitLab's API begins it: with the status."""
    status = STATUS[refused.reason]
    if refused.detail.startswith(f"{status.value} "):
        return refused.detail
    if status is HTTPStatus.BAD_REQUEST:
        return f"400 Bad request - {refused.detail}"
    return f"{status.value} {phrase(status)} - {refused.detail}"


def waiting(refused: Refused) -> Headers:
    """Return the header that says when to try again, where that helps."""
    seconds = refused.retry_after_seconds
    return () if seconds is None else ((b"retry-after", str(seconds).encode()),)


def _challenge(refused: Refused) -> Headers:
    """Return what makes pip and its kin send the credentials they have (RFC 7617)."""
    if STATUS[refused.reason] is not HTTPStatus.UNAUTHORIZED:
        return ()
    return ((b"www-authenticate", f'Basic realm="{REALM}"'.encode()),)
