"""The unit of work: transactions, and the resources within one."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from wheelyard.ports.audit import Audit
from wheelyard.ports.chores import Chores
from wheelyard.ports.inventory import Inventory
from wheelyard.ports.members import Members
from wheelyard.ports.namespaces import Namespaces
from wheelyard.ports.ownership import Ownership
from wheelyard.ports.packages import Packages
from wheelyard.ports.projects import Projects
from wheelyard.ports.protection import Protection
from wheelyard.ports.releases import Releases
from wheelyard.ports.sessions import Sessions
from wheelyard.ports.settings import Settings
from wheelyard.ports.snapshots import TableTotals
from wheelyard.ports.tokens import Tokens
from wheelyard.ports.usage import Downloads, UsageRecords
from wheelyard.ports.users import Users


class Transaction(Protocol):
    """One unit of work: everything in it happens, or nothing."""

    @property
    def users(self) -> Users:
        """Accounts."""

    @property
    def namespaces(self) -> Namespaces:
        """Groups and users' namespaces."""

    @property
    def projects(self) -> Projects:
        """Projects."""

    @property
    def members(self) -> Members:
        """Roles."""

    @property
    def tokens(self) -> Tokens:
        """Credentials."""

    @property
    def sessions(self) -> Sessions:
        """Browsers that are signed in."""

    @property
    def packages(self) -> Packages:
        """Names, packages and files."""

    @property
    def releases(self) -> Releases:
        """Packages as a maintainer sees them."""

    @property
    def settings(self) -> Settings:
        """The instance's settings."""

    @property
    def protection(self) -> Protection:
        """Package protection rules."""

    @property
    def usage(self) -> UsageRecords:
        """Last uses and download counts."""

    @property
    def ownership(self) -> Ownership:
        """Whose a package name is."""

    @property
    def downloads(self) -> Downloads:
        """Storage and download figures."""

    @property
    def inventory(self) -> Inventory:
        """The objects that files need."""

    @property
    def chores(self) -> Chores:
        """What is done now and then."""

    @property
    def audit(self) -> Audit:
        """The record of changes."""


class Database(Protocol):
    """A transactional store of rows. Every dialect passes `tests/contracts/test_database.py`."""

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin a reading transaction: one consistent view.

        Raises Refused (unavailable) when the database cannot be reached.
        """

    def write(self, *, is_shared: bool = False) -> AbstractAsyncContextManager[Transaction]:
        """Begin a writing transaction; it commits durably when the block ends without an error.

        is_shared: others that share, and wait for this one, may be committed with it; each is
        told when all are durable, and what one refuses is taken back alone. Not for a block that
        does something which cannot be taken back, such as deleting stored bytes.
        Raises Refused (unavailable, storage full) when it cannot be written now.
        """

    def alone(self, job: str) -> AbstractAsyncContextManager[bool]:
        """Try to be the only process, of all that use the database, to do a job; say whether it is.

        The right lasts to the end of the block, or of the process: a dead one does not keep it.
        Raises Refused (unavailable).
        """

    async def save(self, file: str) -> None:
        """Write all rows, as of one moment, to a file, made anew, while others go on writing.

        The file is a whole SQLite database: a data folder's, if need be. Raises Refused
        (unavailable).
        """

    async def load(self, file: str) -> None:
        """Replace all rows by those of such a file, in one transaction.

        Raises Refused: conflict, when what is there is not an earlier state of what is in the file;
        unavailable.
        """

    async def totals(self) -> Mapping[str, TableTotals]:
        """Return the totals of every table, by its name. Raises Refused (unavailable)."""
