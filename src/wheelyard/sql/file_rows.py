"""From a row of `files` to the value that the index and the REST API show."""

from typing import Any

from wheelyard.domain.models.packages import Digests, DistributionKind, PackageFile
from wheelyard.sql.schema import files

_DIGESTS = ("sha256", "md5", "blake2_256")
_NOT_SHOWN = {"name_id", "uploader_id", "lost_at"}

FILE_COLUMNS = [column for column in files.c if column.name not in _NOT_SHOWN]
"""What to select for `to_package_file`."""

_PLAIN = [column.name for column in FILE_COLUMNS if column.name not in {"kind", *_DIGESTS}]


def to_package_file(row: Any) -> PackageFile:
    """Make the value from a row: a mapping with the `files` columns that readers see."""
    return PackageFile(
        **{key: row[key] for key in _PLAIN},
        kind=DistributionKind(row["kind"]),
        digests=Digests(**{key: row[key] for key in _DIGESTS}),
    )
