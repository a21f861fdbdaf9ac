"""`wheelyard token …` and `wheelyard deploy-token …`."""

from typing import Annotated

import typer

from wheelyard.actions.tokens import NewToken, create_deploy_token, create_personal_token
from wheelyard.app import now
from wheelyard.cli.common import parse_date, run, show
from wheelyard.http.rest.shapes.tokens import deploy_token_json, token_json

personal = typer.Typer(no_args_is_help=True)
deploy = typer.Typer(no_args_is_help=True)

Label = Annotated[str, typer.Option("--name", help="What the token is for.")]
Scopes = Annotated[list[str], typer.Option("--scope", help="What it may do; repeatable.")]
Expiry = Annotated[
    str | None, typer.Option("--expires-at", metavar="YYYY-MM-DD", help="Its last day is before.")
]


@personal.callback()
def _personal() -> None:
    """Personal access tokens."""


@personal.command("create")
def token_create(
    user: Annotated[str, typer.Argument(metavar="NAME")],
    name: Label,
    scope: Scopes,
    expires_at: Expiry = None,
) -> None:
    """Create a personal access token of the user NAME and print it, this once."""
    created = run(
        lambda machines, by: create_personal_token(
            machines.db,
            by,
            username=user,
            name=name,
            scopes=scope,
            expires_at=parse_date(expires_at),
        )
    )
    show(token_json(created.token, now(), created.secret), _sentence(created))


@deploy.callback()
def _deploy() -> None:
    """Deploy tokens of projects and groups."""


@deploy.command("create")
def deploy_token_create(
    full_path: str,
    name: Label,
    scope: Scopes,
    username: Annotated[str | None, typer.Option(help="Its user name.")] = None,
    expires_at: Expiry = None,
) -> None:
    """Create a deploy token of the project or group FULL_PATH and print it, this once."""
    created = run(
        lambda machines, by: create_deploy_token(
            machines.db,
            by,
            full_path=full_path,
            name=name,
            scopes=scope,
            username=username,
            expires_at=parse_date(expires_at),
        )
    )
    sentence = f"User name: {created.token.username}\n{_sentence(created)}"
    show(deploy_token_json(created.token, now(), created.secret), sentence)


def _sentence(created: NewToken) -> str:
    return f"Token (keep it, it is not shown again): {created.secret}"
