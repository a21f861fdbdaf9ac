"""One file of a package: all that is known about it, and its bytes for whoever is signed in.

A browser's session is no credential for the addresses that installers use, so downloads from a
page have an address of their own.
"""

from functools import partial

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from wheelyard.domain.access import Action
from wheelyard.domain.errors import Reason, Refused, not_found
from wheelyard.domain.keys import distribution_key
from wheelyard.http.files import StoredBody
from wheelyard.http.web.registry import may_hide, open_release, pick_file
from wheelyard.http.web.view import View


async def show_file(view: View) -> Response:
    """Show a file, and what may be done with it."""
    async with view.services.db.read() as tx:
        project, release = await open_release(view, tx, Action.READ_PACKAGE)
        file = pick_file(view, await tx.releases.files(release.id))
        downloads = await tx.downloads.by_file(release.id)
        may_change = await may_hide(view, tx, project, release)
    return view.page(
        "packages/file.html",
        place=project,
        project=project,
        release=release,
        file=file,
        downloads=downloads.get(file.id, 0),
        may_hide=may_change,
    )


async def download_file(view: View) -> Response:
    """Send a file. What is quarantined is sent to nobody."""
    async with view.services.db.read() as tx:
        project, release = await open_release(view, tx, Action.READ_PACKAGE)
        wanted = pick_file(view, await tx.releases.files(release.id))
        file = await tx.packages.file(project.id, wanted.digests.sha256, wanted.filename)
    if file is None:
        if not release.status.offers_files:
            raise Refused(Reason.FORBIDDEN, "The package is quarantined: its files are not served.")
        raise not_found("404 Package file")
    name = file.filename.encode("ascii")  # `wheelyard.domain.filenames` takes no other
    body = StoredBody(
        view.services.blobs,
        distribution_key(file.digests.sha256),
        file.digests.sha256,
        file.size_bytes,
        (
            (b"content-type", b"application/octet-stream"),
            (b"content-disposition", b'attachment; filename="' + name + b'"'),
            (b"cache-control", b"private, no-cache"),
        ),
        when_served=partial(view.services.usage.file_served, file.id, view.now),
    )
    return _StoredResponse(body)


class _StoredResponse(Response):
    """A stored object as an answer of a page's handler."""

    def __init__(self, body: StoredBody) -> None:
        super().__init__()
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI
        await self._body.send(scope, send)
