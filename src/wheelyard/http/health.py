"""Health, for probes and load balancers: is the process alive, and can it do its work."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from wheelyard.domain.errors import Refused
from wheelyard.http.request_ids import with_id
from wheelyard.http.services import Services

_STORE_SECONDS = 5.0
"""How long a probe waits for the byte store; a later one hears what was answered after that."""


async def health(_request: Request) -> Response:
    """Answer 200 while the process serves at all (GitLab's `/-/health`)."""
    return PlainTextResponse("Wheelyard OK")


async def liveness(_request: Request) -> Response:
    """Answer 200 while the process serves at all."""
    return JSONResponse({"status": "ok"})


class Readiness:
    """Whether the process can do its work: the database and the byte store answer."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._asking: asyncio.Task[None] | None = None

    async def answer(self, _request: Request) -> Response:
        """Answer 200 when both answer, else 503 with what is wrong with each."""
        database, store = await asyncio.gather(self._database(), self._store())
        is_ready = database == store == "ok"
        body = {"status": "ok" if is_ready else "failed", "database": database, "store": store}
        if is_ready:
            return JSONResponse(body)
        return JSONResponse(body | with_id(503), status_code=503, headers={"Retry-After": "2"})

    async def _database(self) -> str:
        try:
            async with self._services.db.read() as tx:
                await tx.settings.load()
        except Refused as refused:
            return refused.detail
        return "ok"

    async def _store(self) -> str:
        """Ask the store once for all probes that wait: one that is silent takes a thread."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._services.blobs.check())
            # It may fail when nobody waits for it any more.
            self._asking.add_done_callback(lambda asked: asked.cancelled() or asked.exception())
        try:
            await asyncio.wait_for(asyncio.shield(self._asking), _STORE_SECONDS)
        except Refused as refused:
            return refused.detail
        except TimeoutError:
            return "The object store does not answer."
        return "ok"
