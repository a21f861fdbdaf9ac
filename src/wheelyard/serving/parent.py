"""Worker processes end with the process that started them, however that one ends."""

import ctypes
import os
import signal
import sys

PARENT_PID = "WHEELYARD_PARENT_PID"
"""Names the process that the workers belong to; set by `wheelyard serve`."""

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Ask Linux to end this process when its parent dies; elsewhere do nothing.

    Without it, workers of a killed server would go on answering on its port.
    """
    parent = os.environ.get(PARENT_PID)
    if parent is None or sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit("The server's main process is gone.")
