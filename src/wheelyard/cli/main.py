"""The command `wheelyard`: the tree of its subcommands."""

import os
import sys

import typer

from wheelyard.cli import (
    accounts,
    audit,
    backup,
    check,
    copy,
    places,
    releases,
    serve,
    settings,
    tokens,
    tour,
    upkeep,
    verify,
)
from wheelyard.cli.common import add_common_options

app = typer.Typer(
    name="wheelyard",
    help="A private Python package index: GitLab's PyPI registry as a server of its own.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve.serve)
app.add_typer(accounts.app, name="user", help="Accounts.")
app.add_typer(places.groups, name="group", help="Groups.")
app.add_typer(places.projects, name="project", help="Projects and their settings.")
app.add_typer(places.members, name="member", help="Roles in groups and projects.")
app.add_typer(tokens.personal, name="token", help="Personal access tokens.")
app.add_typer(tokens.deploy, name="deploy-token", help="Deploy tokens of projects and groups.")
app.add_typer(settings.app, name="settings", help="Settings of the instance.")
app.command("yank")(releases.yank_release)
app.add_typer(releases.status, name="status", help="Status of package names.")
app.add_typer(audit.app, name="audit", help="The record of changes.")
app.command("check")(check.check)
app.command("upkeep")(upkeep.upkeep)
app.command("verify")(verify.verify)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("copy")(copy.copy)
app.command("tour")(tour.tour)


def main() -> None:
    """Run the command that the arguments name."""
    os.umask(0o077)  # database, files and passwords are for the account that runs the server
    command = typer.main.get_command(app)
    add_common_options(command)
    command(prog_name="wheelyard")
    sys.exit(0)
