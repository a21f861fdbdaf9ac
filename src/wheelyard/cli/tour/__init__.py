"""`wheelyard tour`: the walk of GitLab's PyPI guide, on a server that is thrown away afterwards.

`walk` holds the steps' order, `guide` and `further` what they do, `shell` how commands are run
and shown, `example` the package that is published.
"""

import os
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType

from wheelyard.cli.common import fail


def tour() -> None:
    """Start a throw-away server and walk through GitLab's PyPI guide with the real twine and pip.

    Nothing of yours is touched; twine and its companions are fetched from PyPI for the walk.
    """
    from wheelyard.cli.tour.programs import StepFailedError  # noqa: PLC0415  see wheelyard.cli.main
    from wheelyard.cli.tour.walk import walk  # noqa: PLC0415  likewise

    signal.signal(signal.SIGTERM, _end)  # so that the server and the folder go in any case
    signal.signal(signal.SIGHUP, _end)
    try:
        with tempfile.TemporaryDirectory(prefix="wheelyard-tour-") as folder:
            os.environ["TMPDIR"] = (
                folder  # what programs leave there when they are killed, goes too
            )
            walk(Path(folder))
    except StepFailedError as error:
        fail(f"the tour ended early: {error}")
    except KeyboardInterrupt:
        fail("the tour was interrupted.", 128 + signal.SIGINT)


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)
