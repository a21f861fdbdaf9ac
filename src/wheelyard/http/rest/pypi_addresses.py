"""The addresses of packages, described: they are answered outside of FastAPI, for speed.

Package clients get errors as RFC 9457 problem JSON with GitLab's `message` in it.
"""

from typing import Any

from wheelyard.http.rest.pypi_schemas import (
    LEGACY_DOCUMENT,
    LIST_OF_NAMES,
    PAGE,
    UPLOADED,
    VERSION_DOCUMENT,
)

Json = dict[str, Any]

_SECURITY: list[Json] = [
    {"basic": []},
    {"privateToken": []},
    {"bearer": []},
    {"deployToken": []},
    {},
]

_MEANINGS = {
    "project": "The project: its id, or its full path with slashes written as `%2F`.",
    "group": "The group: its id, or its full path with slashes written as `%2F`.",
    "package_name": "The package's name; one that is not in normal form is redirected.",
    "sha256": "The file's SHA-256 in hex.",
    "filename": "The file's name, or with `.metadata` its core metadata (PEP 658).",
    "version": "The version.",
}

_PROBLEM: Json = {
    "type": "object",
    "required": ["title", "status", "detail", "errors", "message"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "message": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "field": {"type": "string"},
                },
            },
        },
    },
}

_REFUSALS = {
    "400": "The upload is malformed, or the file has mistakes: each is in `errors`.",
    "401": "The caller is not known, and what is asked for is not for everybody.",
    "403": "The caller may not do this, or packages are switched off.",
    "404": "There is no such thing, or the caller may not see it.",
    "405": "The address is for another method.",
    "406": "The index speaks neither of the asked-for forms.",
    "409": "Another file of this name is there, and the project denies duplicates.",
    "413": "The file is too large.",
    "414": "The address is too long.",
    "416": "The range lies outside of the file.",
    "429": "Too many wrong tokens; see Retry-After.",
    "503": "The database or the store cannot be reached now; see Retry-After.",
    "507": "The disk is full.",
}
_WITHOUT_BODY = {"414", "416"}
_READING = ("401", "403", "404", "414", "429", "503")

_SIMPLE_TYPES = (
    "application/vnd.pypi.simple.v1+json",
    "application/vnd.pypi.simple.v1+html",
    "text/html",
)


def _parameter(name: str) -> Json:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string"},
        "description": _MEANINGS[name],
    }


def _refusals(*statuses: str) -> Json:
    problem: Json = {"application/problem+json": {"schema": _PROBLEM}}
    return {
        status: {"description": _REFUSALS[status]}
        | ({} if status in _WITHOUT_BODY else {"content": problem})
        for status in statuses
    }


def _operation(path: str, operation_id: str, summary: str, responses: Json, **more: object) -> Json:
    names = [part.split("}")[0] for part in path.split("{")[1:]]
    return {
        "tags": ["PyPI"],
        "operationId": operation_id,
        "summary": summary,
        "security": _SECURITY,
        "parameters": [_parameter(name) for name in names],
        "responses": responses,
        **more,
    }


def _typed(description: str, schema: Json | None = None, *media_types: str) -> Json:
    """Describe an answer: JSON of this schema, and other media types beside it."""
    content: Json = {media_type: {} for media_type in media_types}
    if schema is not None:
        json = next((each for each in media_types if each.endswith("json")), "application/json")
        content[json] = {"schema": schema}
    return {"description": description, "content": content}


_UNCHANGED: Json = {"304": {"description": "The client has this already (If-None-Match)."}}
_MOVED: Json = {"301": {"description": "The canonical address of the page."}}


def _reads(base: str, of: str) -> Json:
    """Return the addresses for reading an index: `of` is a project, a group or the instance."""
    name = f"{base}/simple/{{package_name}}/"
    file = f"{base}/files/{{sha256}}/{{filename}}"
    legacy = f"{base}/pypi/{{package_name}}/json"
    versioned = f"{base}/pypi/{{package_name}}/{{version}}/json"
    names = {"200": _typed("The document.", LIST_OF_NAMES, *_SIMPLE_TYPES), **_UNCHANGED}
    page = {"200": _typed("The document.", PAGE, *_SIMPLE_TYPES), **_UNCHANGED}
    json = {"200": _typed("The document.", LEGACY_DOCUMENT), **_UNCHANGED}
    json_of_version = {"200": _typed("The document.", VERSION_DOCUMENT), **_UNCHANGED}
    bytes_type = ("application/octet-stream", "text/plain")
    bytes_ = {
        "200": _typed("The whole file.", None, *bytes_type),
        "206": _typed("The range asked for.", None, *bytes_type),
        **_UNCHANGED,
        **_refusals("416", *_READING),
    }
    simple_refusals = _refusals("406", *_READING)
    listing = f"{base}/simple/"
    return {
        listing: {
            "get": _operation(
                listing, f"list_names_{of}", "List the package names (PEP 503, PEP 691)",
                {**names, **simple_refusals},
            )
        },
        name: {
            "get": _operation(
                name, f"get_page_{of}", "List the files of a package (PEP 503, PEP 691)",
                {**page, **_MOVED, **simple_refusals},
            )
        },
        file: {"get": _operation(file, f"get_file_{of}", "Download a file", bytes_)},
        legacy: {
            "get": _operation(
                legacy, f"get_json_{of}", "Show a package as PyPI's JSON API does",
                {**json, **_refusals(*_READING)},
            )
        },
        versioned: {
            "get": _operation(
                versioned, f"get_version_json_{of}", "Show a version as PyPI's JSON API does",
                {**json_of_version, **_refusals(*_READING)},
            )
        },
    }  # fmt: skip


_UPLOAD_FORM: Json = {
    "required": True,
    "description": "The form of PyPI's upload API: the metadata fields are repeated from the file.",
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["content", "name", "version"],
                "properties": {
                    "content": {"type": "string", "format": "binary"},
                    "name": {"type": "string"},
                    "version": {"type": "string"},
                    "requires_python": {"type": "string"},
                    "sha256_digest": {"type": "string"},
                    "md5_digest": {"type": "string"},
                    "blake2_256_digest": {"type": "string"},
                },
            }
        }
    },
}

_DRY_RUN: Json = {
    "name": "dry_run",
    "in": "query",
    "schema": {"type": "boolean"},
    "description": "Check the upload and store nothing.",
}

_UPLOAD = "/projects/{project}/packages/pypi"


def _upload() -> Json:
    done = {"200": _typed("A dry run: nothing was stored.", UPLOADED)}
    done["201"] = _typed("Stored and listed, or it was so already.", UPLOADED)
    statuses = ("400", "401", "403", "404", "409", "413", "414", "429", "503", "507")
    operation = _operation(
        _UPLOAD, "upload", "Publish a distribution (twine, uv publish, …)",
        {**done, **_refusals(*statuses)}, requestBody=_UPLOAD_FORM,
    )  # fmt: skip
    operation["parameters"].append(_DRY_RUN)
    return operation


PYPI_PATHS: Json = {
    _UPLOAD: {"post": _upload()},
    **_reads("/projects/{project}/packages/pypi", "of_project"),
    **_reads("/groups/{group}/-/packages/pypi", "of_group"),
    **_reads("/packages/pypi", "of_instance"),
}
"""Path to operations, as in an OpenAPI document."""
