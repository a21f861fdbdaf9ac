"""The API described in OpenAPI 3.1: FastAPI's description, put right and completed.

What FastAPI cannot know is added: our error bodies in place of its own, the ways to say who is
calling, what each parameter means, and the addresses that are answered outside of FastAPI.
"""

import re
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from wheelyard import __version__
from wheelyard.http.rest.glossary import explain, explain_field
from wheelyard.http.rest.pypi_addresses import PYPI_PATHS
from wheelyard.http.sessions import SESSION_COOKIE

Json = dict[str, Any]

_DESCRIPTION = """GitLab's REST API for a Python package registry, and the PyPI addresses beside it.

Where GitLab's documentation names a parameter, it means the same here. Writing requests may send
JSON, a form, or parameters in the query. Listings are paginated: see the headers `X-Total`,
`X-Next-Page` and `Link`.
"""

_SECURITY_SCHEMES: Json = {
    "privateToken": {"type": "apiKey", "in": "header", "name": "PRIVATE-TOKEN"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "A token as the password; for the addresses of packages. Any user name.",
    },
    "deployToken": {
        "type": "apiKey",
        "in": "header",
        "name": "Deploy-Token",
        "description": "For the addresses of packages.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": (
            "Of a browser that is signed in. What changes anything needs the header X-CSRF-Token "
            "as well. Behind TLS the cookie's name begins with `__Host-`."
        ),
    },
}
_REST_SECURITY: list[Json] = [{"privateToken": []}, {"bearer": []}, {"session": []}, {}]

_ERROR_SCHEMA: Json = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "message": {
            "description": "A sentence, or what is wrong with each field.",
            "oneOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "additionalProperties": {"type": "array", "items": {"type": "string"}},
                },
            ],
        },
        "error": {
            "type": "string",
            "description": "The wrong parameter, or an OAuth code (RFC 6750).",
        },
        "error_description": {"type": "string", "description": "A sentence about the code."},
    },
}

_ERRORS = {
    "400": "A parameter is missing or has a wrong value.",
    "401": "The token is unknown, expired or revoked, or there is none where one is needed.",
    "403": "The caller may not do this, or the token's scopes do not allow it.",
    "404": "There is no such thing, or the caller may not see it.",
    "405": "Not in this way: see the sentence.",
    "409": "This clashes with something that is there already.",
    "413": "The request is too large.",
    "414": "The address is too long.",
    "422": "The values do not fit one another.",
    "429": "Too many wrong tokens from this address or for this account; see Retry-After.",
    "503": "The database or the store cannot be reached now; see Retry-After.",
    "507": "The disk is full.",
}
_ANSWERS = "Json"
"""How the names of the shapes of answers end."""
_WORDS = re.compile(r"[A-Za-z0-9]+")
_ALWAYS = {"400", "401", "403", "404", "414", "429", "503"}
_WRITING = {"409", "413", "422", "507"}


def describe(api: FastAPI) -> Json:
    """Return the description of the API and of the PyPI addresses."""
    document = get_openapi(
        title="Wheelyard",
        version=__version__,
        description=_DESCRIPTION,
        routes=api.routes,
        servers=[{"url": "/api/v4"}],
    )
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(path, method, operation)
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for title, schema in schemas.items():
        meaning = explain_field if title.endswith(_ANSWERS) else explain
        for name, field in schema.get("properties", {}).items():
            if "description" not in field:
                field["description"] = meaning(name)
    schemas["Error"] = _ERROR_SCHEMA
    components["securitySchemes"] = _SECURITY_SCHEMES
    document["paths"].update(PYPI_PATHS)
    return document


def _complete(path: str, method: str, operation: Json) -> None:
    operation["security"] = _REST_SECURITY
    # From the address: some handlers serve both groups and projects.
    operation["operationId"] = "_".join([method, *_WORDS.findall(path)])
    parameters = operation.get("parameters", [])
    for parameter in parameters:
        if "description" not in parameter:
            parameter["description"] = explain(parameter["name"], path)
    operation["responses"].pop("422", None)
    for status in sorted(_statuses(path, method, operation)):
        operation["responses"][status] = error_response(status)


def _statuses(path: str, method: str, operation: Json) -> set[str]:
    statuses = set(_ALWAYS)
    if method != "get":
        statuses |= _WRITING
    names = {parameter["name"] for parameter in operation.get("parameters", [])}
    if "pagination" in names or path.endswith("/rotate"):
        statuses.add("405")
    return statuses


def error_response(status: str) -> Json:
    """Return the description of an error's answer."""
    if status == "414":
        return {"description": _ERRORS[status]}  # the HTTP server itself says it, without a body
    schema = {"$ref": "#/components/schemas/Error"}
    return {"description": _ERRORS[status], "content": {"application/json": {"schema": schema}}}
