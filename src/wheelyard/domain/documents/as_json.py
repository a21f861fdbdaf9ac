"""The JSON form of pages and lists (PEP 691, with the keys of PEPs 700, 714 and 792).

What is unknown is left out, never null: one null makes uv refuse a whole page.

The text is put together by hand. Of a page with tens of thousands of files, dicts for a JSON
library take most of the time, and its one call does not let another thread run until it is done.
"""

import json
from functools import lru_cache

from wheelyard.domain.documents.locations import file_location, is_plain
from wheelyard.domain.documents.page import API_VERSION, ProjectList, ProjectPage, ordered
from wheelyard.domain.models.packages import ListedFile

_META = f'"meta":{{"api-version":"{API_VERSION}"}}'
_quoted = json.JSONEncoder(ensure_ascii=False).encode
_quoted_often = lru_cache(maxsize=1024)(_quoted)  # what many files of a page have in common


def list_as_json(listing: ProjectList) -> bytes:
    """Return the JSON document of the list of projects, in UTF-8."""
    if listing.serials is None:
        projects = ",".join(f'{{"name":{_quoted(name)}}}' for name in listing.names)
    else:  # PyPI's extension, by which bandersnatch knows what to fetch
        projects = ",".join(
            f'{{"_last-serial":{listing.serials[name]},"name":{_quoted(name)}}}'
            for name in listing.names
        )
    return f'{{{_META},"projects":[{projects}]}}'.encode()


def page_as_json(page: ProjectPage) -> bytes:
    """Return the JSON document of a project's page, in UTF-8."""
    versions, files = ordered(page)
    parts = [
        f'{{{_META},"name":{_quoted(page.name)}',
        *_status(page),
        f'"versions":[{",".join(map(_quoted, versions))}]',
        f'"files":[{",".join(map(_file, files))}]}}',
    ]
    return ",".join(parts).encode()


def _status(page: ProjectPage) -> list[str]:
    if page.stated_status is None:
        return []
    # A top-level object, as PEP 792's text says; the specification's example is wrong.
    reason = f',"reason":{_quoted(page.reason)}' if page.reason else ""
    return [f'"project-status":{{"status":{_quoted(page.stated_status.value)}{reason}}}']


def _file(file: ListedFile) -> str:
    sha256, filename = file.sha256, file.filename
    name = f'"{filename}"' if is_plain(filename) else _quoted(filename)
    optional = ""
    if file.requires_python:
        optional = f',"requires-python":{_quoted_often(file.requires_python)}'
    core_metadata = file.core_metadata_sha256
    if core_metadata is not None:
        # Under this key alone. pip 22.3 to 23.1 fail on a page with the older name,
        # `dist-info-metadata`, in JSON (the reason for PEP 714), and whatever reads that, or
        # PyPI's `data-dist-info-metadata`, reads this first.
        optional += f',"core-metadata":{{"sha256":"{core_metadata}"}}'
    # PyPI says "yanked":false where it could say nothing, and readers exist that know PyPI only.
    # An address needs no quoting: what JSON would quote is percent-encoded in it.
    return (
        f'{{"filename":{name}'
        f',"url":"{file_location(sha256, filename)}"'
        f',"hashes":{{"sha256":"{sha256}"}}'
        f',"size":{file.size_bytes}'
        f',"upload-time":"{file.uploaded_at}"'
        f',"yanked":{_yanked(file.yanked_reason)}{optional}}}'
    )


def _yanked(reason: str | None) -> str:
    """Return PEP 592's value: an empty reason is `true`, for pip takes an empty string as no."""
    if reason is None:
        return "false"
    return _quoted_often(reason) if reason else "true"
