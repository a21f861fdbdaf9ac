"""Makes `docs/upload-checks.md` from the table of finding codes.

As a script it prints the document; `python tests/docs/upload_checks.py --write` updates the file.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from wheelyard.domain.finding_codes import CODES, SEVERITIES

FILE: Final = Path(__file__).resolve().parents[2] / "docs" / "upload-checks.md"

OTHER_CODES: Final[Mapping[str, tuple[int, str]]] = MappingProxyType(
    {
        "not-a-form": (400, "The request is not a `multipart/form-data` form with a boundary."),
        "malformed-form": (400, "The form cannot be read, or its end is missing."),
        "one-file": (400, "The part `content` has no file name, or there are two of it."),
        "missing-file": (400, "The form has no part `content`."),
        "body-timeout": (400, "The client sent nothing for a minute in the middle of the form."),
        "package-protected": (403, "A protection rule reserves the package name to a higher role."),
        "project-archived": (403, "The package name is archived: it takes no uploads."),
        "project-quarantined": (403, "The package name is quarantined: it takes no uploads."),
        "file-exists": (
            409,
            "The project denies duplicates, and has other bytes under this file name.",
        ),
        "file-too-large": (413, "The file is larger than `max_file_size_bytes`."),
        "form-too-large": (413, "The form's fields are over 8 MiB together."),
    }
)
"""What refuses an upload and is no finding about the file: code to status and meaning."""

_TOP: Final = """\
<!-- Made by tests/docs/upload_checks.py from src/wheelyard/domain/finding_codes.py. -->

# Upload checks

Every upload is checked before it is stored, and all findings are told in one answer.
`wheelyard check FILE…` tells them before the upload. Codes do not change their meaning.

What a finding does depends on its severity, and on the setting `validation` of the project (or
else of the instance):

| Severity | `strict` (the default) | `warn` | `off` |
|---|---|---|---|
| fatal | refused | refused | refused |
| error | refused | reported | ignored |
| warning | reported | reported | ignored |

Refused is an answer 400 whose `errors` list holds the findings. Reported is an answer 201 with a
`warnings` list.

## Findings

| Code | Severity | Meaning |
|---|---|---|
"""

_MIDDLE: Final = """
## Other refusals of an upload

These are not findings about the file; no setting of `validation` changes them.

| Code | Status | Meaning |
|---|---|---|
"""

_END: Final = """
`wheelyard check` has one code of its own: `file-unreadable`, for a file that cannot be opened.
"""


def render() -> str:
    """Return the whole document."""
    findings = [_row(code, SEVERITIES[code].value, meaning) for code, meaning in CODES.items()]
    others = [_row(code, str(status), text) for code, (status, text) in OTHER_CODES.items()]
    return "".join([_TOP, *findings, _MIDDLE, *others, _END])


def _row(code: str, middle: str, meaning: str) -> str:
    return f'| <a id="{code}"></a>`{code}` | {middle} | {meaning.replace("|", chr(92) + "|")} |\n'


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        FILE.write_text(render(), encoding="utf-8")
    else:
        sys.stdout.write(render())
