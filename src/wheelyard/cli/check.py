"""`wheelyard check FILE…`: the rules of an upload, offline."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from wheelyard.cli.common import show
from wheelyard.domain.findings import Finding, Severity
from wheelyard.domain.inspection import inspect_file
from wheelyard.inspection_rules import inspection_rules


def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Wheels and sdists.")],
) -> None:
    """Say what an upload of each FILE would be told; exit 1 when a strict project refuses one."""
    findings = {str(path): _inspect(path) for path in files}
    lines = [line for path, found in findings.items() for line in _lines(path, found)]
    listed = {path: [asdict(finding) for finding in found] for path, found in findings.items()}
    show({"files": listed}, "\n".join(lines))
    refused = {Severity.FATAL, Severity.ERROR}
    if any(finding.severity in refused for found in findings.values() for finding in found):
        sys.exit(1)


def _inspect(path: Path) -> tuple[Finding, ...]:
    try:
        with path.open("rb") as source:
            size_bytes = path.stat().st_size
            return inspect_file(source, path.name, size_bytes, inspection_rules()).findings
    except OSError as error:
        message = f"The file cannot be read: {error.strerror}."
        return (Finding("file-unreadable", message, Severity.FATAL),)


def _lines(path: str, findings: tuple[Finding, ...]) -> list[str]:
    if not findings:
        return [f"{path}: good"]
    return [
        f"{path}: {finding.severity.value} {finding.code}: {finding.message}"
        for finding in findings
    ]
