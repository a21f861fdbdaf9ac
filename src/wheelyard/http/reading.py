"""Pages and lists that memory does not answer: read from the database, and kept for the next time.

It knows every spelling of the addresses, redirects to the canonical ones, and refuses what is to
be refused. What `wheelyard.http.simple` may answer next time is left in memory, under the stamps
of the moment before it was read.
"""

import re
from typing import NamedTuple

from wheelyard.domain.documents.page import ProjectPage
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.metrics import INDEX_READS
from wheelyard.domain.names import NormalisedName, normalise_name
from wheelyard.domain.negotiate import MediaType
from wheelyard.http.answers import Answer
from wheelyard.http.asgi import App, Receive, Scope, Send, field, header
from wheelyard.http.figures import LIST, LIST_ROUTE, MEMORY, PAGE, PAGE_ROUTE, STORES
from wheelyard.http.indexes import BASE, OpenIndex, open_index
from wheelyard.http.memory import (
    UNTIL_ANY_CHANGE,
    Access,
    IndexMemory,
    Kept,
    list_key,
    page_key,
)
from wheelyard.http.middleware.measured import note_route
from wheelyard.http.moments import Moment, Moments
from wheelyard.http.negotiation import Form, negotiate
from wheelyard.http.pages import Document, page_representation
from wheelyard.http.paths import decode_segment
from wheelyard.http.representations import Representation
from wheelyard.http.services import Services
from wheelyard.http.turns import Turns

_ROUTE = re.compile(BASE + rb"/(?P<rest>(?:simple|\+simple|%2[Bb]simple)(?:/?|/(?P<name>[^/]+)/?))")
_LIST = b"simple/"


class _Asked(NamedTuple):
    """What a request that may be answered asks for; `name` None is the list."""

    base: bytes
    access: Access
    form: Form
    moment: Moment
    name: NormalisedName | None


class Reading:
    """Answers reads of pages and lists; everything else goes to `app`."""

    def __init__(self, services: Services, memory: IndexMemory, moments: Moments, app: App) -> None:
        self._services = services
        self._memory = memory
        self._moments = moments
        self._turns = Turns()
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on. Raises Refused."""
        match = _ROUTE.fullmatch(scope["raw_path"]) if scope["type"] == "http" else None
        if match is None:
            await self._app(scope, receive, send)
            return
        if scope["method"] not in {"GET", "HEAD"}:
            raise Refused(Reason.METHOD_NOT_ALLOWED, "The index can only be read: GET, HEAD.")
        note_route(scope, PAGE_ROUTE if match["name"] else LIST_ROUTE)
        moment = await self._moments.get()
        wanted = (scope["raw_path"], header(scope, b"accept"), header(scope, b"accept-encoding"))
        async with self._turns.take(wanted):
            answer = await self._answer(scope, match, moment)
        if isinstance(answer, Answer):
            await answer.send(scope, send)
        else:
            is_get = scope["method"] == "GET"
            await answer.send(send, field(scope, b"if-none-match"), with_body=is_get)

    async def _answer(
        self, scope: Scope, match: re.Match[bytes], moment: Moment
    ) -> Answer | Representation:
        async with self._services.db.read() as tx:
            opened = await open_index(tx, self._services, scope, match)
            access = opened.access(moment)
            self._memory.keep_access(scope["headers"], match["base"], access)
            form = _form(scope)
            name = _name(match)
            if name is None and match["name"] is not None:
                raise opened.absent("404 Package")
            canonical = _LIST if name is None else _LIST + name.encode() + b"/"
            if not match["rest"].endswith(canonical):  # `+simple` is another name for it
                return _moved(scope, match["base"] + b"/" + canonical)
            asked = _Asked(match["base"], access, form, moment, name)
            kind = LIST if name is None else PAGE
            if known := await self._known(asked):
                self._services.metrics.count(INDEX_READS, kind, MEMORY)
                return known
            # The serials are read with each list anew, and only mirrors, which ask for JSON, look.
            with_serials = form.media_type is MediaType.JSON_V1
            document = await _read(opened, name, with_serials=with_serials)
        self._services.metrics.count(INDEX_READS, kind, STORES)
        return await self._render(document, asked)

    async def _known(self, asked: _Asked) -> Representation | None:
        """Return what somebody else has left in memory since the request came."""
        project_id = asked.access.project_id
        if asked.name is None:
            key = list_key(asked.base, asked.access, asked.form)
        else:
            if project_id is None:
                project_id = self._memory.source(asked.base, asked.access, asked.name.encode())
            if project_id is None:
                return None
            key = page_key(project_id, asked.name.encode(), asked.form, asked.access)
        kept = self._memory.document(key)
        if kept is None or not await self._moments.holds(kept, asked.moment):
            return None
        return kept.representation

    async def _render(self, document: Document, asked: _Asked) -> Representation:
        is_public = asked.access.is_public
        representation = await page_representation(document, asked.form, is_public=is_public)
        stamps = asked.moment.stamps
        if not isinstance(document, ProjectPage):
            listing = stamps.listing if document.serials is None else UNTIL_ANY_CHANGE
            kept = Kept(representation, None, None, listing, stamps.serial)
            self._memory.keep(list_key(asked.base, asked.access, asked.form), kept)
        elif document.project_id is not None:  # what several projects mixed is made each time
            name = document.name
            kept = Kept(representation, document.project_id, name, document.serial, stamps.serial)
            key = page_key(document.project_id, name.encode(), asked.form, asked.access)
            self._memory.keep(key, kept)
            if asked.access.project_id is None:
                self._memory.keep_source(
                    asked.base, asked.access, name.encode(), document.project_id
                )
        return representation


def _form(scope: Scope) -> Form:
    headers = dict(reversed(scope["headers"]))  # the first of several counts
    accept, accept_encoding = headers.get(b"accept"), headers.get(b"accept-encoding")
    return negotiate(accept, scope["query_string"], accept_encoding)


def _name(match: re.Match[bytes]) -> NormalisedName | None:
    return normalise_name(decode_segment(match["name"] or b"") or "")


async def _read(opened: OpenIndex, name: NormalisedName | None, *, with_serials: bool) -> Document:
    if name is None:
        return await opened.index.list(with_serials=with_serials)
    page = await opened.index.page(name)
    if page is None:
        raise opened.absent("404 Package")
    return page


def _moved(scope: Scope, address: bytes) -> Answer:
    """Redirect to the canonical spelling of a page's address, with the query kept."""
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    headers = ((b"location", address + query), (b"cache-control", b"private, no-cache"))
    return Answer(301, headers)
