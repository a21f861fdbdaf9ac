"""A database whose transactions are timed: how long they wait, how long they take, what fails."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from time import perf_counter
from types import TracebackType

from wheelyard.domain.errors import Reason, Refused
from wheelyard.domain.metrics import (
    DATABASE_FAILURES,
    DATABASE_QUEUE,
    DATABASE_SECONDS,
    DATABASE_WAIT_SECONDS,
)
from wheelyard.ports.database import Database, Transaction
from wheelyard.ports.metrics import Metrics
from wheelyard.ports.snapshots import TableTotals

_FAILED = frozenset({Reason.UNAVAILABLE, Reason.STORAGE_FULL})


class MeasuredDatabase:
    """`wheelyard.ports.database.Database`, around another one."""

    def __init__(self, db: Database, metrics: Metrics) -> None:
        self._db = db
        self._metrics = metrics

    def read(self) -> AbstractAsyncContextManager[Transaction]:
        """Begin a reading transaction."""
        return _Timed(self._db.read(), self._metrics, "read")

    def write(self, *, is_shared: bool = False) -> AbstractAsyncContextManager[Transaction]:
        """Begin a writing transaction."""
        return _Timed(self._db.write(is_shared=is_shared), self._metrics, "write")

    def alone(self, job: str) -> AbstractAsyncContextManager[bool]:
        """Try to be the only process to do a job."""
        return self._db.alone(job)

    async def save(self, file: str) -> None:
        """Write all rows to a file."""
        await self._db.save(file)

    async def load(self, file: str) -> None:
        """Replace all rows by those of a file."""
        await self._db.load(file)

    async def totals(self) -> Mapping[str, TableTotals]:
        """Return the totals of every table."""
        return await self._db.totals()


class _Timed(AbstractAsyncContextManager[Transaction]):
    """One transaction and its times; `mode` is read or write."""

    def __init__(
        self, inner: AbstractAsyncContextManager[Transaction], metrics: Metrics, mode: str
    ) -> None:
        self._inner = inner
        self._metrics = metrics
        self._mode = mode
        self._began = 0.0

    async def __aenter__(self) -> Transaction:
        metrics, mode, asked = self._metrics, self._mode, perf_counter()
        metrics.count(DATABASE_QUEUE, mode)
        try:
            return await self._inner.__aenter__()
        except BaseException as error:
            self._note(error)
            raise
        finally:
            self._began = perf_counter()
            metrics.count(DATABASE_QUEUE, mode, amount=-1)
            metrics.observe(DATABASE_WAIT_SECONDS, mode, value=self._began - asked)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        try:
            return await self._inner.__aexit__(kind, error, traceback)
        except BaseException as raised:
            error = raised
            raise
        finally:
            self._note(error)
            taken = perf_counter() - self._began
            self._metrics.observe(DATABASE_SECONDS, self._mode, value=taken)

    def _note(self, error: BaseException | None) -> None:
        if isinstance(error, Refused) and error.reason in _FAILED:
            self._metrics.count(DATABASE_FAILURES, self._mode)
