"""`wheelyard user …`."""

import sys
from typing import Annotated

import typer

from wheelyard.actions.users import create_user
from wheelyard.cli.common import run, show
from wheelyard.http.rest.shapes.users import user_json

app = typer.Typer(no_args_is_help=True)


@app.callback()
def accounts() -> None:
    """Accounts."""


@app.command()
def create(
    name: str,
    admin: Annotated[bool, typer.Option("--admin", help="Make an administrator.")] = False,
    email: Annotated[str | None, typer.Option(help="The e-mail address.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read a password from standard input.")
    ] = False,
) -> None:
    """Create the user NAME."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    user = run(
        lambda machines, by: create_user(
            machines.db,
            machines.passwords,
            by,
            username=name,
            email=email,
            password=password,
            is_admin=admin,
        )
    )
    show(user_json(user), f"Created the user {user.username} (id {user.id}).")
