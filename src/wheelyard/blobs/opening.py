"""Which byte store an address means: what `WHEELYARD_BLOBS` may be."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from wheelyard.blobs.disk import DiskBlobs
from wheelyard.ports.blobs import Blobs

FORMS = "s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX, file:///PATH or memory://"


def open_blobs(url: str) -> Blobs:
    """Open the byte store at `url`; nothing is read or sent yet.

    `file:///…` is a folder of ours, which fsyncs. Raises ValueError with a sentence when the
    address, or what the provider's own variables say, is wrong.
    """
    if url.startswith("file:"):
        return DiskBlobs(_folder(url))
    # The default store needs none of this, and starts faster without it.
    from wheelyard.blobs.object_connections import SCHEMES, connect  # noqa: PLC0415
    from wheelyard.blobs.objectstore import ObjectStoreBlobs  # noqa: PLC0415

    if not url.startswith(tuple(f"{scheme}://" for scheme in SCHEMES)):
        raise ValueError(f"must be {FORMS}, not '{url}'")
    return ObjectStoreBlobs(connect(url))


def _folder(url: str) -> Path:
    parts = urlsplit(url)
    path = unquote(parts.path)
    if parts.netloc not in {"", "localhost"} or not path.startswith("/") or len(path) == 1:
        raise ValueError(f"must be file:///PATH, with an absolute path, not '{url}'")
    return Path(path)
