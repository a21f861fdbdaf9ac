"""The command `wheelyard`, also as `python -m wheelyard`."""

import gc
import sys
from typing import Any


def main() -> None:
    """Run the command that the arguments name."""
    # What is imported stays: looking for garbage meanwhile takes a sixth of the time.
    gc.disable()
    _load_structlog()
    from wheelyard.cli.main import main as run  # noqa: PLC0415  after the line above

    gc.enable()
    run()


def _load_structlog() -> None:
    """Load it without rich, 5 MB for the colours of tracebacks on a developer's terminal."""
    modules: dict[str, Any] = sys.modules
    if "rich" in modules:
        return
    modules["rich"] = None  # Python's way to say that it is not to be had
    import structlog  # noqa: F401, PLC0415  see above

    del modules["rich"]


if __name__ == "__main__":
    main()
