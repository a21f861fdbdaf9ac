"""The server's settings: read once, from `WHEELYARD_…` in the environment and the command line.

What an administrator changes while the server runs is elsewhere: `wheelyard.domain.settings`.
"""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


class ServerSettings(BaseSettings):
    """What one process needs to know before it starts.

    data: the folder of the database, the files and the spool.
    external_url: the address that users know the server by, for absolute links.
    trusted_proxies: networks whose `X-Forwarded-…` headers are believed, separated by commas.
    access_log: whether each request leaves a log line.
    metrics_from: networks from which `/-/metrics` may be read without a token, separated by commas;
        unset, this machine only.
    database_url: `postgresql://…` as libpq has it, several hosts included, or `sqlite:///FILE`;
        unset, the database is the file `wheelyard.db` in the data folder.
    blobs: where the files are: `s3://BUCKET/PREFIX`, `gs://…`, `az://…`, `file:///FOLDER` or
        `memory://` (of one process, for trying out); unset, the folder `blobs` in the data folder.
        Credentials and endpoints are in the variables of the provider's own tools.
    downloads: with an object store, whether large files are sent from here (`stream`), from the
        store's own address (`redirect`), or from there for uv and from here for others (`auto`).
    cache_mb: how many million bytes of the index each worker process keeps in memory.
    """

    model_config = SettingsConfigDict(env_prefix="WHEELYARD_", frozen=True)

    data: Path = Path("wheelyard-data")
    external_url: str | None = None
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    access_log: bool = False
    metrics_from: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = _LOOPBACK
    database_url: str | None = None
    blobs: str | None = None
    downloads: Literal["auto", "redirect", "stream"] = "auto"
    cache_mb: Annotated[int, Field(ge=0, le=1_000_000)] = 64

    @field_validator("trusted_proxies", "metrics_from", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())

    @field_validator("external_url")
    @classmethod
    def _check_url(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/") if value else None

    @field_validator("database_url")
    @classmethod
    def _check_database(cls, value: str | None) -> str | None:
        if not value:
            return None
        if not value.startswith(("postgresql://", "postgres://", "sqlite:///")):
            raise ValueError("must begin with postgresql:// or sqlite:///")
        return value

    @field_validator("blobs")
    @classmethod
    def _check_blobs(cls, value: str | None) -> str | None:
        if not value:
            return None
        if not value.startswith(("s3://", "gs://", "az://", "file:///", "memory://")):
            raise ValueError(
                "must be s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX, "
                "file:///FOLDER or memory://"
            )
        return value
