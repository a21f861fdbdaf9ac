"""THE HOT PATH: what pip, uv and poetry read of the index, answered from memory.

It stands in front of the application. What is remembered and surely still so is answered at once,
in a few microseconds, before the server has made anything of the request (`at_once`); what the
database has to be asked about is answered as by any ASGI application. Everything else goes to
`app`, whose `wheelyard.http.reading` leaves in memory what it has read.

The steps: the moment (what has been committed until now), who asks, may they read, which document
in which form, is it still so, have they got it already, send. Nothing remembered is believed
without its stamp, so whatever any process has committed is in the next answer.

Specifications: the PyPA's simple repository API; the addresses are GitLab's.
"""

import re
from collections.abc import Hashable
from time import perf_counter
from typing import NamedTuple

from wheelyard.domain.errors import Refused
from wheelyard.http.asgi import App, Client, Fields, Receive, Scope, Send
from wheelyard.http.figures import MemoryFigures
from wheelyard.http.memory import Access, IndexMemory, Kept, file_key, list_key, page_key
from wheelyard.http.moments import Moment, Moments
from wheelyard.http.negotiation import negotiate
from wheelyard.http.request_ids import HEADER, RequestIds
from wheelyard.http.usage import UsageCollector

# Canonical spellings only: others are redirected, or refused, by the application.
_ROUTE = re.compile(
    rb"(/api/v4/(?:projects/[^/]+/|groups/[^/]+/-/)?packages/pypi)/"
    rb"(?:simple/(?:([a-z0-9]+(?:-[a-z0-9]+)*)/)?|files/([0-9a-f]{64})/([^/%]+))"
)


class _Asked(NamedTuple):
    """What a request asks for: a list, a page by `name`, or a file by `sha256` and `filename`."""

    base: bytes
    name: bytes
    sha256: bytes
    filename: bytes
    query: bytes
    headers: dict[bytes, bytes]

    @classmethod
    def of(cls, path: bytes, query: bytes, fields: Fields) -> "_Asked | None":
        """Return it, or None if memory has no answer to such a request."""
        match = _ROUTE.fullmatch(path)
        if match is None:
            return None
        headers = dict(fields)
        if b"range" in headers or len(headers) != len(fields):  # a field that is sent twice
            return None
        base, name, sha256, filename = match.groups()
        return cls(base, name, sha256, filename, query, headers)


class _Found(NamedTuple):
    """What is kept for a request, and what its access rests on."""

    asked: _Asked
    moment: Moment
    access: Access
    kept: Kept


class SimpleIndex:
    """Answers reads of the index from memory; everything else goes to `app`."""

    def __init__(
        self,
        memory: IndexMemory,
        moments: Moments,
        usage: UsageCollector,
        app: App,
        *,
        figures: MemoryFigures,
        ids: RequestIds,
    ) -> None:
        self._memory = memory
        self._moments = moments
        self._usage = usage
        self._figures = figures
        self._ids = ids
        self._app = app

    def at_once(self, target: bytes, fields: Fields, client: Client) -> tuple[bytes, bytes] | None:
        """Return head and body of the answer to a GET, if memory has it and it is surely so."""
        began = perf_counter()
        path, _, query = target.partition(b"?")
        asked = _Asked.of(path, query, fields)
        try:
            moment = None if asked is None else self._moments.at_once()
            found = None if asked is None or moment is None else self._find(asked, moment)
        except Refused:  # no acceptable form, or the database does not answer
            return None
        if found is None or found.kept.checked != found.moment.stamps.serial:
            return None
        representation = found.kept.representation
        is_whole = not representation.is_known(found.asked.headers.get(b"if-none-match"))
        request_id = self._ids.of({"client": client}, found.asked.headers.get(HEADER))
        self._note(found, perf_counter() - began, is_whole=is_whole)
        head = representation.ok_head if is_whole else representation.not_modified_head
        return b"%bx-request-id: %b\r\n" % (
            head,
            request_id,
        ), representation.body if is_whole else b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, after asking the database whether it is still so; or hand on."""
        began = perf_counter()
        found = await self._find_current(scope) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        headers = found.asked.headers
        request_id = self._ids.of(scope, headers.get(HEADER))
        is_whole = await found.kept.representation.send(
            send, headers.get(b"if-none-match"), further=((HEADER, request_id),)
        )
        self._note(found, perf_counter() - began, is_whole=is_whole)

    async def _find_current(self, scope: Scope) -> _Found | None:
        if scope["method"] != "GET":
            return None
        asked = _Asked.of(scope["raw_path"], scope["query_string"], scope["headers"])
        if asked is None:
            return None
        try:
            moment = await self._moments.get()
            found = self._find(asked, moment)
            if found is None or not await self._moments.holds(found.kept, moment):
                return None
        except Refused:
            return None
        return found

    def _find(self, asked: _Asked, moment: Moment) -> _Found | None:
        """Return what is kept for a request. Raises Refused (not acceptable)."""
        access = self._memory.access(self._memory.caller(asked.headers), asked.base)
        if access is None or access.stamp != moment.stamps.access or access.day != moment.today:
            return None
        key = self._key(asked, access)
        kept = None if key is None else self._memory.document(key)
        return None if kept is None else _Found(asked, moment, access, kept)

    def _key(self, asked: _Asked, access: Access) -> Hashable:
        """Return the key of what is asked for, None while that is not known."""
        base, name, sha256, filename = asked.base, asked.name, asked.sha256, asked.filename
        form = None
        if not sha256:
            headers = asked.headers
            form = negotiate(headers.get(b"accept"), asked.query, headers.get(b"accept-encoding"))
            if not name:
                return list_key(base, access, form)
        project_id = access.project_id
        if project_id is None:  # of a group or the instance: whose is it?
            project_id = self._memory.source(base, access, (sha256, filename) if sha256 else name)
            if project_id is None:
                return None
        if form is None:
            return file_key(project_id, sha256, filename, access)
        return page_key(project_id, name, form, access)

    def _note(self, found: _Found, seconds: float, *, is_whole: bool) -> None:
        """Count the answer, and the use of what it took."""
        figures, kept, asked = self._figures, found.kept, found.asked
        tally = figures.page if asked.name else figures.file if asked.sha256 else figures.list
        figures.answered(tally, len(kept.representation.body), seconds, is_whole)
        if found.access.token_id is not None:
            self._usage.token_used(found.access.token_id, found.moment.now)
        if kept.file_id is not None and is_whole:
            self._usage.file_served(kept.file_id, found.moment.now)
