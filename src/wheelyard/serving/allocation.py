"""How the C library keeps memory for the workers.

glibc gives each thread an arena of its own, and what one of them has freed is lost to the others:
a server that made some large pages in its threads keeps several times what it ever needs at once.
"""

import ctypes

_M_TRIM_THRESHOLD, _M_ARENA_MAX = -1, -8
"""Names of parameters: mallopt(3)."""

_TRIM_BYTES = 128 * 1024
"""glibc's own default, which it raises by itself as long as nobody sets it."""


def share_freed_memory() -> None:
    """Let all threads of this process, and of those it forks, use what one of them has freed.

    To be called before there are threads. Does nothing where the C library has no such parameters.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_M_ARENA_MAX, 1)
        library.mallopt(_M_TRIM_THRESHOLD, _TRIM_BYTES)
    if hasattr(library, "malloc_trim"):  # what the first start's migrations have freed
        library.malloc_trim(0)
