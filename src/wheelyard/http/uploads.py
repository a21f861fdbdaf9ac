"""Uploads: `POST …/packages/pypi`, the form that twine, uv and the others send.

The handler reads as a table of contents: authorise, receive and inspect, publish, answer. Rules
about files are in `wheelyard.domain`, writing is in `wheelyard.actions.publish`.
"""

import re
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from http import HTTPStatus
from urllib.parse import parse_qs

import orjson
import structlog

from wheelyard.actions.protection import check_name_by_rules
from wheelyard.actions.publish import check_acceptable, publish
from wheelyard.domain.access import Action
from wheelyard.domain.authorise import require
from wheelyard.domain.errors import Problem, Reason, Refused, invalid, not_found
from wheelyard.domain.findings import Finding
from wheelyard.domain.metrics import UPLOAD_REJECTIONS, UPLOADED_BYTES, UPLOADS
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.places import Project
from wheelyard.domain.protection import ProtectedDeed, ProtectionRule
from wheelyard.domain.settings import InstanceSettings
from wheelyard.http.answers import Answer
from wheelyard.http.asgi import App, Receive, Scope, Send, client_address, header
from wheelyard.http.auth import authenticate, read_credential
from wheelyard.http.bodies import Body, Disconnected
from wheelyard.http.checking import Received
from wheelyard.http.errors import STATUS, problem_answer
from wheelyard.http.figures import UPLOAD_ROUTE
from wheelyard.http.middleware.measured import note_route
from wheelyard.http.paths import decode_segment, find_project
from wheelyard.http.receiving import Receiving
from wheelyard.http.services import Services
from wheelyard.ports.metrics import Metrics
from wheelyard.ports.packages import Recorded

_ROUTE = re.compile(rb"/api/v4/projects/(?P<project>[^/]+)/packages/pypi/?")

_log = structlog.get_logger(__name__)


class Uploads:
    """Answers uploads; everything else goes to `app`."""

    def __init__(self, services: Services, app: App) -> None:
        self._services = services
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on."""
        match = _ROUTE.fullmatch(scope["raw_path"]) if scope["type"] == "http" else None
        if match is None:
            await self._app(scope, receive, send)
            return
        note_route(scope, UPLOAD_ROUTE)
        body = Body(scope, receive)
        try:
            answer = await self._upload(scope, body, match["project"])
        except Refused as refused:
            count_refused(self._services.metrics, refused)
            await body.refuse(scope, send, problem_answer(refused, allow="POST"))
        except Disconnected:
            _log.info("client went away during an upload", path=scope["path"])
            # Perhaps it has closed one direction only, or sent chunks that make no sense, and
            # waits for an answer: without this it would be told of an error of ours.
            await problem_answer(_cut_short()).send(scope, send)
        else:
            await answer.send(scope, send)

    async def _upload(self, scope: Scope, body: Body, raw_project_id: bytes) -> Answer:
        if scope["method"] != "POST":
            raise Refused(Reason.METHOD_NOT_ALLOWED, "This address takes uploads: POST.")
        by, project, settings, rules = await self._authorise(scope, raw_project_id)
        strictness = project.validation or settings.validation
        async with AsyncExitStack() as stack:
            check_name = partial(check_name_by_rules, by, project, rules, ProtectedDeed.PUSH)
            receiving = Receiving(
                self._services, settings, strictness, body, stack, check_name=check_name
            )
            received = await receiving.receive(header(scope, b"content-type"))
            if _is_dry_run(scope):
                await self._check_only(by, project.id, received)
                return _answer(200, "200 OK - Nothing was stored", received.reported)
            await publish_received(self._services, by, project, received)
        return _answer(201, "201 Created", received.reported)

    async def _authorise(
        self, scope: Scope, raw_project_id: bytes
    ) -> tuple[Caller, Project, InstanceSettings, Sequence[ProtectionRule]]:
        """Decide before anything of the body is read; the order of refusals is GitLab's."""
        now = self._services.clock()
        async with self._services.db.read() as tx:
            settings = await tx.settings.load()
            if not settings.packages_enabled:
                raise not_found("404")
            credential = read_credential(scope["headers"])
            actor = await authenticate(self._services, tx, scope, credential, now=now)
            project = await find_project(tx, decode_segment(raw_project_id))
            require(actor, Action.CREATE_PACKAGE, project, now.date())
            if project is None:
                raise not_found("404 Project")
            rules = await tx.protection.list(project.id)
        return Caller(actor, now, client_address(scope)), project, settings, rules

    async def _check_only(self, by: Caller, project_id: int, received: Received) -> None:
        """Ask of a dry run what `publish` would ask. Raises Refused."""
        async with self._services.db.read() as tx:
            project = await tx.projects.get(project_id)
            require(by.actor, Action.CREATE_PACKAGE, project, by.at.date())
            if project is not None:
                await check_acceptable(tx, by, project, received.upload.file)


async def publish_received(
    services: Services, by: Caller, project: Project, received: Received
) -> Recorded:
    """Publish a file that was found good, and log it. Raises what `publish` raises."""
    recorded = await publish(services.db, services.blobs, by, project.id, received.upload)
    services.metrics.count(UPLOADS, "new" if recorded.is_new else "repeated")
    services.metrics.count(UPLOADED_BYTES, amount=recorded.file.size_bytes)
    _log.info(
        "file published",
        project_id=project.id,
        filename=recorded.file.filename,
        sha256=recorded.file.digests.sha256,
        size_bytes=recorded.file.size_bytes,
        is_new=recorded.is_new,
        findings=[finding.code for finding in received.reported],
        actor=by.actor.username,
    )
    return recorded


def count_refused(metrics: Metrics, refused: Refused) -> None:
    """Count a file that was not published, and every reason."""
    metrics.count(
        UPLOADS,
        "failed" if STATUS[refused.reason] >= HTTPStatus.INTERNAL_SERVER_ERROR else "refused",
    )
    codes = {problem.code for problem in refused.problems} or {refused.reason.value}
    for code in sorted(codes):
        metrics.count(UPLOAD_REJECTIONS, code.replace("_", "-"))


def _cut_short() -> Refused:
    message = "The upload ended before it was whole."
    return invalid(Problem("malformed-form", message))


def _is_dry_run(scope: Scope) -> bool:
    """Tell whether only a check is asked for: by `dry_run` in any way but a plain no.

    Whoever writes it at all, and be it without a value, would not have the file published.
    """
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return query.get("dry_run", ["false"])[-1].lower() not in {"false", "0", "no", "off"}


def _answer(status: int, message: str, reported: tuple[Finding, ...]) -> Answer:
    """Say that it worked, with GitLab's words, and what was found that does not forbid it."""
    document: dict[str, object] = {"message": message}
    if reported:
        document["warnings"] = [
            {"code": finding.code, "message": finding.message, "field": finding.field}
            for finding in reported
        ]
    return Answer(status, ((b"content-type", b"application/json"),), orjson.dumps(document))
