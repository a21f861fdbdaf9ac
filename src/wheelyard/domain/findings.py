"""What is wrong with an upload, as values, and which of it refuses the upload.

Checks add to a `Findings` and go on, so that an uploader sees every mistake in one answer. What
the codes mean stands in `finding_codes`; which status an answer has is not known here.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from wheelyard.domain.errors import Problem
from wheelyard.domain.finding_codes import CODES, SEVERITIES, Severity

__all__ = [
    "CODES",
    "SEVERITIES",
    "Finding",
    "Findings",
    "Severity",
    "Strictness",
    "Verdict",
    "found",
    "judge",
    "shown",
]

MAX_FINDINGS_PER_CODE = 10
_MAX_SHOWN_CHARS = 80
_ORDER = (Severity.FATAL, Severity.ERROR, Severity.WARNING)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: a stable code, a sentence, and where it was found.

    `field` is a form field, a metadata field in the form's spelling, or an archive member.
    """

    code: str
    message: str
    severity: Severity
    field: str | None = None

    @property
    def problem(self) -> Problem:
        """The finding as the problem of a refusal."""
        return Problem(self.code, self.message, self.field)


def found(code: str, message: str, field: str | None = None) -> Finding:
    """Build a finding with the severity of its code. Raises KeyError for an unknown code."""
    return Finding(code, message, SEVERITIES[code], field)


def shown(text: str) -> str:
    """Return `text` in quotes, cut and with odd characters escaped: safe in any sentence."""
    plain = text[: _MAX_SHOWN_CHARS + 1]
    if not plain.isprintable():
        plain = plain.encode("unicode_escape").decode("ascii")
    if len(plain) > _MAX_SHOWN_CHARS:
        plain = plain[:_MAX_SHOWN_CHARS] + "…"
    return f"'{plain}'"


class Findings:
    """A growing list of findings: at most ten of a kind, so hostile input cannot make it long."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._counts: Counter[str] = Counter()

    def add(self, code: str, message: str, field: str | None = None) -> None:
        """Note a finding. Raises KeyError for an unknown code."""
        self.note(found(code, message, field))

    def note(self, finding: Finding) -> None:
        """Note a finding that is made already."""
        self._counts[finding.code] += 1
        if self._counts[finding.code] <= MAX_FINDINGS_PER_CODE:
            self._findings.append(finding)

    def extend(self, findings: Iterable[Finding]) -> None:
        """Note several."""
        for finding in findings:
            self.note(finding)

    def listed(self) -> tuple[Finding, ...]:
        """Return the findings, the gravest first, else as they were found; none is told twice."""
        more = [
            found(code, f"And {count - MAX_FINDINGS_PER_CODE} more of the same kind.")
            for code, count in self._counts.items()
            if count > MAX_FINDINGS_PER_CODE
        ]
        unique = dict.fromkeys(self._findings + more)
        return tuple(sorted(unique, key=lambda finding: _ORDER.index(finding.severity)))


class Strictness(StrEnum):
    """What a project wants done about findings that are not fatal."""

    STRICT = "strict"  # refuse errors, report warnings
    WARN = "warn"  # report both
    OFF = "off"  # ignore both


class Verdict(NamedTuple):
    """Findings that refuse an upload, and those that are only reported."""

    refusing: tuple[Finding, ...]
    reported: tuple[Finding, ...]


def judge(findings: Iterable[Finding], strictness: Strictness) -> Verdict:
    """Split findings into those that refuse the upload and those that are reported with it."""
    refused = {Severity.FATAL}
    if strictness is Strictness.STRICT:
        refused.add(Severity.ERROR)
    listed = tuple(findings)
    refusing = tuple(finding for finding in listed if finding.severity in refused)
    if strictness is Strictness.OFF:
        return Verdict(refusing, ())
    return Verdict(
        refusing, tuple(finding for finding in listed if finding.severity not in refused)
    )
