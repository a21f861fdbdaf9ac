"""What listings of packages take: GitLab's filters, and a registry that is switched on."""

from enum import StrEnum
from typing import Annotated, Literal

from fastapi import Depends, Query

from wheelyard.domain.errors import not_found
from wheelyard.domain.releases import ReleaseFilter
from wheelyard.domain.status import ProjectStatus
from wheelyard.http.rest.calls import AnyCall

PACKAGE_ORDERS = ("created_at", "name", "version", "type")
"""GitLab's orders of packages; without one, the oldest come first."""

MAX_NAME_CHARS = 256
MAX_VERSION_CHARS = 255

PackageType = Literal[
    "conan", "maven", "npm", "pypi", "composer", "nuget", "helm", "terraform_module", "golang",
    "generic", "debian", "rubygems", "rpm", "ml_model",
]  # fmt: skip
"""GitLab's package types. There are packages of one of them here."""


class PackageStatus(StrEnum):
    """GitLab's statuses of a package."""

    DEFAULT = "default"
    HIDDEN = "hidden"
    PROCESSING = "processing"
    ERROR = "error"
    PENDING_DESTRUCTION = "pending_destruction"
    DEPRECATED = "deprecated"


_DEPRECATED = frozenset({ProjectStatus.DEPRECATED})
_STATUSES = {
    None: frozenset(ProjectStatus),
    PackageStatus.DEFAULT: frozenset(ProjectStatus) - _DEPRECATED,
    PackageStatus.DEPRECATED: _DEPRECATED,
}


async def require_registry(call: AnyCall) -> None:
    """Refuse (not found) while packages are switched off for the instance."""
    async with call.services.db.read() as tx:
        if not (await tx.settings.load()).packages_enabled:
            raise not_found("404")


def read_filter(
    *,
    package_type: PackageType = "pypi",
    package_name: Annotated[str | None, Query(max_length=MAX_NAME_CHARS)] = None,
    package_version: Annotated[str | None, Query(max_length=MAX_VERSION_CHARS)] = None,
    include_versionless: bool = False,  # noqa: ARG001  GitLab's; all packages here have a version
    status: PackageStatus | None = None,
) -> ReleaseFilter:
    """Read GitLab's filters: a part of the name, the exact version, the status."""
    statuses = _STATUSES.get(status, frozenset())
    return ReleaseFilter(
        name_part=package_name or None,
        version=package_version or None,
        statuses=statuses if package_type == "pypi" else frozenset(),
    )


FilterParameters = Annotated[ReleaseFilter, Depends(read_filter)]
"""A handler's parameter: the packages that are asked for."""
