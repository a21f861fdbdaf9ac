"""An index as static files, for a server that makes none: pages of the size the others' have."""

import gzip
import hashlib
import json
import shutil
from pathlib import Path

from packaging.version import Version

from side_by_side.wheels import Distribution

_META = {"api-version": "1.4"}


def lay_out(folder: Path, wheels: list[Distribution]) -> None:
    """Write the wheels, their metadata, their packages' pages and the list of all packages.

    A package's wheels come all at once. Every page stands there compressed, too.
    """
    for wheel in wheels:
        files = folder / "files" / wheel.name
        files.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(wheel.path, files / wheel.path.name)
        (files / f"{wheel.path.name}.metadata").write_bytes(wheel.metadata)
    index = folder / "simple"
    for name in {wheel.name for wheel in wheels}:
        mine = sorted((w for w in wheels if w.name == name), key=lambda w: Version(w.version))
        digests = [hashlib.sha256(wheel.path.read_bytes()).hexdigest() for wheel in mine]
        forms = {"json": _json_page(name, mine, digests), "html": _html_page(name, mine, digests)}
        _write(index / name, forms)
    names = sorted(path.name for path in index.iterdir() if path.is_dir())
    _write(index, {"json": _json_list(names), "html": _html_list(names)})


def _write(folder: Path, forms: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for ending, content in forms.items():
        (folder / f"index.{ending}").write_bytes(content)
        (folder / f"index.{ending}.gz").write_bytes(gzip.compress(content, 6, mtime=0))


def _json_page(name: str, files: list[Distribution], digests: list[str]) -> bytes:
    """Return the JSON page of one package."""
    entries = [
        {
            "filename": file.path.name,
            "url": f"/files/{name}/{file.path.name}",
            "hashes": {"sha256": digest},
            "requires-python": ">=3.9",
            "core-metadata": {"sha256": hashlib.sha256(file.metadata).hexdigest()},
            "yanked": False,
            "size": file.path.stat().st_size,
            "upload-time": "2026-01-01T00:00:00Z",
        }
        for file, digest in zip(files, digests, strict=True)
    ]
    page = {"meta": _META, "name": name, "versions": [f.version for f in files], "files": entries}
    return json.dumps(page, separators=(",", ":")).encode()


def _html_page(name: str, files: list[Distribution], digests: list[str]) -> bytes:
    """Return the HTML page of one package."""
    rows = []
    for file, digest in zip(files, digests, strict=True):
        metadata = f"sha256={hashlib.sha256(file.metadata).hexdigest()}"
        rows.append(
            f'<a href="/files/{name}/{file.path.name}#sha256={digest}"'
            f' data-requires-python="&gt;=3.9" data-dist-info-metadata="{metadata}"'
            f' data-core-metadata="{metadata}">{file.path.name}</a><br>\n'
        )
    return _document(f"Links for {name}", rows)


def _json_list(names: list[str]) -> bytes:
    """Return the list of all packages as JSON."""
    projects = [{"name": name} for name in names]
    return json.dumps({"meta": _META, "projects": projects}, separators=(",", ":")).encode()


def _html_list(names: list[str]) -> bytes:
    """Return the list of all packages as HTML."""
    return _document("Simple index", [f'<a href="/simple/{n}/">{n}</a><br>\n' for n in names])


def _document(title: str, rows: list[str]) -> bytes:
    head = '<!DOCTYPE html>\n<html><head><meta name="pypi:repository-version" content="1.4">'
    return f"{head}<title>{title}</title></head>\n<body>\n{''.join(rows)}</body></html>\n".encode()
