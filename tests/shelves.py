"""Files in a registry without a server: published by the real action, lost and spoiled by hand."""

from hashlib import sha256

from distributions import build_wheel, compute_digests
from wheelyard.actions.groups import create_group
from wheelyard.actions.projects import create_project
from wheelyard.actions.publish import Upload, publish
from wheelyard.app import Machinery
from wheelyard.domain.access import Visibility
from wheelyard.domain.inspection import inspect_file
from wheelyard.domain.keys import BlobKey, core_metadata_key, distribution_key
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.models.packages import NewFile, PackageFile
from wheelyard.domain.models.places import Project


class Shelf:
    """A project, and the files that are put into it."""

    def __init__(self, machines: Machinery, by: Caller, project: Project) -> None:
        self.machines = machines
        self.by = by
        self.project = project

    @classmethod
    async def make(cls, machines: Machinery, by: Caller, group: str = "group") -> "Shelf":
        """Make a private project in a new group."""
        await create_group(machines.db, by, full_path=group, visibility=Visibility.PRIVATE)
        project = await create_project(
            machines.db, by, full_path=f"{group}/project", visibility=Visibility.PRIVATE
        )
        return cls(machines, by, project)

    async def add(self, name: str, version: str = "1.0", payload: bytes = b"") -> PackageFile:
        """Publish a wheel."""
        filename, content = build_wheel(name, version, files={f"{name}/payload": payload})
        return await self.publish(filename, content)

    async def publish(self, filename: str, content: bytes) -> PackageFile:
        """Publish these bytes."""
        async with self.machines.spool.stage() as staging:
            await staging.write(content)
            await staging.finish()
            with staging.open() as source:
                facts = inspect_file(source, filename, len(content)).facts
            assert facts is not None
            file = NewFile(
                filename=filename,
                kind=facts.kind,
                name=facts.name,
                normalised_name=facts.normalised_name,
                version=facts.version,
                digests=compute_digests(content),
                size_bytes=len(content),
                requires_python=facts.requires_python,
                metadata_sha256=sha256(facts.metadata).hexdigest(),
                form={"name": [facts.name]},
            )
            upload = Upload(file, staging, facts.metadata)
            recorded = await publish(
                self.machines.db, self.machines.blobs, self.by, self.project.id, upload
            )
            return recorded.file

    async def replace(self, key: BlobKey, content: bytes | None) -> None:
        """Put other bytes under a key, behind the registry's back; None: lose them."""
        await self.machines.blobs.delete(key)
        if content is not None:
            await self.machines.blobs.put_bytes(key, content)

    async def content(self, key: BlobKey) -> bytes:
        """Return what is stored under a key."""
        return b"".join([chunk async for chunk in self.machines.blobs.read(key)])

    async def listed(self) -> set[str]:
        """Return the names of all files that the index lists."""
        async with self.machines.db.read() as tx:
            names = await tx.packages.project_names(self.project.id)
            pages = [await tx.packages.page(self.project.id, name) for name in names]
        return {file.filename for page in pages if page is not None for file in page.files}


def key_of(file: PackageFile) -> BlobKey:
    """Return the key of a file's bytes."""
    return distribution_key(file.digests.sha256)


def metadata_key_of(file: PackageFile) -> BlobKey:
    """Return the key of its metadata."""
    assert file.metadata_sha256 is not None
    return core_metadata_key(file.metadata_sha256)
