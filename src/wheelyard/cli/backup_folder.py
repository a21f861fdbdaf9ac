"""A backup on the disk: a data folder like any other, and a note of what is in it.

`wheelyard.db` and `blobs/` stand as in a data folder, so a server can be tried on a copy of one.
`backup.json` comes last: without it, or with another database than it tells of, there is no backup.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wheelyard.domain.errors import Reason, Refused

_NOTE = "backup.json"


class BackupFolder:
    """The backup in the folder `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.rows = self.root / "wheelyard.db"
        self.new_rows = self.root / "wheelyard.db.new"
        self.blobs = (self.root / "blobs").as_uri()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Make the folder, and keep other backups out of it. Raises Refused (conflict), OSError."""
        if self.root.exists() and any(self.root.iterdir()) and not self._is_backup():
            raise Refused(Reason.CONFLICT, f"{self.root} holds something else than a backup.")
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                message = f"Another backup to {self.root} is being made."
                raise Refused(Reason.CONFLICT, message) from error
            yield

    def finish(self, note: dict[str, object]) -> None:
        """Put the new rows into place, and say what is there now."""
        (self.root / _NOTE).unlink(missing_ok=True)
        self.new_rows.replace(self.rows)
        whole = {**note, "database_sha256": _digest(self.rows)}
        new_note = self.root / f"{_NOTE}.new"
        new_note.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
        for path in (self.rows, new_note):
            _sync(path)
        new_note.replace(self.root / _NOTE)
        _sync(self.root)

    def check(self) -> None:
        """Raise Refused (conflict) unless a backup was finished here, and is as it was then."""
        try:
            note = json.loads((self.root / _NOTE).read_text(encoding="utf-8"))
            digest = note["database_sha256"]
        except (OSError, ValueError, LookupError, TypeError) as error:
            message = f"{self.root} holds no finished backup (no {_NOTE} that can be read)."
            raise Refused(Reason.CONFLICT, message) from error
        if not self.rows.is_file() or _digest(self.rows) != digest:
            raise Refused(Reason.CONFLICT, f"{self.rows} is not what {_NOTE} says: it was changed.")

    def _is_backup(self) -> bool:
        """Tell whether what is here is a backup, or one that was broken off."""
        ours = {_NOTE, f"{_NOTE}.new", ".lock", "blobs"}
        names = {path.name for path in self.root.iterdir()}
        return _NOTE in names or names <= ours | {
            f"{self.new_rows.name}{suffix}" for suffix in ("", "-wal", "-shm", "-journal")
        }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
