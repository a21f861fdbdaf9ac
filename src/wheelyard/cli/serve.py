"""`wheelyard serve`: prepare the data folder, start the workers, say how to use the server."""

import os
import secrets
import sys
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wheelyard.actions.users import ROOT, create_root
from wheelyard.app import (
    START_PATIENCE_SECONDS,
    Machinery,
    create_application,
    load_server,
    metrics_folder,
)
from wheelyard.cli.common import fail, load_settings, run
from wheelyard.cli.store_check import check_store
from wheelyard.cli.welcome import PASSWORD_FILE, welcome
from wheelyard.domain.models.callers import Caller
from wheelyard.metrics.slots import clean

if TYPE_CHECKING:
    from wheelyard.serving.worker import Certificate


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="The port; 0 takes a free one.", min=0, max=65535)
    ] = 8080,
    workers: Annotated[int, typer.Option(help="How many processes.", min=1, max=256)] = 1,
    tls_cert: Annotated[Path | None, typer.Option(help="Certificate chain (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Private key (PEM).")] = None,
) -> None:
    """Start the server: migrate the database, and serve until a signal ends it."""
    from wheelyard.serving import processes  # noqa: PLC0415  the other commands need no server

    settings = load_settings()
    certificate = _certificate(tls_cert, tls_key)
    try:
        reserved = processes.reserve(host, port)
    except OSError as error:
        fail(f"cannot listen on {_in_url(host)}:{port}: {error.strerror}.")
    ip_address, port = reserved.getsockname()[:2]
    listening = processes.Listening(ip_address, port, workers, certificate)
    os.environ["WHEELYARD_DATA"] = str(settings.data.absolute())
    check_store(settings, workers)
    password = _start_data()
    clean(metrics_folder(settings))
    load_server()
    address = settings.external_url or f"{listening.scheme}://{_in_url(host)}:{port}"
    is_started = processes.serve(
        create_application,
        listening,
        reserved,
        lambda: typer.echo(welcome(address, settings.data.absolute(), password)),
    )
    if not is_started:
        fail("the server could not be started; its log says why.")


def _start_data() -> str | None:
    """Migrate, and return the password of `root` if this is the first start; or end the command.

    It is done in a process of its own: the migrations take 12 MB, which a process keeps.
    """
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    starting = context.Process(target=_send_password, args=(sender,))
    starting.start()
    sender.close()
    try:
        password: str | None = receiver.recv()
    except EOFError:  # it has said why
        password = None
    starting.join()
    if starting.exitcode:
        sys.exit(starting.exitcode)
    return password


def _send_password(sender: Connection) -> None:
    sender.send(run(_first_start, START_PATIENCE_SECONDS))


async def _first_start(machines: Machinery, by: Caller) -> str | None:
    """Create `root` if this is the first start, and return the password, else None.

    The file is written first: a crash in between leaves a password that opens nothing, and the
    next start makes another one. The other way round there would be a root whom nobody knows.
    """
    async with machines.db.read() as tx:
        if await tx.users.by_username(ROOT) is not None:
            return None
    password = secrets.token_urlsafe(18)
    file = load_settings().data / PASSWORD_FILE
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(password + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    _sync_folder(file.parent)
    if await create_root(machines.db, machines.passwords, by, password) is None:
        file.unlink()
        return None
    return password


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _certificate(chain: Path | None, key: Path | None) -> "Certificate | None":
    """Return the certificate to serve with, if any; end the command if it cannot be used."""
    if chain is None and key is None:
        return None
    if chain is None or key is None:
        fail("--tls-cert and --tls-key belong together.", 2)
    for path in (chain, key):
        if not path.is_file():
            fail(f"there is no file {path}.", 2)
    from wheelyard.serving.worker import Certificate  # noqa: PLC0415  see above

    certificate = Certificate(chain, key)
    try:
        certificate.context()
    except OSError as error:
        fail(f"cannot read {chain} and {key}: {error.strerror}.")
    except ValueError as error:
        fail(f"cannot use {chain} and {key}: {error}.")
    return certificate


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
