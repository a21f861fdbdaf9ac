"""Who is asking: from the headers of a request to an actor.

Forms and precedence are GitLab's: `PRIVATE-TOKEN`, `Deploy-Token`, Bearer, Basic. With Basic the
user name is not looked at, whatever it is: pip, twine and uv send `__token__`, a deploy token's
users its name.
"""

import base64
import binascii
from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from wheelyard.actions.tokens import digest
from wheelyard.domain.access import Level, Scope
from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.models.callers import ANONYMOUS, Actor
from wheelyard.domain.models.members import Grant
from wheelyard.domain.models.tokens import Token, TokenKind
from wheelyard.http.asgi import Scope as Connection
from wheelyard.http.middleware.wrong_secrets import note_wrong_secret
from wheelyard.http.services import Services
from wheelyard.ports.database import Transaction

JOB_TOKEN_USERNAME = "gitlab-ci-token"  # noqa: S105  a user name


class Form(StrEnum):
    """The form in which a request carries its secret."""

    BASIC = "basic"
    BEARER = "bearer"
    PRIVATE_TOKEN = "private_token"  # noqa: S105  the name of a header
    DEPLOY_TOKEN = "deploy_token"  # noqa: S105  the name of a header


class Credential(NamedTuple):
    """A secret as a request presents it."""

    form: Form
    secret: str
    username: str = ""

    def __repr__(self) -> str:
        """Leave the secret out: a value that is printed by accident must not tell it."""
        return f"Credential({self.form})"


_KINDS = {
    Form.PRIVATE_TOKEN: {TokenKind.PERSONAL, TokenKind.ACCESS},
    Form.DEPLOY_TOKEN: {TokenKind.DEPLOY},
}


def read_credential(headers: Iterable[tuple[bytes, bytes]]) -> Credential | None:
    """Return the credential in ASGI `headers` (names in lower case), or None."""
    found = {name: value.decode("latin-1") for name, value in headers if name in _HEADERS}
    if secret := found.get(b"private-token"):
        return Credential(Form.PRIVATE_TOKEN, secret)
    if secret := found.get(b"deploy-token"):
        return Credential(Form.DEPLOY_TOKEN, secret)
    scheme, _, rest = found.get(b"authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return Credential(Form.BEARER, rest.strip())
    if scheme.lower() == "basic":
        username, _, secret = _decode_basic(rest.strip()).partition(":")
        return Credential(Form.BASIC, secret, username)
    return None


_HEADERS = frozenset({b"authorization", b"private-token", b"deploy-token"})


def _decode_basic(encoded: str) -> str:
    """Decode, or return what fits no token: a garbled header is a wrong secret (RFC 7617)."""
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8", "surrogateescape")
    except (binascii.Error, ValueError):
        return ""


async def authenticate(
    services: Services,
    tx: Transaction,
    scope: Connection,
    credential: Credential | None,
    *,
    now: datetime,
    kinds: Collection[TokenKind] = tuple(TokenKind),
) -> Actor:
    """Return the actor that `credential` stands for; a token of another kind is unknown.

    An unknown secret in Basic counts as none, as in GitLab: public projects stay readable with
    a stale password in `~/.netrc`. That a secret is unknown is noted in the `scope` of the
    request, and that a token was used, among the services. Raises Refused: unauthenticated (any
    other unknown secret), invalid token (expired or revoked), forbidden (the user is blocked).
    """
    if credential is None:
        return ANONYMOUS
    token = await tx.tokens.by_secret(digest(credential.secret))
    if token is None:
        note_wrong_secret(scope, credential.secret)
    if credential.username == JOB_TOKEN_USERNAME:
        raise Refused(Reason.UNAUTHENTICATED, "401 Unauthorized")  # there are no job tokens here
    if token is None or token.kind not in _KINDS.get(credential.form, kinds):
        if credential.form is Form.BASIC:
            return ANONYMOUS
        raise Refused(Reason.UNAUTHENTICATED, "401 Unauthorized")
    if not token.is_active(now):
        if token.kind is TokenKind.DEPLOY and credential.form is Form.BASIC:
            return ANONYMOUS
        ended = "was revoked" if token.revoked_at is not None else "is expired"
        raise Refused(Reason.INVALID_TOKEN, f"Token {ended}. Use another one.")
    is_deploy = token.kind is TokenKind.DEPLOY
    actor = _deploy_actor(token) if is_deploy else await _user_actor(tx, token)
    services.usage.token_used(token.id, now)
    return actor


def _deploy_actor(token: Token) -> Actor:
    writes = Scope.WRITE_PACKAGE_REGISTRY in token.scopes
    grant = Grant(token.path_key or "", Level.DEVELOPER if writes else Level.REPORTER)
    return Actor(
        username=token.username or "deploy token",
        token_id=token.id,
        scopes=token.scopes,
        grants=(grant,),
    )


async def _user_actor(tx: Transaction, token: Token) -> Actor:
    user = None if token.user_id is None else await tx.users.get(token.user_id)
    if user is None:
        raise Refused(Reason.UNAUTHENTICATED, "401 Unauthorized")
    if user.is_blocked:
        raise Refused(Reason.FORBIDDEN, "403 Forbidden - Your account has been blocked.")
    return Actor(
        user_id=user.id,
        username=user.username,
        is_admin=user.is_admin,
        token_id=token.id,
        scopes=token.scopes,
        grants=await tx.users.grants(user),
        is_bot=user.is_bot,
    )
