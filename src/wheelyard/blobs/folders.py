"""Folders that stay after a crash: a name is durable once the folder that holds it was fsynced.

Files, their bytes and their names are left to `wheelyard.blobs.disk`.
"""

import os
from contextlib import suppress
from pathlib import Path

_REMEMBERED_FOLDERS = 10_000
_MOST_SIBLINGS = 256


class DurableFolders:
    """The folders of a store at `root`. Blocking; safe to use from several threads."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._above_root = [str(folder) for folder in root.parents]
        self._durable: set[str] = set()

    def make(self, folder: str) -> None:
        """Make `folder` and those above it where they are missing; `sync` makes them durable."""
        try:
            os.mkdir(folder)
        except FileExistsError:
            return
        except FileNotFoundError:
            self.make(os.path.dirname(folder))
            self.make(folder)
        self._durable.discard(folder)

    def sync(self, folder: str) -> None:
        """Make the names in `folder` durable, and the folder itself. Raises OSError.

        The folders above are fsynced once per process, whoever made what is in them: that another
        one has made a folder does not tell that it has fsynced it.
        """
        _fsync_folder(folder)
        while folder != self._root and folder not in self._durable:
            above = os.path.dirname(folder)
            there = [f"{above}/{name}" for name in os.listdir(above)]
            _fsync_folder(above)
            self._remember(folder, *(there if len(there) <= _MOST_SIBLINGS else ()))
            folder = above
        if self._root not in self._durable:
            self._sync_above()

    def _sync_above(self) -> None:
        for folder in self._above_root:
            with suppress(OSError):  # what may not be opened was made by somebody else, long ago
                _fsync_folder(folder)
        self._remember(self._root)

    def _remember(self, *folders: str) -> None:
        if len(self._durable) >= _REMEMBERED_FOLDERS:
            self._durable.clear()
        self._durable.update(folders)


def _fsync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
