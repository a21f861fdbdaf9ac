"""Access tokens of projects and groups: list, show, create, rotate and revoke."""

from fastapi import APIRouter

from wheelyard.actions.access_tokens import create_access_token
from wheelyard.actions.rotation import rotate_token
from wheelyard.actions.tokens import revoke_token
from wheelyard.domain.access import Action, Level
from wheelyard.domain.errors import Reason, Refused, not_found
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.tokens import Token, TokenKind
from wheelyard.http.rest.calls import Call, SignedInCall
from wheelyard.http.rest.places import AnyPlace, Place
from wheelyard.http.rest.row_ids import RowId
from wheelyard.http.rest.shapes.tokens import AccessTokenJson, access_token_json
from wheelyard.http.rest.token_parameters import (
    NewToken,
    Rotation,
    TokenPaging,
    WantedParameters,
)
from wheelyard.ports.database import Transaction

router = APIRouter(tags=["Project and group access tokens"])

_OF_PROJECT = "/projects/{id}/access_tokens"
_OF_GROUP = "/groups/{id}/access_tokens"
_READ = (Action.READ_ACCESS_TOKEN, Action.READ_GROUP_ACCESS_TOKEN)
_ADMIN = (Action.ADMIN_ACCESS_TOKEN, Action.ADMIN_GROUP_ACCESS_TOKEN)


class NewAccessToken(NewToken):
    """An access token that is asked for."""

    access_level: int = Level.MAINTAINER


@router.get(_OF_PROJECT)
@router.get(_OF_GROUP)
async def list_access_tokens(
    place: AnyPlace, call: SignedInCall, paging: TokenPaging, wanted: WantedParameters
) -> list[AccessTokenJson]:
    """List the access tokens of a project or group."""
    async with call.services.db.read() as tx:
        of = await place.find(call, tx, *_READ)
        asked = wanted.of(TokenKind.ACCESS, today=call.by.at.date(), path_key=of.key)
        listing = await tx.tokens.list(asked, paging.window)
        levels = await tx.tokens.access_levels(of)
    return paging.show(
        listing,
        lambda token: access_token_json(
            token, call.by.at, of=of, level=levels.get(token.user_id or 0)
        ),
    )


@router.post(_OF_PROJECT, status_code=201)
@router.post(_OF_GROUP, status_code=201)
async def create(place: AnyPlace, call: SignedInCall, body: NewAccessToken) -> AccessTokenJson:
    """Create an access token, and the bot user behind it."""
    async with call.services.db.read() as tx:
        of = await place.find(call, tx, *_ADMIN)
    created = await create_access_token(
        call.services.db,
        call.by,
        of,
        name=body.name,
        scopes=body.scopes,
        level=body.access_level,
        expires_at=body.expires_at,
        description=body.description or "",
    )
    return await _show(call, of, created.token, created.secret)


@router.post(_OF_PROJECT + "/self/rotate")
@router.post(_OF_GROUP + "/self/rotate")
async def rotate_own_access_token(
    place: AnyPlace, call: SignedInCall, body: Rotation
) -> AccessTokenJson:
    """Replace the access token that the call comes with."""
    if not call.actor.is_bot or call.actor.token_id is None:
        raise Refused(Reason.METHOD_NOT_ALLOWED, "405 Method Not Allowed")
    seen_by_all = call.without_scopes()  # `self_rotate` alone does not read a project
    async with call.services.db.read() as tx:
        of = await place.find(seen_by_all, tx, Action.READ_PROJECT, Action.READ_GROUP)
        token = await tx.tokens.get(call.actor.token_id)
    if token is None or token.path_key != of.key:
        raise Refused(Reason.UNAUTHENTICATED, "401 Unauthorized")
    return await _rotate(call, of, token, body)


@router.get(_OF_PROJECT + "/{token_id}")
@router.get(_OF_GROUP + "/{token_id}")
async def get(place: AnyPlace, token_id: RowId, call: SignedInCall) -> AccessTokenJson:
    """Show an access token."""
    of, token = await _find(call, place, token_id, _READ)
    return await _show(call, of, token)


@router.post(_OF_PROJECT + "/{token_id}/rotate")
@router.post(_OF_GROUP + "/{token_id}/rotate")
async def rotate(
    place: AnyPlace, token_id: RowId, call: SignedInCall, body: Rotation
) -> AccessTokenJson:
    """Replace an access token by a new one of the same bot."""
    of, token = await _find(call, place, token_id, _ADMIN)
    return await _rotate(call, of, token, body)


@router.delete(_OF_PROJECT + "/{token_id}", status_code=204)
@router.delete(_OF_GROUP + "/{token_id}", status_code=204)
async def revoke(place: AnyPlace, token_id: RowId, call: SignedInCall) -> None:
    """Revoke an access token; the role of its bot ends with it."""
    _, token = await _find(call, place, token_id, _ADMIN)
    await revoke_token(call.services.db, call.by, token.id)


async def _find(
    call: Call, place: Place, token_id: int, actions: tuple[Action, Action]
) -> tuple[Project | Namespace, Token]:
    async with call.services.db.read() as tx:
        of = await place.find(call, tx, *actions)
        return of, await _of_place(tx, of, token_id)


async def _of_place(tx: Transaction, of: Project | Namespace, token_id: int) -> Token:
    token = await tx.tokens.get(token_id)
    if token is None or token.kind is not TokenKind.ACCESS or token.path_key != of.key:
        raise not_found("404 Access Token")
    return token


async def _rotate(
    call: Call, of: Project | Namespace, token: Token, body: Rotation
) -> AccessTokenJson:
    new = await rotate_token(call.services.db, call.by, token.id, expires_at=body.expires_at)
    return await _show(call, of, new.token, new.secret)


async def _show(
    call: Call, of: Project | Namespace, token: Token, secret: str | None = None
) -> AccessTokenJson:
    async with call.services.db.read() as tx:
        level = (await tx.tokens.access_levels(of)).get(token.user_id or 0)
    return access_token_json(token, call.by.at, of=of, level=level, secret=secret)
