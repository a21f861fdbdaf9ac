"""Where the documents' links lead, relative to the document that holds them.

Relative links keep rendered pages independent of host name and of the scope (a project's index
or a group's), so their bytes can be cached. The addresses are GitLab's: a page is at
`…/simple/<name>/` and a file at `…/files/<sha256>/<filename>`.
"""

import re
from urllib.parse import quote

is_plain = re.compile(r"[A-Za-z0-9._~-]+").fullmatch
"""Tells whether all characters of a text stand for themselves in addresses, JSON and HTML.

Nearly all file names are, and finding that out by one expression takes half of the time of quote().
"""


def file_location(sha256: str, filename: str) -> str:
    """Return the address of a file from its project's page.

    It ends in the file name, percent-encoded (a local version's `+` is `%2B`) and has no query:
    installers append `.metadata` to it (PEP 658) and take the name from its last segment.
    """
    segment = filename if is_plain(filename) else quote(filename, safe="")
    return f"../../files/{sha256}/{segment}"
