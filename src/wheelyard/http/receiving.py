"""Taking in one upload: fields to memory, the file to the spool, hashed on the way.

The file is checked in `checking`. Deciding who may upload, and what becomes of a good file, is
left to the caller.
"""

from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack

from wheelyard.domain.errors import Problem, invalid
from wheelyard.domain.findings import Finding, Strictness, judge
from wheelyard.domain.form import UploadForm, inspect_form
from wheelyard.domain.settings import InstanceSettings
from wheelyard.http.bodies import Body
from wheelyard.http.checking import Received, check_staged, too_large
from wheelyard.http.forms import FILE_FIELD, MAX_FORM_BYTES, FileWriter, UploadParser
from wheelyard.http.services import Services
from wheelyard.ports.spool import Staging

READ_ON_BYTES = 1024 * 1024
"""A form with mistakes is refused before its file is read; up to this size the file is read all
the same, so that its own mistakes can be told in the same answer."""


class Receiving:
    """One upload on its way in; what it keeps on disk is gone when `stack` unwinds.

    `check_name` is asked whether the caller may publish a package of this name, as soon as the
    form has said it: before any of the file is read, where the form comes first.
    """

    def __init__(
        self,
        services: Services,
        settings: InstanceSettings,
        strictness: Strictness,
        body: Body,
        stack: AsyncExitStack,
        *,
        check_name: Callable[[str], None],
    ) -> None:
        self._services = services
        self._max_bytes = settings.max_file_size_bytes
        self._strictness = strictness
        self._body = body
        self._stack = stack
        self._check_name = check_name
        self._parser = UploadParser(self._begin_file)
        self._staging: Staging | None = None

    async def receive(self, content_type: str | None) -> Received:
        """Receive and inspect.

        Raises Refused (invalid) with everything that is wrong, Refused (too large), Disconnected.
        """
        if (self._body.declared_bytes or 0) > self._max_bytes + MAX_FORM_BYTES:
            raise too_large(self._max_bytes)
        await self._parser.read(content_type, self._body.chunks())
        staging, form = self._staging, self._form()
        if staging is None:
            message = "The upload has no file: send it in the part 'content'."
            missing = Problem("missing-file", message, FILE_FIELD)
            raise invalid(*self._refusing(inspect_form(form)), missing)
        return await check_staged(
            staging,
            self._parser.filename or "",
            form=form,
            rules=self._services.rules,
            strictness=self._strictness,
        )

    async def _begin_file(self, _filename: str) -> FileWriter:
        """Check the form, which has come by now, before the file is read."""
        form = self._form()
        if name := form.one("name"):
            self._check_name(name)
        problems = self._refusing(inspect_form(form))
        if problems and (self._body.declared_bytes or READ_ON_BYTES + 1) > READ_ON_BYTES:
            raise invalid(*problems)
        self._staging = await self._stack.enter_async_context(self._services.spool.stage())
        return self._write

    def _form(self) -> UploadForm:
        return UploadForm(self._parser.fields, self._parser.sent_as_files)

    async def _write(self, chunk: bytes) -> None:
        if self._staging is None:
            raise LookupError("a file is written before it began")
        if self._staging.size_bytes + len(chunk) > self._max_bytes:
            raise too_large(self._max_bytes)
        await self._staging.write(chunk)

    def _refusing(self, findings: Iterable[Finding]) -> tuple[Problem, ...]:
        return tuple(finding.problem for finding in judge(findings, self._strictness).refusing)
