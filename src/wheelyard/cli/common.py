"""What all commands share: `--data` and `--json`, running an action, printing its result."""

import asyncio
import json as json_format
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from pydantic import ValidationError

from wheelyard.app import Machinery, machinery, now
from wheelyard.domain.errors import Refused
from wheelyard.domain.models.callers import Actor, Caller
from wheelyard.settings import ServerSettings

T = TypeVar("T")

OPERATOR = Actor(username="operator", is_admin=True)
"""The actor of changes made on the command line: whoever may write the data folder."""

_USAGE_ERROR = 2
_json_wanted = False


def _remember_data(value: str | None) -> None:
    if value is not None:
        os.environ["WHEELYARD_DATA"] = value  # where the settings, and the workers, look for it


def _remember_json(value: bool) -> None:
    global _json_wanted  # noqa: PLW0603  one process runs one command
    _json_wanted = _json_wanted or value


_common = typer.Typer()


@_common.command()
def _common_options(
    data: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            expose_value=False,
            callback=_remember_data,
            help="The data folder (default: ./wheelyard-data, or $WHEELYARD_DATA).",
        ),
    ] = None,
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            expose_value=False,
            callback=_remember_json,
            help="Print one JSON object and nothing else.",
        ),
    ] = False,
) -> None:
    """Say once what the options are that every command takes."""


def add_common_options(command: Any) -> None:
    """Give `--data` and `--json` to `command` and to everything below it.

    So they may stand before and after a subcommand, and no command has to name them.
    """
    options = typer.main.get_command(_common).params
    command.params += [option for option in options if option.name in {"data", "json"}]
    for child in getattr(command, "commands", {}).values():
        add_common_options(child)


def is_json_wanted() -> bool:
    """Tell whether standard output is for one JSON object alone (`--json`)."""
    return _json_wanted


def load_settings() -> ServerSettings:
    """Return the settings; a wrong one ends the command with its name and what it must be."""
    try:
        return ServerSettings()
    except ValidationError as error:
        problems = "; ".join(
            f"WHEELYARD_{'_'.join(str(part) for part in problem['loc']).upper()} {problem['msg']}"
            for problem in error.errors()
        )
        fail(f"wrong setting: {problems}", _USAGE_ERROR)


def run(work: Callable[[Machinery, Caller], Awaitable[T]], patience_seconds: float = 0) -> T:
    """Do `work` as the operator, now; a refusal ends the command with its sentence and status 1.

    patience_seconds: for how long to try to reach a database server.
    """

    async def with_machinery() -> T:
        async with machinery(load_settings(), patience_seconds) as machines:
            return await work(machines, Caller(OPERATOR, now(), "cli"))

    try:
        return asyncio.run(with_machinery())
    except Refused as refused:
        fail(refused.detail)
    except OSError as error:
        fail(f"{error.filename or 'the data folder'}: {error.strerror}")


def show(thing: Mapping[str, object], sentence: str) -> None:
    """Print a command's result: the JSON object when that was asked for, else the sentence."""
    sys.stdout.write((json_format.dumps(dict(thing)) if _json_wanted else sentence) + "\n")


def fail(sentence: str, status: int = 1) -> NoReturn:
    """End the command: the sentence on standard error, and the exit status."""
    sys.stderr.write(f"wheelyard: {sentence}\n")
    sys.exit(status)


def parse_date(text: str | None) -> date | None:
    """Read `YYYY-MM-DD`, for an option."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"'{text}' is not a date: YYYY-MM-DD.") from error
