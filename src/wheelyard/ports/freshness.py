"""How a cache learns whether what it holds is still so, without asking for it again."""

from typing import NamedTuple, Protocol

from wheelyard.domain.names import NormalisedName


class Stamps(NamedTuple):
    """Numbers that only grow; while one is the same, what it stands for has not changed.

    serial: any change at all.
    access: any change but to packages: users, tokens, roles, settings, groups, projects.
    listing: which package names have files, anywhere.
    """

    serial: int
    access: int
    listing: int


class Freshness(Protocol):
    """The stamps of what every process has committed."""

    def present(self) -> Stamps | None:
        """Return the stamps if they can be told at once, else None: then ask `stamps`.

        Whatever any process had committed before the call is counted.
        """

    async def stamps(self) -> Stamps:
        """Return the stamps. Raises Refused (unavailable) when the database does not answer."""

    async def page_serial(self, project_id: int, name: NormalisedName) -> int | None:
        """Return the serial of a package name's latest change, None for an unknown one."""
