"""THE HOT PATH: what pip, uv and poetry read of the index, answered from memory.

A plain ASGI callable in front of the application. What is remembered and still so is sent from
here, in some ten microseconds of Python; everything else goes to the application, whose
`wheelyard.http.reading` answers it from the database and leaves it in memory for the next.

The steps: the moment (what has been committed until now), who asks, may they read, which document
in which form, is it still so, have they got it already, send. Nothing remembered is believed
without its stamp, so whatever any process has committed is in the next answer.

Specifications: the PyPA's simple repository API; the addresses are GitLab's.
"""

import re
from time import perf_counter

from wheelyard.domain.errors import Refused
from wheelyard.http.asgi import App, Receive, Scope, Send
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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        began = perf_counter()
        match = _ROUTE.fullmatch(scope["raw_path"]) if scope["type"] == "http" else None
        headers = dict(scope["headers"]) if match is not None else {}
        if (
            match is None
            or scope["method"] != "GET"
            or b"range" in headers
            or len(headers) != len(scope["headers"])  # a field that is sent twice
        ):
            await self._app(scope, receive, send)
            return
        try:
            moment = await self._moments.get()
            access = self._access(match[1], headers, moment)
            kept = None if access is None else self._find(match, access, headers, scope)
            if (
                kept is not None
                and kept.checked != moment.stamps.serial
                and not await self._moments.holds(kept, moment)
            ):
                kept = None
        except Refused:  # the database does not answer, so nothing is certain
            kept = access = None
        if kept is None or access is None:
            await self._app(scope, receive, send)
            return
        condition = headers.get(b"if-none-match")
        is_sent = await kept.representation.send(
            send,
            condition and condition.decode("latin-1"),
            further=((HEADER, self._ids.of(scope, headers.get(HEADER))),),
        )
        figures = self._figures
        figures.answered(
            figures.page if match[2] else figures.file if match[3] else figures.list,
            len(kept.representation.body),
            perf_counter() - began,
            is_sent,
        )
        if access.token_id is not None:
            self._usage.token_used(access.token_id, moment.now)
        if kept.file_id is not None and is_sent:
            self._usage.file_served(kept.file_id, moment.now)

    def _access(self, base: bytes, headers: dict[bytes, bytes], moment: Moment) -> Access | None:
        """Return the caller's access to the index at `base`, if it is known and still holds."""
        access = self._memory.access(self._memory.caller(headers), base)
        if access is None or access.stamp != moment.stamps.access or access.day != moment.today:
            return None
        return access

    def _find(
        self, match: re.Match[bytes], access: Access, headers: dict[bytes, bytes], scope: Scope
    ) -> Kept | None:
        """Return what is kept for this request. Raises Refused (not acceptable)."""
        base, name, sha256, filename = match.groups()
        if not sha256:
            form = negotiate(
                headers.get(b"accept"), scope["query_string"], headers.get(b"accept-encoding")
            )
            if not name:
                return self._memory.document(list_key(base, access, form))
        project_id = access.project_id
        if project_id is None:  # of a group or the instance: whose is it?
            project_id = self._memory.source(base, access, (sha256, filename) if sha256 else name)
            if project_id is None:
                return None
        if sha256:
            return self._memory.document(file_key(project_id, sha256, filename, access))
        return self._memory.document(page_key(project_id, name, form, access))
