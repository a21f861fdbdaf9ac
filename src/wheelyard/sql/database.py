"""Transactions: the unit of work that `wheelyard.ports.Database` promises, and its failures."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from pathlib import Path

from wheelyard.ports.snapshots import TableTotals
from wheelyard.sql import snapshots
from wheelyard.sql.audit import SqlAudit
from wheelyard.sql.chores import SqlChores
from wheelyard.sql.connection import Connection
from wheelyard.sql.downloads import SqlDownloads
from wheelyard.sql.engine import Engine
from wheelyard.sql.inventory import SqlInventory
from wheelyard.sql.members import SqlMembers
from wheelyard.sql.namespaces import SqlNamespaces
from wheelyard.sql.ownership import SqlOwnership
from wheelyard.sql.packages import SqlPackages
from wheelyard.sql.projects import SqlProjects
from wheelyard.sql.protection import SqlProtection
from wheelyard.sql.releases import SqlReleases
from wheelyard.sql.sessions import SqlSessions
from wheelyard.sql.settings import SqlSettings
from wheelyard.sql.tokens import SqlTokens
from wheelyard.sql.usage import SqlUsage
from wheelyard.sql.users import SqlUsers


class SqlTransaction:
    """The resources, each made when it is first used, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def users(self) -> SqlUsers:
        """Accounts."""
        return SqlUsers(self._connection)

    @cached_property
    def namespaces(self) -> SqlNamespaces:
        """Groups and users' namespaces."""
        return SqlNamespaces(self._connection)

    @cached_property
    def projects(self) -> SqlProjects:
        """Projects."""
        return SqlProjects(self._connection)

    @cached_property
    def members(self) -> SqlMembers:
        """Roles."""
        return SqlMembers(self._connection)

    @cached_property
    def tokens(self) -> SqlTokens:
        """Credentials."""
        return SqlTokens(self._connection)

    @cached_property
    def sessions(self) -> SqlSessions:
        """Browsers that are signed in."""
        return SqlSessions(self._connection)

    @cached_property
    def packages(self) -> SqlPackages:
        """Names, packages and files."""
        return SqlPackages(self._connection)

    @cached_property
    def releases(self) -> SqlReleases:
        """Packages as a maintainer sees them."""
        return SqlReleases(self._connection)

    @cached_property
    def settings(self) -> SqlSettings:
        """The instance's settings."""
        return SqlSettings(self._connection)

    @cached_property
    def protection(self) -> SqlProtection:
        """Package protection rules."""
        return SqlProtection(self._connection)

    @cached_property
    def usage(self) -> SqlUsage:
        """Last uses and download counts."""
        return SqlUsage(self._connection)

    @cached_property
    def ownership(self) -> SqlOwnership:
        """Whose a package name is."""
        return SqlOwnership(self._connection)

    @cached_property
    def downloads(self) -> SqlDownloads:
        """Storage and download figures."""
        return SqlDownloads(self._connection)

    @cached_property
    def inventory(self) -> SqlInventory:
        """The objects that files need."""
        return SqlInventory(self._connection)

    @cached_property
    def chores(self) -> SqlChores:
        """What is done now and then."""
        return SqlChores(self._connection)

    @cached_property
    def audit(self) -> SqlAudit:
        """The record of changes."""
        return SqlAudit(self._connection)


class SqlDatabase:
    """A `wheelyard.ports.Database` on an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqlTransaction]:
        """Begin a reading transaction: one consistent view."""
        async with self._engine.reading() as connection:
            yield SqlTransaction(connection)

    @asynccontextmanager
    async def write(self, *, is_shared: bool = False) -> AsyncIterator[SqlTransaction]:
        """Begin a writing transaction; it commits when the block ends without an error."""
        async with self._engine.writing(is_shared=is_shared) as connection:
            yield SqlTransaction(connection)

    @asynccontextmanager
    async def alone(self, job: str) -> AsyncIterator[bool]:
        """Try to be the only process to do a job; say whether it is."""
        async with self._engine.alone(job) as is_alone:
            yield is_alone

    async def save(self, file: str) -> None:
        """Write all rows, as of one moment, to a new file, while others go on writing."""
        await snapshots.save(self._engine, Path(file))

    async def load(self, file: str) -> None:
        """Replace all rows by those of such a file, in one transaction."""
        await snapshots.load(self._engine, Path(file))

    async def totals(self) -> Mapping[str, TableTotals]:
        """Return the totals of every table, by its name."""
        return await snapshots.totals(self._engine)

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.close()
