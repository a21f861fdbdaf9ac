"""The environment variables that the tour's programs run with: whose settings count for which."""

import os
from pathlib import Path

_OF_CLIENTS = ("PIP_", "TWINE_", "PYTHON", "WHEELYARD_", "VIRTUAL_ENV", "XDG_", "NETRC")
_SENDING_ELSEWHERE = frozenset({"PIP_TARGET", "PIP_PREFIX", "PYTHONPATH", "PYTHONHOME"})


def of_operator(data: Path) -> dict[str, str]:
    """Return those of `wheelyard` commands: the user's, but for where the data is."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("WHEELYARD_")}
    return {**kept, "WHEELYARD_DATA": str(data)}


def of_installer() -> dict[str, str]:
    """Return those of installing from PyPI: with the user's mirror and proxy."""
    kept = {key: value for key, value in os.environ.items() if key not in _SENDING_ELSEWHERE}
    return {**kept, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def of_client(environment: Path, home: Path) -> dict[str, str]:
    """Return those of a client in a virtual environment, with an empty home of its own.

    None of the user's settings of pip or twine count, nor a proxy: the walk is to show this
    server and nothing else.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_OF_CLIENTS)}
    return {
        **kept,
        "HOME": str(home),
        "PATH": f"{environment / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        # Plain lines, not wrapped: twine colours and wraps whatever it is connected to.
        "TERM": "dumb",
        "NO_COLOR": "1",
        "COLUMNS": "1000",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
