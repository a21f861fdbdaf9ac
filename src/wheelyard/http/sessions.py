"""Who is signed in with the browser that a request comes from.

Pages and the REST API take a session for a credential; the addresses of packages never do.
"""

from dataclasses import dataclass, field
from datetime import datetime

from wheelyard.actions.sessions import find_session
from wheelyard.domain.models.callers import Actor
from wheelyard.domain.models.sessions import Session
from wheelyard.domain.models.users import User
from wheelyard.domain.sessions import is_use_to_note
from wheelyard.http.asgi import Scope
from wheelyard.http.cookies import read_cookie
from wheelyard.http.services import Services
from wheelyard.ports.database import Transaction

SESSION_COOKIE = "wheelyard_session"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session, its user, and what the user may do: everything."""

    session: Session
    user: User
    actor: Actor
    secret: str = field(repr=False)


async def find_signed_in(
    services: Services, tx: Transaction, scope: Scope, now: datetime
) -> SignedIn | None:
    """Return who is signed in, or None; the use is noted among the services."""
    secret = read_cookie(scope, services, SESSION_COOKIE)
    found = await find_session(tx, secret, now) if secret else None
    if secret is None or found is None:
        return None
    session, user = found
    if is_use_to_note(session, now):
        services.usage.session_used(session.id, now)
    return SignedIn(session, user, await actor_of(tx, user), secret)


async def actor_of(tx: Transaction, user: User) -> Actor:
    """Return somebody who acts without a token, and so without its limits."""
    return Actor(
        user_id=user.id,
        username=user.username,
        is_admin=user.is_admin,
        grants=await tx.users.grants(user),
        is_bot=user.is_bot,
    )
