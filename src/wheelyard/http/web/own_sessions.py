"""The browsers that one is signed in with."""

from starlette.responses import Response

from wheelyard.actions.sessions import end_session
from wheelyard.domain.sessions import is_alive
from wheelyard.http.web import urls
from wheelyard.http.web.page_numbers import row_id
from wheelyard.http.web.view import View


async def show_sessions(view: View) -> Response:
    """List the sessions that have not ended, the newest first."""
    user = view.require_user()
    async with view.services.db.read() as tx:
        sessions = await tx.sessions.of_user(user.id)
    own = None if view.signed_in is None else view.signed_in.session.id
    alive = [session for session in sessions if is_alive(session, view.now)]
    return view.page("profile/sessions.html", sessions=alive, own_id=own)


async def post_end_of_session(view: View) -> Response:
    """Sign another browser out."""
    user = view.require_user()
    await end_session(view.services.db, view.by, user.id, row_id(view, "session_id"))
    return view.redirect(urls.SESSIONS, "The browser was signed out.")
