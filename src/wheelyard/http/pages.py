"""A document of the index as a representation: rendered, encoded, with its ETag."""

import asyncio
import hashlib

from wheelyard.domain.documents.as_html import html_list, html_page
from wheelyard.domain.documents.as_json import list_as_json, page_as_json
from wheelyard.domain.documents.page import ProjectList, ProjectPage
from wheelyard.domain.negotiate import Encoding, MediaType
from wheelyard.http.answers import Headers
from wheelyard.http.encodings import encode
from wheelyard.http.negotiation import Form
from wheelyard.http.representations import Representation, represent

_LONG = 200
"""Documents with more entries are rendered in a thread, so that they do not hold up others."""

Document = ProjectList | ProjectPage


async def page_representation(document: Document, form: Form, *, is_public: bool) -> Representation:
    """Render, encode and label a document."""
    entries = len(document.files if isinstance(document, ProjectPage) else document.names)
    if entries > _LONG:
        body, etag, encoding = await asyncio.to_thread(render, document, form)
    else:
        body, etag, encoding = render(document, form)
    headers: Headers = (
        (b"content-type", form.media_type.value.encode()),
        (b"cache-control", b"public, no-cache" if is_public else b"private, no-cache"),
        (b"vary", b"Accept, Accept-Encoding"),
        *_serial(document),
    )
    is_encoded = encoding is not Encoding.IDENTITY
    coding: Headers = ((b"content-encoding", encoding.value.encode()),) if is_encoded else ()
    return represent(body, etag, headers, only_with_body=coding)


def render(document: Document, form: Form) -> tuple[bytes, str, Encoding]:
    """Return the body, its ETag and its encoding. Each form and encoding has its own ETag."""
    body = _render(document, form.media_type)
    encoded, encoding = encode(body, form.encoding)
    return encoded, entity_tag(body, f"{form.media_type.name}-{encoding.value}"), encoding


def entity_tag(body: bytes, variant: str) -> str:
    """Return a strong ETag for a body (before encoding) in one of its forms and encodings."""
    person = variant.lower().encode()[: hashlib.blake2b.PERSON_SIZE]
    return f'"{hashlib.blake2b(body, digest_size=16, person=person).hexdigest()}"'


def _render(document: Document, media_type: MediaType) -> bytes:
    if isinstance(document, ProjectPage):
        if media_type is MediaType.JSON_V1:
            return page_as_json(document)
        return html_page(document).encode()
    if media_type is MediaType.JSON_V1:
        return list_as_json(document)
    return html_list(document).encode()


def _serial(document: Document) -> Headers:
    if isinstance(document, ProjectPage):
        return ((b"x-pypi-last-serial", str(document.serial).encode()),)  # bandersnatch
    return ()
