"""Parts of long listings: which part is asked for, and what came back.

A listing is cut by number (offset pagination) or after what was seen last (keyset pagination).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_COUNTED = 10_000
"""Above this many rows a listing is not counted, as in GitLab: it would cost too much."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a listing: right after the entry with this id, and this value of its order.

    value: a moment is its ISO 8601 text; None where the order is that of ids.
    """

    id: int
    value: str | int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a listing that is asked for.

    order_by: a name that the listing knows ("id", "name", "created_at", …), or None for its
        own order; is_descending None likewise takes the order's own direction.
    is_keyset: whether the listing goes on after a position, with `offset` 0, and is not counted.
        Without an order it is that of ids then, the greatest first.
    after: the position; None for the start.
    """

    limit: int = 20
    offset: int = 0
    order_by: str | None = None
    is_descending: bool | None = None
    is_keyset: bool = False
    after: Position | None = None


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A part of a listing.

    total: how many rows there are; None when there are more than `MAX_COUNTED`, and for keysets.
    next: for keysets, the position of the last item.
    """

    items: Sequence[T]
    has_more: bool
    total: int | None = None
    next: Position | None = None
