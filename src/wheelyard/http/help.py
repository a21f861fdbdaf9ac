"""Help in the server itself: what each finding of an upload check means.

Error answers point here, so it needs no sign-in and no other host.
"""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from wheelyard.domain.finding_codes import CODES, SEVERITIES

UPLOAD_CHECKS = "/-/help/upload-checks"


def help_address(code: str) -> str | None:
    """Return the address of the explanation of a finding's code, or None for other codes."""
    return f"{UPLOAD_CHECKS}#{code}" if code in CODES else None


async def upload_checks(_request: Request) -> Response:
    """Show the table of all findings."""
    return HTMLResponse(_PAGE, headers={"Cache-Control": "public, max-age=3600"})


def _row(code: str) -> str:
    return (
        f'<tr id="{code}"><td><code>{code}</code></td><td>{SEVERITIES[code].value}</td>'
        f"<td>{escape(CODES[code])}</td></tr>"
    )


_PAGE = f"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Upload checks - Wheelyard</title></head>
<body>
<h1>Upload checks</h1>
<p>Fatal findings always refuse an upload. Errors refuse it in a strict project; warnings are
reported. <code>wheelyard check FILE</code> tells the same before the upload.</p>
<table>
<thead><tr><th>Code</th><th>Severity</th><th>Meaning</th></tr></thead>
<tbody>
{"".join(_row(code) for code in CODES)}
</tbody>
</table>
</body>
</html>
"""
