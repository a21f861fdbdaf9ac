"""The one table of what this server answers, grouped by who calls."""

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from wheelyard.domain.errors import Refused
from wheelyard.http.asgi import App, Front
from wheelyard.http.downloads import Downloads
from wheelyard.http.figures import MemoryFigures
from wheelyard.http.health import Readiness, health, liveness
from wheelyard.http.help import UPLOAD_CHECKS, upload_checks
from wheelyard.http.later import Later
from wheelyard.http.legacy import LegacyJson
from wheelyard.http.memory import IndexMemory
from wheelyard.http.middleware.access_log import AccessLog
from wheelyard.http.middleware.failures import Failures
from wheelyard.http.middleware.identified import Identified
from wheelyard.http.middleware.measured import Measured, Routed
from wheelyard.http.middleware.proxies import Network, Proxies, TrustedProxies
from wheelyard.http.middleware.segments import Segments
from wheelyard.http.middleware.wrong_secrets import WrongSecrets
from wheelyard.http.moments import Moments
from wheelyard.http.monitoring import metrics
from wheelyard.http.reading import Reading
from wheelyard.http.request_ids import RequestIds
from wheelyard.http.rest.bodies import JsonBodies
from wheelyard.http.rest.errors import answer_refused
from wheelyard.http.rest.headers import PrivateAnswers
from wheelyard.http.rest.heads import Heads
from wheelyard.http.services import Services
from wheelyard.http.simple import SimpleIndex
from wheelyard.http.uploads import Uploads
from wheelyard.ports.freshness import Freshness


def build(
    services: Services,
    freshness: Freshness,
    *,
    cache_bytes: int,
    trusted: tuple[Network, ...],
    access_log: bool,
) -> Front:
    """Return the whole server, outermost part last."""
    memory, moments = IndexMemory(cache_bytes), Moments(freshness, services.clock)
    proxies = Proxies(trusted)
    ids = RequestIds(proxies)
    app: App = Routed(_application(services))
    app = Uploads(services, app)  # twine, uv publish, poetry, …: POST …/packages/pypi
    app = LegacyJson(services, app)  # Dependabot, pip-tools, bandersnatch: …/packages/pypi/pypi/
    app = Downloads(services, memory, moments, app)  # …/packages/pypi/files/
    app = Reading(services, memory, moments, app)  # pip, uv, poetry, …: …/packages/pypi/simple/
    app = Failures(app)
    app = WrongSecrets(app, services.limits)
    if trusted:
        app = TrustedProxies(app, proxies)
    app = Identified(Measured(app, services.metrics), ids)
    # The same reads, from memory; these answers do not depend on the client's address.
    index = SimpleIndex(
        memory, moments, services.usage, app, figures=MemoryFigures(services.metrics), ids=ids
    )
    return AccessLog(index, proxies) if access_log else index


def _application(services: Services) -> Starlette:
    application = Starlette(
        routes=[
            # Operators and probes.
            Route("/-/health", health),
            Route("/-/liveness", liveness),
            Route("/-/readiness", Readiness(services).answer),
            Route("/-/metrics", metrics),
            # Whoever reads an error answer.
            Route(UPLOAD_CHECKS, upload_checks),
            # Programs that speak GitLab's API.
            Mount(
                "/api/v4", Segments(JsonBodies(Routed(Later(lambda: _api(services)), "/api/v4")))
            ),
        ],
        exception_handlers={
            404: _not_found,
            405: _method_not_allowed,
            Refused: answer_refused,  # what `Segments` raises, before the API is reached
        },
    )
    application.state.services = services
    # People with a browser: whatever no line above has.
    application.router.default = Later(lambda: _pages(services))
    return application


def _api(services: Services) -> App:
    # FastAPI, pydantic's models and the routes: a second of work, and a quarter of the memory.
    from wheelyard.http.rest.api import build_api  # noqa: PLC0415  see above

    return PrivateAnswers(Heads(build_api(services)))


def _pages(services: Services) -> App:
    # The handlers, Jinja2 and the templates: some more of both.
    from wheelyard.http.web.routes import build_web  # noqa: PLC0415  see above

    return build_web(services)


async def _not_found(_request: Request, _error: Exception) -> Response:
    return _answer("404 Not Found", 404)


async def _method_not_allowed(_request: Request, error: Exception) -> Response:
    headers = getattr(error, "headers", None)
    return _answer("405 Not Allowed", 405, headers)


def _answer(sentence: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": sentence, "message": sentence}, status, headers)
