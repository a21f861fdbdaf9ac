"""Uploading in a test as twine does: one form, the fields before the file."""

from hashlib import sha256

import requests
from packaging.utils import parse_sdist_filename, parse_wheel_filename


def upload(
    address: str, auth: tuple[str, str] | None, filename: str, content: bytes, **fields: str
) -> requests.Response:
    """POST a distribution; name and version are read from the file name unless given."""
    parse = parse_wheel_filename if filename.endswith(".whl") else parse_sdist_filename
    name, version = parse(filename)[:2]
    form = {
        ":action": "file_upload",
        "protocol_version": "1",
        "name": name,
        "version": str(version),
        "sha256_digest": sha256(content).hexdigest(),
        **fields,
    }
    files = {"content": (filename, content, "application/octet-stream")}
    return requests.post(address, auth=auth, data=form, files=files, timeout=60)
