"""Pagination as in GitLab's REST API: the parameters, and the headers of an answer.

Offset pagination: `page` (from 1), `per_page` (20, at most 100); `X-Page`, `X-Per-Page`,
`X-Next-Page`, `X-Prev-Page`, `X-Total`, `X-Total-Pages`, and `Link` (RFC 8288) with first, last,
prev and next. Above 10,000 rows the totals and rel=last are left out. Keyset pagination
(`pagination=keyset`): `Link` has rel=next alone, whose address holds `cursor`. By ids it goes for
every listing, by other orders for some (GitLab's for users and groups), and else it is 405.
"""

import base64
import binascii
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import parse_qsl, urlencode

import orjson
from fastapi import Depends, Query, Request, Response

from wheelyard.domain.errors import Problem, Reason, Refused, invalid
from wheelyard.domain.filters import Span
from wheelyard.domain.listing import Listing, Position, Window
from wheelyard.http.addresses import base_url

T = TypeVar("T")
Shape = TypeVar("Shape")

DEFAULT_PER_PAGE = 20
MAX_PER_PAGE = 100
MAX_PAGE = 10**9
_MAX_ID = 2**63 - 1

# Secrets are not sent back, and a position is replaced by the new one.
_NOT_KEPT = frozenset({"private_token", "access_token", "cursor", "page"})


@dataclass(frozen=True, slots=True)
class Paging:
    """What of a listing is asked for, and where the answer's headers go."""

    window: Window
    page: int
    request: Request
    response: Response

    def show(self, listing: Listing[T], shape: Callable[[T], Shape]) -> list[Shape]:
        """Set the headers for `listing` and return its items in their shape."""
        if self.window.is_keyset:
            headers = self._keyset_headers(listing)
        else:
            headers = self._offset_headers(listing)
        self.response.headers.update(headers)
        return [shape(item) for item in listing.items]

    def _offset_headers(self, listing: Listing[T]) -> Mapping[str, str]:
        page, per_page = self.page, self.window.limit
        next_page = page + 1 if listing.has_more else None
        prev_page = page - 1 if page > 1 else None
        pages = {"prev": prev_page, "next": next_page, "first": 1}
        headers = {
            "x-page": str(page),
            "x-per-page": str(per_page),
            "x-next-page": str(next_page or ""),
            "x-prev-page": str(prev_page or ""),
        }
        if listing.total is not None:
            total_pages = max(1, -(-listing.total // per_page))
            pages["last"] = total_pages
            headers |= {"x-total": str(listing.total), "x-total-pages": str(total_pages)}
        links = (
            self._link(rel, page=str(number), per_page=str(per_page))
            for rel, number in pages.items()
            if number is not None
        )
        return {**headers, "link": ", ".join(links)}

    def _keyset_headers(self, listing: Listing[Any]) -> Mapping[str, str]:
        if not listing.has_more or listing.next is None:
            return {}
        cursor = _write_cursor(listing.next)
        return {"link": self._link("next", cursor=cursor, per_page=str(self.window.limit))}

    def _link(self, rel: str, **changed: str) -> str:
        scope = self.request.scope
        dropped = _NOT_KEPT | changed.keys()
        asked = parse_qsl(scope["query_string"].decode("latin-1"))
        kept = [(key, value) for key, value in asked if key not in dropped]
        query = urlencode([*kept, *changed.items()])
        base = base_url(scope, self.request.app.state.services)
        return f'<{base}{scope["raw_path"].decode("ascii")}?{query}>; rel="{rel}"'


Page = Annotated[int, Query(le=MAX_PAGE)]
PerPage = Annotated[int, Query()]
Sort = Annotated[Literal["asc", "desc"] | None, Query()]
Kind = Annotated[Literal["offset", "keyset"] | None, Query()]
Cursor = Annotated[str | None, Query(max_length=4096)]
Id = Annotated[int | None, Query(ge=0, le=_MAX_ID)]


def asked_ids(*, id_after: Id = None, id_before: Id = None) -> Span[int]:
    """Return the ids that `id_after` and `id_before` ask for, where they are filters (projects)."""
    return Span(id_after, id_before)


def paging_by(*orders: str, keyset: Collection[str] = ()) -> Any:
    """Return the dependency of a listing that can be ordered by its id, and by these names.

    keyset: those of them that keyset pagination goes by, too; for the others it is 405.
    """

    def read(
        request: Request,
        response: Response,
        *,
        page: Page = 1,
        per_page: PerPage = DEFAULT_PER_PAGE,
        order_by: str | None = None,
        sort: Sort = None,
        pagination: Kind = None,
        cursor: Cursor = None,
        id_after: Id = None,
        id_before: Id = None,
    ) -> Paging:
        if pagination != "keyset":
            return get_paging(
                request, response, page=page, per_page=per_page, order_by=order_by, sort=sort
            )
        if order_by not in {None, "id", *keyset}:
            message = "Keyset pagination is not yet available for this type of request"
            raise Refused(Reason.METHOD_NOT_ALLOWED, message)
        seen = id_after if sort == "asc" else id_before
        after = None if seen is None else Position(seen)
        if cursor is not None:
            after = _read_cursor(cursor)
        window = Window(
            _limit(per_page), 0, order_by, _is_descending(sort), is_keyset=True, after=after
        )
        return Paging(window, 1, request, response)

    # FastAPI looks here for what a request may say; a type checker cannot know these names.
    read.__annotations__["order_by"] = Literal[("id", *orders)] | None
    return Depends(read)


def get_paging(
    request: Request,
    response: Response,
    *,
    page: int,
    per_page: int,
    order_by: str | None,
    sort: str | None,
) -> Paging:
    """Build the pagination by number. Raises Refused (invalid)."""
    limit, page = _limit(per_page), max(page, 1)
    window = Window(limit, (page - 1) * limit, order_by, _is_descending(sort))
    return Paging(window, page, request, response)


def _limit(per_page: int) -> int:
    if per_page == 0:
        raise invalid(Problem("invalid-per-page", "per_page has a value not allowed"))
    return min(per_page, MAX_PER_PAGE) if per_page > 0 else DEFAULT_PER_PAGE


def _is_descending(sort: str | None) -> bool | None:
    return None if sort is None else sort == "desc"


def _write_cursor(position: Position) -> str:
    text = orjson.dumps([position.id, position.value])
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _read_cursor(cursor: str) -> Position:
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        id_, value = orjson.loads(base64.urlsafe_b64decode(padded))
    except (binascii.Error, ValueError, TypeError):
        id_, value = None, None
    is_id = isinstance(id_, int) and 0 <= id_ <= _MAX_ID
    is_value = (
        value is None or isinstance(value, int) or (isinstance(value, str) and "\0" not in value)
    )
    if not is_id or not is_value:
        raise invalid(Problem("invalid-cursor", "cursor is invalid"))
    return Position(id_, value)


PagingParameters = Annotated[Paging, paging_by()]
"""A handler's parameter: the pagination of a listing that has one order."""
