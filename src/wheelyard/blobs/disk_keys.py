"""Which paths below a local store's root are objects: what it writes, and what a listing shows.

Which keys there are is `wheelyard.domain.keys`; this is the guard behind it.
"""

import re

PARTIAL_FOLDER = "tmp"
"""The folder in the root where files wait to be renamed into place: no object is in it."""

# Stricter than any key we make: relative, two parts or more, none of which begins with a dot.
# It leaves out what a file system puts in its root, such as `lost+found` and `.snapshot`.
_KEY = re.compile(rf"(?!{PARTIAL_FOLDER}/)[\w-][\w.-]*(?:/[\w-][\w.-]*)+", re.ASCII)


def is_object(path: str) -> bool:
    """Tell whether a `/`-separated path, relative to the root, can be an object's key."""
    return _KEY.fullmatch(path) is not None


def may_hold_objects(folder: str) -> bool:
    """Tell whether the paths in `folder` can be keys."""
    return is_object(f"{folder}/x")
