"""Personal access tokens: list, show, create, rotate and revoke one's own; an administrator all.

Another's token and an unknown id are the same to everybody else: 401, as in GitLab.
"""

from typing import Annotated

from fastapi import APIRouter, Query

from wheelyard.actions.rotation import rotate_token
from wheelyard.actions.tokens import create_personal_token, revoke_token
from wheelyard.domain.access import PERSONAL_SCOPES, SELF_SERVICE_SCOPES, Scope
from wheelyard.domain.errors import Reason, Refused, not_found
from wheelyard.domain.models.tokens import Token, TokenKind
from wheelyard.domain.models.users import User
from wheelyard.http.rest.calls import AdminCall, Call, SignedInCall
from wheelyard.http.rest.row_ids import MAX_ROW_ID, RowId
from wheelyard.http.rest.shapes.tokens import TokenJson, token_json
from wheelyard.http.rest.token_parameters import (
    NewOwnToken,
    NewToken,
    Rotation,
    TokenPaging,
    WantedParameters,
)
from wheelyard.ports.database import Transaction

router = APIRouter(tags=["Personal access tokens"])

_USERS_KINDS = (TokenKind.PERSONAL, TokenKind.ACCESS)
_UNAUTHORIZED = "401 Unauthorized"


@router.get("/personal_access_tokens")
async def list_tokens(
    call: SignedInCall,
    paging: TokenPaging,
    wanted: WantedParameters,
    user_id: Annotated[int | None, Query(ge=1, le=MAX_ROW_ID)] = None,
) -> list[TokenJson]:
    """List the caller's tokens; for an administrator everybody's, or those of `user_id`."""
    if not call.actor.is_admin:
        if user_id not in {None, call.actor.user_id}:
            raise Refused(Reason.UNAUTHENTICATED, _UNAUTHORIZED)
        user_id = call.actor.user_id
    async with call.services.db.read() as tx:
        if user_id is not None:
            await _user(tx, user_id)
        asked = wanted.of(*_USERS_KINDS, today=call.by.at.date(), user_id=user_id)
        listing = await tx.tokens.list(asked, paging.window)
    return paging.show(listing, lambda token: token_json(token, call.by.at))


@router.get("/personal_access_tokens/self")
async def get_own_token(call: SignedInCall) -> TokenJson:
    """Show the token that the call comes with."""
    async with call.services.db.read() as tx:
        return token_json(await _own(call, tx), call.by.at)


@router.delete("/personal_access_tokens/self", status_code=204)
async def revoke_own_token(call: SignedInCall) -> None:
    """Revoke the token that the call comes with."""
    async with call.services.db.read() as tx:
        token = await _own(call, tx)
    await revoke_token(call.services.db, call.by, token.id)


@router.post("/personal_access_tokens/self/rotate")
async def rotate_own_token(call: SignedInCall, body: Rotation) -> TokenJson:
    """Replace the token that the call comes with."""
    async with call.services.db.read() as tx:
        token = await _own(call, tx)
    if token.kind is not TokenKind.PERSONAL:
        raise Refused(Reason.METHOD_NOT_ALLOWED, "405 Method Not Allowed")
    return await _rotate(call, token, body)


@router.get("/personal_access_tokens/{id}")
async def get_token(id: RowId, call: SignedInCall) -> TokenJson:
    """Show a token."""
    async with call.services.db.read() as tx:
        return token_json(await _visible(call, tx, id), call.by.at)


@router.delete("/personal_access_tokens/{id}", status_code=204)
async def delete_token(id: RowId, call: SignedInCall) -> None:
    """Revoke a token."""
    async with call.services.db.read() as tx:
        token = await _visible(call, tx, id)
    await revoke_token(call.services.db, call.by, token.id)


@router.post("/personal_access_tokens/{id}/rotate")
async def rotate(id: RowId, call: SignedInCall, body: Rotation) -> TokenJson:
    """Replace a token by a new one with the same name and scopes."""
    async with call.services.db.read() as tx:
        token = await _visible(call, tx, id)
    return await _rotate(call, token, body)


@router.post("/users/{id}/personal_access_tokens", status_code=201)
async def create_for_user(id: RowId, call: AdminCall, body: NewToken) -> TokenJson:
    """Create a token of somebody, as an administrator."""
    async with call.services.db.read() as tx:
        user = await _user(tx, id)
    return await _create(call, user, body, PERSONAL_SCOPES)


@router.post("/user/personal_access_tokens", status_code=201)
async def create_own(call: SignedInCall, body: NewOwnToken) -> TokenJson:
    """Create a token of the caller with a scope that GitLab leaves to self-service."""
    async with call.services.db.read() as tx:
        user = await _user(tx, call.actor.user_id or 0)
    if user.is_bot:
        raise Refused(Reason.FORBIDDEN, "403 Forbidden")
    return await _create(call, user, body, SELF_SERVICE_SCOPES)


async def _create(call: Call, user: User, body: NewToken, allowed: frozenset[Scope]) -> TokenJson:
    created = await create_personal_token(
        call.services.db,
        call.by,
        username=user.username,
        name=body.name,
        scopes=body.scopes,
        expires_at=body.expires_at,
        description=body.description or "",
        allowed=allowed,
    )
    return token_json(created.token, call.by.at, created.secret)


async def _rotate(call: Call, token: Token, body: Rotation) -> TokenJson:
    new = await rotate_token(call.services.db, call.by, token.id, expires_at=body.expires_at)
    return token_json(new.token, call.by.at, new.secret)


async def _own(call: Call, tx: Transaction) -> Token:
    """Return the token of the call itself, if it comes with one (a session does not)."""
    token = None if call.actor.token_id is None else await tx.tokens.get(call.actor.token_id)
    if token is None:
        raise Refused(Reason.UNAUTHENTICATED, _UNAUTHORIZED)
    return token


async def _visible(call: Call, tx: Transaction, token_id: int) -> Token:
    """Return the token, if it is the caller's own or the caller an administrator."""
    token = await tx.tokens.get(token_id)
    is_users = token is not None and token.kind in _USERS_KINDS
    if token is not None and is_users and call.actor.is_admin:
        return token
    if token is not None and is_users and token.user_id == call.actor.user_id:
        return token
    if call.actor.is_admin:
        raise not_found("404")
    raise Refused(Reason.UNAUTHENTICATED, _UNAUTHORIZED)


async def _user(tx: Transaction, user_id: int) -> User:
    user = await tx.users.get(user_id)
    if user is None:
        raise not_found("404 User")
    return user
