"""The JSON of tokens; a `secret` is in the answer that creates one, and never again."""

from datetime import datetime
from typing import Literal, NotRequired

from typing_extensions import TypedDict

from wheelyard.domain.access import Level
from wheelyard.domain.models.places import Namespace, Project
from wheelyard.domain.models.tokens import Token
from wheelyard.http.rest.shapes.moments import Day, Moment, day_or_none, moment, moment_or_none


class TokenJson(TypedDict):
    """A personal access token."""

    id: int
    name: str
    revoked: bool
    created_at: Moment
    description: str
    scopes: list[str]
    user_id: int | None
    last_used_at: Moment | None
    active: bool
    expires_at: Day | None
    token: NotRequired[str]


class AccessTokenJson(TokenJson):
    """An access token of a project or group; `user_id` is its bot's."""

    access_level: int | None
    resource_type: Literal["project", "group"]
    resource_id: int


class DeployTokenJson(TypedDict):
    """A deploy token."""

    id: int
    name: str
    username: str | None
    expires_at: Moment | None
    revoked: bool
    expired: bool
    scopes: list[str]
    token: NotRequired[str]


def token_json(token: Token, at: datetime, secret: str | None = None) -> TokenJson:
    """Show a personal access token as it is at a moment."""
    shown: TokenJson = {
        "id": token.id,
        "name": token.name,
        "revoked": token.revoked_at is not None,
        "created_at": moment(token.created_at),
        "description": token.description,
        "scopes": sorted(token.scopes),
        "user_id": token.user_id,
        "last_used_at": moment_or_none(token.last_used_at),
        "active": token.is_active(at),
        "expires_at": day_or_none(token.expires_at),
    }
    if secret is not None:
        shown["token"] = secret
    return shown


def access_token_json(
    token: Token,
    at: datetime,
    *,
    of: Project | Namespace,
    level: Level | None,
    secret: str | None = None,
) -> AccessTokenJson:
    """Show an access token of a project or group; `level` is the role of its bot."""
    return {
        **token_json(token, at, secret),
        "access_level": None if level is None else int(level),
        "resource_type": "project" if isinstance(of, Project) else "group",
        "resource_id": of.id,
    }


def deploy_token_json(token: Token, at: datetime, secret: str | None = None) -> DeployTokenJson:
    """Show a deploy token as it is at a moment."""
    shown: DeployTokenJson = {
        "id": token.id,
        "name": token.name,
        "username": token.username,
        "expires_at": None if token.expires_at is None else f"{token.expires_at}T00:00:00.000Z",
        "revoked": token.revoked_at is not None,
        "expired": token.expires_at is not None and token.expires_at <= at.date(),
        "scopes": sorted(token.scopes),
    }
    if secret is not None:
        shown["token"] = secret
    return shown
