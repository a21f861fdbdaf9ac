"""What the routes of tokens take: GitLab's filters and orders; the forms of scopes and dates."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from wheelyard.domain.access import DEPLOY_SCOPES, PERSONAL_SCOPES, SELF_SERVICE_SCOPES, Scope
from wheelyard.domain.models.tokens import TokenKind
from wheelyard.domain.tokens import MAX_TEXT_CHARS, TokenFilter
from wheelyard.http.paging import DEFAULT_PER_PAGE, MAX_PAGE, Paging, get_paging
from wheelyard.http.rest.moments import utc

Sort = Literal[
    "created_asc", "created_desc", "expires_asc", "expires_desc",
    "last_used_asc", "last_used_desc", "name_asc", "name_desc",
]  # fmt: skip


class Wanted:
    """GitLab's filters of a list of tokens."""

    def __init__(
        self,
        *,
        created_after: Annotated[datetime | None, Query()] = None,
        created_before: Annotated[datetime | None, Query()] = None,
        last_used_after: Annotated[datetime | None, Query()] = None,
        last_used_before: Annotated[datetime | None, Query()] = None,
        expires_after: Annotated[date | None, Query()] = None,
        expires_before: Annotated[date | None, Query()] = None,
        revoked: Annotated[bool | None, Query()] = None,
        state: Annotated[Literal["active", "inactive"] | None, Query()] = None,
        search: Annotated[str | None, Query(max_length=255)] = None,
    ) -> None:
        self._created = utc(created_after), utc(created_before)
        self._used = utc(last_used_after), utc(last_used_before)
        self._expires = expires_after, expires_before
        self._is_revoked = revoked
        self._is_active = None if state is None else state == "active"
        self._search = search

    def of(
        self,
        *kinds: TokenKind,
        today: date,
        user_id: int | None = None,
        path_key: str | None = None,
    ) -> TokenFilter:
        """Return the filter for the tokens of somebody, or of a project or group."""
        return TokenFilter(
            kinds=kinds,
            today=today,
            user_id=user_id,
            path_key=path_key,
            is_revoked=self._is_revoked,
            is_active=self._is_active,
            search=self._search,
            created_after=self._created[0],
            created_before=self._created[1],
            last_used_after=self._used[0],
            last_used_before=self._used[1],
            expires_after=self._expires[0],
            expires_before=self._expires[1],
        )


def get_token_paging(
    request: Request,
    response: Response,
    page: Annotated[int, Query(le=MAX_PAGE)] = 1,
    per_page: int = DEFAULT_PER_PAGE,
    sort: Sort | None = None,
) -> Paging:
    """Read the pagination and GitLab's orders of tokens, such as `last_used_desc`."""
    column, _, direction = (sort or "").rpartition("_")
    return get_paging(
        request,
        response,
        page=page,
        per_page=per_page,
        order_by=column or None,
        sort="desc" if direction == "desc" else "asc",
    )


WantedParameters = Annotated[Wanted, Depends()]
TokenPaging = Annotated[Paging, Depends(get_token_paging)]


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _to_date(value: object) -> object:
    """Take a moment for its date in UTC: a token ends at 00:00, so never later than asked for."""
    if not isinstance(value, str) or "T" not in value.upper():
        return value or None
    moment = datetime.fromisoformat(value)
    try:
        return (moment if moment.tzinfo is None else moment.astimezone(UTC)).date()
    except OverflowError as error:
        raise ValueError("a moment that UTC's calendar lacks") from error


def _described(scopes: frozenset[Scope]) -> WithJsonSchema:
    """Say which scopes there are; what is said is checked where the token is made."""
    return WithJsonSchema({"type": "array", "minItems": 1, "items": {"enum": sorted(scopes)}})


PersonalScopes = Annotated[list[str], BeforeValidator(_split), _described(PERSONAL_SCOPES)]
"""A list, or in one text with commas between."""

OwnScopes = Annotated[list[str], BeforeValidator(_split), _described(SELF_SERVICE_SCOPES)]
"""Likewise, for whoever makes a token of their own by another token."""

DeployScopes = Annotated[list[str], BeforeValidator(_split), _described(DEPLOY_SCOPES)]
"""Likewise, for a deploy token."""

TokenName = Annotated[str, Field(json_schema_extra={"minLength": 1, "maxLength": MAX_TEXT_CHARS})]
"""What a token is for; likewise checked where it is made."""

Expiry = Annotated[date | None, BeforeValidator(_to_date)]
"""A date, a moment, or nothing."""


class Rotation(BaseModel):
    """What rotation may be told."""

    expires_at: Expiry = None


class NewToken(Rotation):
    """A token that is asked for."""

    name: TokenName
    scopes: PersonalScopes
    description: str | None = None


class NewOwnToken(NewToken):
    """A token of one's own that is asked for by another token."""

    scopes: OwnScopes
