"""Deploy tokens of projects and groups: list, show, create and delete."""

from datetime import date

from fastapi import APIRouter
from pydantic import BaseModel

from wheelyard.actions.tokens import create_deploy_token, revoke_token
from wheelyard.domain.access import Action
from wheelyard.domain.errors import not_found
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.tokens import Token, TokenKind
from wheelyard.domain.tokens import TokenFilter
from wheelyard.http.paging import PagingParameters
from wheelyard.http.rest.calls import AdminCall, Call, SignedInCall
from wheelyard.http.rest.places import AnyPlace, Place
from wheelyard.http.rest.row_ids import RowId
from wheelyard.http.rest.shapes.tokens import DeployTokenJson, deploy_token_json
from wheelyard.http.rest.token_parameters import DeployScopes, Expiry, TokenName

router = APIRouter(tags=["Deploy tokens"])

_OF_PROJECT = "/projects/{id}/deploy_tokens"
_OF_GROUP = "/groups/{id}/deploy_tokens"
_READ = (Action.READ_DEPLOY_TOKEN, Action.READ_DEPLOY_TOKEN)
_ADMIN = (Action.ADMIN_DEPLOY_TOKEN, Action.ADMIN_GROUP_DEPLOY_TOKEN)


class NewDeployToken(BaseModel):
    """A deploy token that is asked for."""

    name: TokenName
    scopes: DeployScopes
    expires_at: Expiry = None
    username: str | None = None


@router.get("/deploy_tokens")
async def list_all_deploy_tokens(
    call: AdminCall, paging: PagingParameters, *, active: bool | None = None
) -> list[DeployTokenJson]:
    """List the deploy tokens of the instance."""
    async with call.services.db.read() as tx:
        listing = await tx.tokens.list(_wanted(call.by.at.date(), active), paging.window)
    return paging.show(listing, lambda token: deploy_token_json(token, call.by.at))


@router.get(_OF_PROJECT)
@router.get(_OF_GROUP)
async def list_deploy_tokens(
    place: AnyPlace, call: SignedInCall, paging: PagingParameters, *, active: bool | None = None
) -> list[DeployTokenJson]:
    """List the deploy tokens of a project or group."""
    async with call.services.db.read() as tx:
        of = await place.find(call, tx, *_READ)
        wanted = _wanted(call.by.at.date(), active, of.key)
        listing = await tx.tokens.list(wanted, paging.window)
    return paging.show(listing, lambda token: deploy_token_json(token, call.by.at))


@router.post(_OF_PROJECT, status_code=201)
@router.post(_OF_GROUP, status_code=201)
async def create(place: AnyPlace, call: SignedInCall, body: NewDeployToken) -> DeployTokenJson:
    """Create a deploy token."""
    async with call.services.db.read() as tx:
        of = await place.find(call, tx, *_ADMIN)
    created = await create_deploy_token(
        call.services.db,
        call.by,
        full_path=of.full_path,
        name=body.name,
        scopes=body.scopes,
        username=body.username or None,
        expires_at=body.expires_at,
    )
    return deploy_token_json(created.token, call.by.at, created.secret)


@router.get(_OF_PROJECT + "/{token_id}")
@router.get(_OF_GROUP + "/{token_id}")
async def get(place: AnyPlace, token_id: RowId, call: SignedInCall) -> DeployTokenJson:
    """Show a deploy token."""
    return deploy_token_json(await _find(call, place, token_id, _READ), call.by.at)


@router.delete(_OF_PROJECT + "/{token_id}", status_code=204)
@router.delete(_OF_GROUP + "/{token_id}", status_code=204)
async def delete(place: AnyPlace, token_id: RowId, call: SignedInCall) -> None:
    """Revoke a deploy token; it is not shown again."""
    token = await _find(call, place, token_id, _ADMIN)
    await revoke_token(call.services.db, call.by, token.id)


def _wanted(today: date, is_active: bool | None, path_key: str | None = None) -> TokenFilter:
    """Return the filter: what was deleted stays in the database, and is in no list."""
    return TokenFilter(
        kinds=(TokenKind.DEPLOY,),
        today=today,
        path_key=path_key,
        is_revoked=False,
        is_active=is_active or None,
    )


async def _find(call: Call, place: Place, token_id: int, actions: tuple[Action, Action]) -> Token:
    async with call.services.db.read() as tx:
        of: Project | Namespace = await place.find(call, tx, *actions)
        token = await tx.tokens.get(token_id)
    is_deploy = token is not None and token.kind is TokenKind.DEPLOY
    if token is None or not is_deploy or token.path_key != of.key or token.revoked_at is not None:
        raise not_found("404 Deploy Token")
    return token
