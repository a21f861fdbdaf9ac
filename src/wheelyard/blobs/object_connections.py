"""Connections to object stores: which one an address means, and how long to be patient with it.

Credentials, regions and endpoints come from the standard variables of each provider's own tools
(`AWS_…`, `GOOGLE_…`, `AZURE_STORAGE_…`), which obstore reads.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, MemoryStore, ObjectStore, S3Store

if TYPE_CHECKING:  # these are types only
    from obstore.store import ClientConfig, RetryConfig

_CONNECT_SECONDS = 5
_QUICK_SECONDS = 15
"""For one request about one object, or for one part of it: a store of many disks that has lost one
of them may need some seconds to notice."""

_UPLOAD_SECONDS = 60
"""For one request that sends up to 8 MiB."""

_RETRY: "RetryConfig" = {
    "max_retries": 8,
    "retry_timeout": timedelta(seconds=10),  # no try begins later than this after the first
    "backoff": {
        "init_backoff": timedelta(milliseconds=100),
        "max_backoff": timedelta(seconds=2),
    },
}

_VARIABLES = {"s3": "AWS", "gs": "GOOGLE", "az": "AZURE"}

SCHEMES = ("memory", *_VARIABLES)
"""The schemes of addresses that mean an object store."""


class Connections(NamedTuple):
    """The same store twice: for short requests, and for those that send a lot."""

    quick: ObjectStore
    upload: ObjectStore


def connect(url: str) -> Connections:
    """Prepare to use the store at `SCHEME://BUCKET/PREFIX`; nothing is sent yet.

    Raises ValueError with a sentence when the address or the provider's variables are wrong.
    """
    scheme, _, place = url.partition("://")
    if scheme == "memory":
        memory = MemoryStore()
        return Connections(memory, memory)
    if not place.partition("/")[0]:
        raise ValueError(f"names no bucket: it must look like {scheme}://bucket/prefix")
    try:
        return Connections(_connect(url, _QUICK_SECONDS), _connect(url, _UPLOAD_SECONDS))
    except (BaseError, OSError, ValueError) as error:
        raise ValueError(f"{url}: {str(error).partition(chr(10))[0]}") from error


def _connect(url: str, seconds: int) -> ObjectStore:
    provider = url.partition("://")[0]
    client: ClientConfig = {
        "connect_timeout": timedelta(seconds=_CONNECT_SECONDS),
        "timeout": timedelta(seconds=seconds),
        # obstore looks for these itself only where no other options are given.
        "allow_http": _is_set(f"{_VARIABLES[provider]}_ALLOW_HTTP"),
    }
    if bundle := os.environ.get("AWS_CA_BUNDLE", ""):
        client["root_certificate"] = Path(bundle).read_bytes()
    if provider == "s3":
        return S3Store.from_url(url, client_options=client, retry_config=_RETRY)
    if provider == "gs":
        return GCSStore.from_url(url, client_options=client, retry_config=_RETRY)
    return AzureStore.from_url(url, client_options=client, retry_config=_RETRY)


def _is_set(variable: str) -> bool:
    return os.environ.get(variable, "").strip().lower() in {"1", "true", "yes", "on", "y"}
