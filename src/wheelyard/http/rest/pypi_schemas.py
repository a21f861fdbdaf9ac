"""The documents that the addresses of packages answer with, as JSON schemas."""

from typing import Any

Json = dict[str, Any]

_TEXT: Json = {"type": "string"}
_TEXT_OR_NULL: Json = {"type": ["string", "null"]}
_COUNT: Json = {"type": "integer", "minimum": 0}
_SHA256: Json = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def _object(required: Json, optional: Json | None = None) -> Json:
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **(optional or {})},
        "additionalProperties": False,
    }


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


_META = _object({"api-version": _TEXT})

LIST_OF_NAMES = _object(
    {"meta": _META, "projects": _list(_object({"_last-serial": _COUNT, "name": _TEXT}))}
)
"""The list of names (PEP 691), with PyPI's numbers of their latest changes."""

_FILE = _object(
    {
        "filename": _TEXT,
        "url": _TEXT,
        "hashes": _object({"sha256": _SHA256}),
        "size": _COUNT,
        "upload-time": {"type": "string", "format": "date-time"},
        "yanked": {"type": ["boolean", "string"]},
    },
    {"requires-python": _TEXT, "core-metadata": _object({"sha256": _SHA256})},
)

PAGE = _object(
    {"meta": _META, "name": _TEXT, "versions": _list(_TEXT), "files": _list(_FILE)},
    {"project-status": _object({"status": _TEXT}, {"reason": _TEXT})},
)
"""The page of a name (PEPs 691, 700, 714 and 792)."""

_LEGACY_FILE: Json = {
    "type": "object",
    "required": ["digests", "filename", "packagetype", "size", "upload_time_iso_8601", "url"],
    "properties": {
        "digests": _object({"blake2b_256": _TEXT, "md5": _TEXT, "sha256": _SHA256}),
        "filename": _TEXT,
        "packagetype": {"enum": ["bdist_wheel", "sdist"]},
        "python_version": _TEXT,
        "requires_python": _TEXT_OR_NULL,
        "size": _COUNT,
        "upload_time_iso_8601": {"type": "string", "format": "date-time"},
        "url": {"type": "string", "format": "uri"},
        "yanked": {"type": "boolean"},
        "yanked_reason": _TEXT_OR_NULL,
    },
}

_INFO: Json = {
    "type": "object",
    "required": ["name", "version", "yanked"],
    "properties": {
        "name": _TEXT,
        "version": _TEXT,
        "summary": _TEXT_OR_NULL,
        "requires_python": _TEXT_OR_NULL,
        "yanked": {"type": "boolean"},
        "yanked_reason": _TEXT_OR_NULL,
    },
}

_OF_VERSION: Json = {
    "info": _INFO,
    "last_serial": _COUNT,
    "urls": _list(_LEGACY_FILE),
    "vulnerabilities": {"type": "array", "maxItems": 0},
}

VERSION_DOCUMENT = _object(_OF_VERSION)
"""PyPI's JSON about one version."""

LEGACY_DOCUMENT = _object(
    {
        **_OF_VERSION,
        "releases": {"type": "object", "additionalProperties": _list(_LEGACY_FILE)},
    }
)
"""PyPI's JSON about a package: that of a version, and the files of all versions."""

_FINDING: Json = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {"code": _TEXT, "message": _TEXT, "field": _TEXT_OR_NULL},
}

UPLOADED = _object({"message": _TEXT}, {"warnings": _list(_FINDING)})
"""What an upload is answered, and what was found that does not forbid it."""
