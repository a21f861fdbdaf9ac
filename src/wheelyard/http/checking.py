"""Checking a file that has been received: inspected, judged and described, ready to be published.

What comes by the upload form of twine and its kin, and what a browser sends from a page, are
checked here alike. Everything that is wrong is told at once.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

from wheelyard.actions.publish import Upload
from wheelyard.domain.errors import Problem, Reason, Refused, invalid
from wheelyard.domain.findings import Finding, Strictness, judge
from wheelyard.domain.form import UploadForm
from wheelyard.domain.inspection import Facts, Inspection, inspect_distribution, inspect_file
from wheelyard.domain.metadata_rules import Rules
from wheelyard.domain.models.packages import NewFile
from wheelyard.http.forms import FILE_FIELD
from wheelyard.ports.spool import StagedFile, Staging

_SMALL_BYTES = 1024 * 1024
"""Up to here an inspection is nearly all Python, and the time of large files goes into hashing."""

# Threads that run Python take the interpreter from one another and from the event loop: with the
# six of the loop's own pool, a small upload takes a tenth more of the processor.
_small_files = ThreadPoolExecutor(2, "inspector")


@dataclass(frozen=True, slots=True)
class Received:
    """A good upload, and the findings that are reported with it."""

    upload: Upload
    reported: tuple[Finding, ...]


async def check_staged(
    staging: Staging,
    filename: str,
    *,
    form: UploadForm | None,
    rules: Rules,
    strictness: Strictness,
) -> Received:
    """Check a file that has been written; `form` is what its uploader said about it, if anything.

    Raises Refused (invalid) with everything that is wrong.
    """
    await staging.finish()
    inspection = await asyncio.get_running_loop().run_in_executor(
        _small_files if staging.size_bytes <= _SMALL_BYTES else None,
        partial(_inspect, staging, filename, form, rules),
    )
    verdict = judge(inspection.findings, strictness)
    if verdict.refusing or inspection.facts is None:
        raise invalid(*(finding.problem for finding in verdict.refusing))
    return Received(_describe(staging, filename, form, inspection.facts), verdict.reported)


def too_large(max_bytes: int) -> Refused:
    """Build the refusal of a file that is over the instance's limit."""
    message = f"The file is too large: this server takes files of up to {max_bytes} bytes."
    return Refused(
        Reason.TOO_LARGE, message, problems=(Problem("file-too-large", message, FILE_FIELD),)
    )


def _inspect(
    staging: StagedFile, filename: str, form: UploadForm | None, rules: Rules
) -> Inspection:
    with staging.open() as source:
        if form is None:
            return inspect_file(source, filename, staging.size_bytes, rules)
        return inspect_distribution(
            source,
            filename=filename,
            size_bytes=staging.size_bytes,
            digests=staging.digests,
            form=form,
            rules=rules,
        )


def _describe(staging: StagedFile, filename: str, form: UploadForm | None, facts: Facts) -> Upload:
    file = NewFile(
        filename=filename,
        kind=facts.kind,
        name=facts.name,
        normalised_name=facts.normalised_name,
        version=facts.version,
        digests=staging.digests,
        size_bytes=staging.size_bytes,
        requires_python=facts.requires_python,
        metadata_sha256=sha256(facts.metadata).hexdigest(),
        form={} if form is None else form.fields,
    )
    return Upload(file, staging, facts.metadata)
