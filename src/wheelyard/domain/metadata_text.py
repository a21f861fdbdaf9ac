"""The text of a metadata document: decoded, split into fields and description, and bounded.

Parsing hostile e-mail headers can take forever, so what `metadata` hands to the e-mail parser
has passed these checks.
"""

import re

from wheelyard.domain.findings import Findings, shown

MAX_HEADER_CHARS = 2 * 1024 * 1024
MAX_HEADER_LINES = 20_000
MAX_FIELD_NAMES = 100

_LINE_END = re.compile(r"\r\n|\r|\n")
_BLANK_LINE = re.compile(r"(?:\r\n|\r(?!\n)|\n){2}")
_FIELD_NAME = re.compile(r"([A-Za-z0-9_-]+):")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Headers by which a mail parser would decode the body differently.
_MAIL_FIELDS = frozenset({"content-type", "content-transfer-encoding", "mime-version"})


def decode_document(document: bytes, findings: Findings) -> str:
    """Return the text; bytes that are not UTF-8 are noted and replaced."""
    try:
        return document.decode()
    except UnicodeDecodeError as error:
        findings.add(
            "metadata-encoding",
            f"The metadata document is not UTF-8 (byte {error.start}): build it in UTF-8.",
        )
        return document.decode("utf-8", "replace")


def split_document(text: str) -> tuple[str, str]:
    """Return the fields and the body, split at the first blank line as mail parsers do."""
    blank = _BLANK_LINE.search(text)
    if blank is None:
        return text.rstrip("\r\n"), ""
    return text[: blank.start()], text[blank.end() :]


def check_header(header: str, findings: Findings) -> bool:
    """Note lines that are no fields; tell whether the header is safe to be parsed."""
    if len(header) > MAX_HEADER_CHARS:
        findings.add("metadata-too-large", "The metadata's fields are too long.")
        return False
    lines = _LINE_END.split(header)
    names = set()
    for line in lines:
        field = _FIELD_NAME.match(line)
        if field:
            names.add(field[1].lower())
        elif not line.startswith((" ", "\t")):
            findings.add("metadata-malformed-line", f"The metadata line {shown(line)} is no field.")
    if _CONTROLS.search(header):
        findings.add("metadata-control-character", "A metadata field has a control character.")
    if len(lines) > MAX_HEADER_LINES or len(names) > MAX_FIELD_NAMES:
        findings.add("metadata-too-large", "The metadata has too many fields.")
        return False
    if names & _MAIL_FIELDS:
        findings.add("metadata-unreadable", "The metadata has mail fields such as Content-Type.")
        return False
    return True
