"""Refusals as pages, for browsers; programs that come here by mistake get JSON.

Who is not signed in is led to the sign-in, from what is private and from what does not exist
alike, so that the two cannot be told apart.
"""

from http import HTTPStatus

import orjson
import structlog
from starlette.exceptions import HTTPException

from wheelyard.domain.errors import Reason, Refused
from wheelyard.http.answers import Answer
from wheelyard.http.asgi import App, Message, Receive, Scope, Send, header
from wheelyard.http.errors import STATUS, phrase, problem_answer, waiting
from wheelyard.http.request_ids import FIELD, with_id
from wheelyard.http.services import Services
from wheelyard.http.web import urls
from wheelyard.http.web.templates import render
from wheelyard.http.web.theme import read_theme

_log = structlog.get_logger(__name__)

_SENTENCES = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address, or you may not see it.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address cannot be used in this way.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong on our side. The server's log has it.",
}


class ErrorPages:
    """Answers for what the pages behind it raise."""

    def __init__(self, app: App, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, and answer for what comes back as an exception."""
        has_started = False

        async def watched_send(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, watched_send)
        except Exception as error:
            answer = self._answer(scope, error)
            if has_started or answer is None:
                raise
            await answer.send(scope, send)

    def _answer(self, scope: Scope, error: Exception) -> Answer | None:
        if isinstance(error, Refused):
            return self._refused(scope, error)
        if isinstance(error, HTTPException):
            return self._failed(scope, HTTPStatus(error.status_code))
        if not wants_html(scope):
            return None  # `wheelyard.http.middleware.failures` answers, and logs it
        _log.exception("request failed", method=scope["method"], path=scope["path"])
        return self._page(scope, HTTPStatus.INTERNAL_SERVER_ERROR, "")

    def _refused(self, scope: Scope, refused: Refused) -> Answer:
        if refused.reason is Reason.UNAUTHENTICATED:
            return self._led_to_sign_in(scope)
        status = STATUS[refused.reason]
        if status is HTTPStatus.NOT_FOUND:
            return self._failed(scope, status)
        if not wants_html(scope):
            return problem_answer(refused)
        sentence = refused.detail.removeprefix(f"{status.value} {status.phrase}").lstrip(" -")
        answer = self._page(scope, status, sentence)
        return Answer(status, (*answer.headers, *waiting(refused)), answer.body)

    def _led_to_sign_in(self, scope: Scope) -> Answer:
        if not wants_html(scope):
            return self._failed(scope, HTTPStatus.NOT_FOUND)
        address = urls.sign_in(_address(scope) if scope["method"] == "GET" else None)
        caching = (b"cache-control", b"no-store")
        if header(scope, b"hx-request"):  # htmx would follow a redirect itself, into a part
            return Answer(200, ((b"hx-redirect", address.encode()), caching))
        return Answer(302, ((b"location", address.encode()), caching))

    def _failed(self, scope: Scope, status: HTTPStatus) -> Answer:
        if wants_html(scope):
            return self._page(scope, status, "")
        named = "Not Allowed" if status is HTTPStatus.METHOD_NOT_ALLOWED else status.phrase
        sentence = f"{status.value} {named}"
        body = orjson.dumps({"error": sentence, "message": sentence})
        return Answer(status, ((b"content-type", b"application/json"),), body)

    def _page(self, scope: Scope, status: HTTPStatus, sentence: str) -> Answer:
        html = render(
            "error.html",
            status=status.value,
            phrase=phrase(status),
            sentence=sentence or _SENTENCES.get(status, ""),
            request_id=with_id(status).get(FIELD, ""),
            theme=read_theme(scope, self._services),
        )
        headers = ((b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store"))
        return Answer(status, headers, html.encode())


def wants_html(scope: Scope) -> bool:
    """Tell whether a browser asks: one says that it takes HTML, or htmx asks for it."""
    accept = header(scope, b"accept") or ""
    return "text/html" in accept or header(scope, b"hx-request") is not None


def _address(scope: Scope) -> str:
    path = scope["raw_path"].decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path
