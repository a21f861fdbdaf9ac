"""Files that were uploaded long ago: published by the real action, at another moment."""

import hashlib
from dataclasses import replace
from datetime import datetime

from distributions import build_metadata, build_wheel, compute_digests
from registry import Registry
from wheelyard.actions.publish import Upload, publish
from wheelyard.app import Machinery
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.packages import DistributionKind, NewFile
from wheelyard.domain.models.places import Project
from wheelyard.domain.names import NormalisedName


def add_wheel_at(
    registry: Registry, project: Project, at: datetime, name: str, version: str
) -> None:
    """Publish a wheel as of `at`."""
    filename, content = build_wheel(name, version)
    metadata = build_metadata(name, version)
    file = NewFile(
        filename=filename,
        kind=DistributionKind.WHEEL,
        name=name,
        normalised_name=NormalisedName(name),
        version=version,
        digests=compute_digests(content),
        size_bytes=len(content),
        requires_python=None,
        metadata_sha256=hashlib.sha256(metadata).hexdigest(),
        form={"name": [name]},
    )

    async def work(machines: Machinery, by: Caller) -> None:
        async with machines.spool.stage() as staging:
            await staging.write(content)
            await staging.finish()
            upload = Upload(file, staging, metadata)
            await publish(machines.db, machines.blobs, replace(by, at=at), project.id, upload)

    registry.run(work)
