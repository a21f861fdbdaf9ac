"""Every metric of the server: its name, kind, labels and meaning, in one table.

Names follow Prometheus' rules: base units, and `_total` behind counters, which the exposition adds.
Labels have few values, all of them the program's own words: templates of addresses, methods,
statuses, codes. No name of a project, a user or a file is ever one.
"""

from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What can be done with a metric's numbers."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Family:
    """A metric: one series of numbers for each combination of its labels' values.

    bounds: of a histogram, the upper bounds of its buckets, without the last, infinity.
    """

    name: str
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()

    @property
    def cells(self) -> int:
        """How many numbers a series has: of a histogram the sum, then the buckets."""
        return len(self.bounds) + 2 if self.kind is Kind.HISTOGRAM else 1

    def bucket(self, value: float) -> int:
        """Return which bucket of a histogram a value falls into, from 0."""
        return bisect_left(self.bounds, value)


_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

HTTP_REQUESTS = Family(
    "wheelyard_http_requests",
    Kind.COUNTER,
    "Requests that were answered.",
    ("method", "route", "status"),
)
HTTP_SECONDS = Family(
    "wheelyard_http_request_duration_seconds",
    Kind.HISTOGRAM,
    "Time from a request's arrival to the end of its answer.",
    ("method", "route"),
    _SECONDS,
)
HTTP_RESPONSE_BYTES = Family(
    "wheelyard_http_response_bytes", Kind.COUNTER, "Bytes of answers' bodies.", ("route",)
)
HTTP_IN_PROGRESS = Family(
    "wheelyard_http_requests_in_progress",
    Kind.GAUGE,
    "Requests that are being answered, but for those from memory.",
)
INDEX_READS = Family(
    "wheelyard_index_reads",
    Kind.COUNTER,
    "Reads of pages, lists and files: from memory, or from database and store.",
    ("document", "source"),
)
UPLOADS = Family(
    "wheelyard_uploads",
    Kind.COUNTER,
    "Uploads by what became of them: new, repeated (the file was there), refused or failed.",
    ("result",),
)
UPLOADED_BYTES = Family(
    "wheelyard_uploaded_bytes", Kind.COUNTER, "Bytes of distributions that were published."
)
UPLOAD_REJECTIONS = Family(
    "wheelyard_upload_rejections",
    Kind.COUNTER,
    "Reasons for which uploads were refused, by their code; an upload may have several.",
    ("code",),
)
DATABASE_SECONDS = Family(
    "wheelyard_database_transaction_seconds",
    Kind.HISTOGRAM,
    "Time that a transaction takes, its commit included, from when it has begun.",
    ("mode",),
    _SECONDS,
)
DATABASE_WAIT_SECONDS = Family(
    "wheelyard_database_wait_seconds",
    Kind.HISTOGRAM,
    "Time until a transaction begins: for a connection, and for the turn of a writer.",
    ("mode",),
    _SECONDS,
)
DATABASE_QUEUE = Family(
    "wheelyard_database_queue_length",
    Kind.GAUGE,
    "Transactions that wait to begin.",
    ("mode",),
)
DATABASE_FAILURES = Family(
    "wheelyard_database_failures",
    Kind.COUNTER,
    "Transactions that the database could not do.",
    ("mode",),
)
STORE_SECONDS = Family(
    "wheelyard_store_operation_seconds",
    Kind.HISTOGRAM,
    "Time that the store of the files takes; of a read to its first bytes.",
    ("operation",),
    _SECONDS,
)
STORE_FAILURES = Family(
    "wheelyard_store_failures",
    Kind.COUNTER,
    "Operations that the store could not do.",
    ("operation",),
)
WORKERS = Family("wheelyard_workers", Kind.GAUGE, "Worker processes that serve.")

FAMILIES = (
    HTTP_REQUESTS,
    HTTP_SECONDS,
    HTTP_RESPONSE_BYTES,
    HTTP_IN_PROGRESS,
    INDEX_READS,
    UPLOADS,
    UPLOADED_BYTES,
    UPLOAD_REJECTIONS,
    DATABASE_SECONDS,
    DATABASE_WAIT_SECONDS,
    DATABASE_QUEUE,
    DATABASE_FAILURES,
    STORE_SECONDS,
    STORE_FAILURES,
    WORKERS,
)
