"""The clients that take part in the tests for all of their kind, by their locks' names.

`ROWS` and `COLUMNS` are those of the table in `docs/clients.md`. A column names the clients that
can do what it asks for; each of them must, or its test fails.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from clients.flit_client import Flit
from clients.hatch_client import Hatch
from clients.pdm_client import Pdm
from clients.pip_client import NewestPip, Pip
from clients.poetry_client import Poetry
from clients.roles import Historian, Installer, Locker, Publisher
from clients.twine_client import Twine
from clients.uv_client import Uv

PUBLISHERS: Final[Mapping[str, Publisher]] = MappingProxyType(
    {"twine": Twine(), "twine-5.1": Twine("twine-5.1"), "uv": Uv()}
)
"""Clients that take any files and tell the server's whole answer."""
ALL_PUBLISHERS: Final[Mapping[str, Publisher]] = MappingProxyType(
    {**PUBLISHERS, "poetry": Poetry(), "pdm": Pdm(), "hatch": Hatch(), "flit": Flit()}
)
INSTALLERS: Final[Mapping[str, Installer]] = MappingProxyType(
    {"pip": NewestPip(), "pip-23.2": Pip("pip-23.2"), "uv": Uv()}
)
"""Clients that install with pip's options."""
ALL_INSTALLERS: Final[Mapping[str, Installer]] = MappingProxyType(
    {**INSTALLERS, "poetry": Poetry(), "pdm": Pdm()}
)
"""With those that take requirements only."""
LOCKERS: Final[Mapping[str, Locker]] = MappingProxyType(
    {"pip": NewestPip(), "uv": Uv(), "poetry": Poetry(), "pdm": Pdm()}
)
HISTORIANS: Final[Mapping[str, Historian]] = MappingProxyType(
    {"pip": NewestPip(), "uv": Uv(), "poetry": Poetry(), "pdm": Pdm()}
)

ROWS: Final = ("pip-23.2", "pip", "uv", "twine-5.1", "twine", "poetry", "pdm", "hatch", "flit")
COLUMNS: Final[Mapping[str, Collection[str]]] = MappingProxyType(
    {
        "upload a wheel": ALL_PUBLISHERS,
        "upload an sdist": ALL_PUBLISHERS,
        "upload twice": ALL_PUBLISHERS,
        "conflicting upload": ALL_PUBLISHERS,
        "wrong token": ALL_PUBLISHERS,
        "install": ALL_INSTALLERS,
        "install by hash": ALL_INSTALLERS,
        "yanked": ALL_INSTALLERS,
        "only older files": HISTORIANS,
        "lock, install from it": LOCKERS,
        "`.netrc` alone": ALL_INSTALLERS,
        "no credentials": ALL_INSTALLERS,
    }
)
