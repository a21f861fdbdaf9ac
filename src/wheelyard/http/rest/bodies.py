"""Parameters of writing requests, in every form that GitLab's users send them.

GitLab takes JSON, `application/x-www-form-urlencoded`, `multipart/form-data` and parameters in
the query, as its documentation's curl commands do. Handlers declare a JSON body; this puts
together one JSON object from whatever was sent, before the router sees the request.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

import orjson
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from wheelyard.domain.errors import Problem, Reason, Refused, invalid
from wheelyard.http.asgi import App, Message, Receive, Scope, Send, header
from wheelyard.http.bodies import Body, Disconnected
from wheelyard.http.forms import boundary_of

MAX_BODY_BYTES = 1024 * 1024
MAX_PARAMETERS = 1000

METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
"""Those of which the body is read for parameters, as GitLab does."""

_NOT_PARAMETERS = frozenset({"private_token", "access_token"})

_REPLACED = frozenset({b"content-type", b"content-length", b"transfer-encoding"})

Parameters = dict[str, Any]


class JsonBodies:
    """Hands writing requests on with one JSON object as their body; the rest as they are.

    Nothing is read before the handler's body is asked for: an address that is not there answers
    so, whatever is sent to it. What is wrong is raised then, as Refused: invalid, too large.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on."""
        if scope["type"] != "http" or scope["method"] not in METHODS:
            await self._app(scope, receive, send)
            return
        headers = [pair for pair in scope["headers"] if pair[0] not in _REPLACED]
        headers.append((b"content-type", b"application/json"))
        await self._app({**scope, "headers": headers}, _translating(scope, receive), send)


def _translating(scope: Scope, receive: Receive) -> Receive:
    is_read = False

    async def translated() -> Message:
        nonlocal is_read
        if is_read:
            return await receive()
        is_read = True
        try:
            content = await _read(Body(scope, receive))
        except Disconnected:
            return {"type": "http.disconnect"}
        sent = _parameters(header(scope, b"content-type") or "", content)
        document = {**_from_query(scope["query_string"]), **sent}
        return {"type": "http.request", "body": orjson.dumps(document), "more_body": False}

    return translated


async def _read(body: Body) -> bytes:
    content = bytearray()
    async for chunk in body.chunks():
        content += chunk
        if len(content) > MAX_BODY_BYTES:
            message = f"The request's body is over {MAX_BODY_BYTES} bytes."
            raise Refused(Reason.TOO_LARGE, message)
    return bytes(content)


def _parameters(content_type: str, content: bytes) -> Parameters:
    """Read a body by its media type. Raises Refused (invalid)."""
    if not content:
        return {}
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "application/x-www-form-urlencoded":
        return _from_pairs(_pairs(content))
    if media_type == "multipart/form-data":
        return _from_pairs(_from_form(content_type, content))
    if media_type == "application/json" or media_type.endswith("+json"):
        return _from_json(content)
    message = f"The provided content-type '{media_type[:80]}' is not supported."
    raise invalid(Problem("unsupported-media-type", message))


def _from_json(content: bytes) -> Parameters:
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise invalid(Problem("malformed-json", f"The body is not JSON: {error}.")) from error
    if not isinstance(document, dict):
        raise invalid(Problem("not-an-object", "The body must be a JSON object."))
    return document


def _from_query(query: bytes) -> Parameters:
    pairs = _pairs(query)
    return _from_pairs(pair for pair in pairs if pair[0] not in _NOT_PARAMETERS)


def _pairs(content: bytes) -> list[tuple[str, str]]:
    try:
        text = content.decode()  # as `curl --data` sends what a shell has, without encoding it
        return parse_qsl(text, True, errors="strict", max_num_fields=MAX_PARAMETERS)  # noqa: FBT003  keep_blank_values
    except ValueError as error:
        raise invalid(Problem("malformed-form", "The form or the query is malformed.")) from error


def _from_form(content_type: str, content: bytes) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    name, value, is_file = "", bytearray(), False
    try:
        parser = PushMultipartParser(
            boundary_of(content_type), strict=False, max_segment_count=MAX_PARAMETERS
        )
        for event in [*parser.parse(content), *parser.parse(b"")]:
            if isinstance(event, MultipartSegment):
                name, value, is_file = event.name, bytearray(), event.filename is not None
            elif event is None:
                if not is_file:  # no parameter here is a file
                    pairs.append((name, value.decode()))
            else:
                value += event
        parser.close()
    except (MultipartError, UnicodeDecodeError) as error:
        raise invalid(Problem("malformed-form", "The form is malformed.")) from error
    return pairs


def _from_pairs(pairs: Iterable[tuple[str, str]]) -> Parameters:
    """Make lists of `name[]`; of a name without brackets the last value counts."""
    parameters: Parameters = {}
    for name, value in pairs:
        if name.endswith("[]"):
            known = parameters.setdefault(name[:-2], [])
            if isinstance(known, list):
                known.append(value)
        else:
            parameters[name] = value
    return parameters
