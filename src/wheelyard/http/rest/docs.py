"""The API's description (`openapi.json`) and the page to try it (`docs`), for anybody.

The page is Swagger UI, which is part of this package: it loads nothing from another host.
"""

from pathlib import Path

import orjson
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from wheelyard.http.rest.openapi import describe

_STATIC = Path(__file__).parents[2] / "static"

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>API - Wheelyard</title>
<base href="docs/">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="swagger-ui/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="swagger-ui/swagger-ui-bundle.js"></script>
<script src="api-docs.js"></script>
</body>
</html>
"""

_HEADERS = {
    "Cache-Control": "no-cache",
    # Swagger UI sets styles on elements and shows icons from data addresses.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'self'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def add_docs(api: FastAPI) -> None:
    """Add the description and the page. The description is made when it is first asked for."""
    made: list[bytes] = []

    async def openapi(_request: Request) -> Response:
        if not made:
            made.append(orjson.dumps(describe(api)))
        return Response(made[0], media_type="application/json")

    async def page(_request: Request) -> Response:
        return HTMLResponse(_PAGE, headers=_HEADERS)

    api.router.routes += [
        Route("/openapi.json", openapi),
        Route("/docs", page),
        Mount("/docs", StaticFiles(directory=_STATIC)),
    ]
