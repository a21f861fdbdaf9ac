"""Turns a 401 for one wrong secret too many into 429, on every face of the server.

Whether a secret was wrong is known where it is looked up, and whether that mattered only at the
end: a stale password in `~/.netrc` does not keep anybody from a public project. So the look-up
leaves a note in the scope, and this counts it when the answer is 401.
"""

from dataclasses import dataclass

from wheelyard.http.answers import Answer
from wheelyard.http.asgi import App, Message, Receive, Scope, Send, client_address
from wheelyard.http.errors import problem_answer
from wheelyard.http.limits import Limits

_NOTE = "wheelyard.wrong_secret"
_UNAUTHORIZED = 401


@dataclass(slots=True)
class _Note:
    secret: str = ""


def note_wrong_secret(scope: Scope, secret: str) -> None:
    """Note that the request's secret is nobody's; without one there is nothing to note."""
    note = scope.get(_NOTE)
    if isinstance(note, _Note):
        note.secret = secret


class WrongSecrets:
    """Counts refused wrong secrets, and answers for those that are too many."""

    def __init__(self, app: App, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on; replace the answer if need be."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        note = _Note()
        is_replaced = False

        async def counting_send(message: Message) -> None:
            nonlocal is_replaced
            if message.get("status") == _UNAUTHORIZED and note.secret:
                refused = self._limits.token_failed(client_address(scope), note.secret)
                if refused is not None:
                    is_replaced = True
                    await _with_connection(problem_answer(refused), message).send(scope, send)
            if not is_replaced:
                await send(message)

        await self._app({**scope, _NOTE: note}, receive, counting_send)


def _with_connection(answer: Answer, replaced: Message) -> Answer:
    """Keep what the replaced answer said about the connection: an upload may not be read yet."""
    kept = tuple(pair for pair in replaced["headers"] if pair[0] == b"connection")
    return Answer(answer.status, (*answer.headers, *kept), answer.body)
