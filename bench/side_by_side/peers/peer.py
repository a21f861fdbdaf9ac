"""What the benchmark asks of a server, and how its clients reach it once it runs."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlsplit


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and a password, as sent by Basic authentication."""

    user: str
    password: str

    @property
    def header(self) -> str:
        """The value of the Authorization header."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Place:
    """A running server: its simple index, where uploads go, and who may read and write.

    `upload` is None for a server that takes none: its files are laid in `folder`. `reader` is
    None where anybody may read.
    """

    index: str
    upload: str | None = None
    folder: Path | None = None
    reader: Login | None = None
    writer: Login | None = None

    @property
    def read_headers(self) -> dict[str, str]:
        """The headers of a reader's request."""
        return {"Authorization": self.reader.header} if self.reader else {}

    @property
    def index_with_login(self) -> str:
        """The address of the index as one gives it to pip and uv."""
        if self.reader is None:
            return self.index
        parts = urlsplit(self.index)
        login = f"{quote(self.reader.user, safe='')}:{quote(self.reader.password, safe='')}"
        return parts._replace(netloc=f"{login}@{parts.netloc}").geturl()


@dataclass(frozen=True, slots=True)
class Launch:
    """The command that starts a server in the foreground, and what it adds to the environment."""

    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)


class Peer(Protocol):
    """One kind of server."""

    name: str
    note: str  # how it is configured, for the reader of the table

    def version(self) -> str:
        """Return its version; installs it if need be."""

    def launch(self, data: Path, port: int) -> Launch:
        """Return how to start it on this data folder, which may be empty, and this port."""

    def open(self, data: Path, port: int) -> Place:
        """Make accounts and an index on the newly started server."""
