"""`wheelyard settings …`: what holds for the whole instance."""

import typer

from wheelyard.actions.settings import set_setting
from wheelyard.cli.common import run, show
from wheelyard.domain.models.callers import Caller
from wheelyard.domain.settings import InstanceSettings
from wheelyard.ports.database import Database

app = typer.Typer(no_args_is_help=True)


@app.command("set")
def settings_set(key: str, value: str) -> None:
    """Set KEY to VALUE."""
    settings = run(lambda machines, by: set_setting(machines.db, by, key, value)).as_dict()
    show({key: settings[key]}, f"{key} = {settings[key]}")


@app.command("list")
def settings_list() -> None:
    """List all settings and their values."""
    settings = run(lambda machines, by: _load(machines.db, by)).as_dict()
    show(settings, "\n".join(f"{key} = {value}" for key, value in settings.items()))


async def _load(db: Database, _by: Caller) -> InstanceSettings:
    async with db.read() as tx:
        return await tx.settings.load()
