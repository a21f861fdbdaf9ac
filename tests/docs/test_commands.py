"""Every `wheelyard …` line of the documentation is one that the program takes."""

import re
import shlex
from typing import Any

import pytest
import typer

from docs.markdown import DOCUMENTS, commands
from wheelyard.cli.common import add_common_options
from wheelyard.cli.main import app

_INLINE = re.compile(r"`(wheelyard [^`]+)`")

SHOWN = sorted(
    {line for document in DOCUMENTS for line in commands(document) if line.startswith("wheelyard ")}
)
NAMED = sorted(
    {
        line
        for document in DOCUMENTS
        for line in _INLINE.findall(document.read_text(encoding="utf-8"))
        if line != "wheelyard …"
    }
)


@pytest.mark.parametrize("line", SHOWN)
def test_a_shown_line_is_taken(line: str) -> None:
    _, leaf, arguments = _find(line)
    context = leaf.context_class(leaf, info_name=leaf.name)
    values, rest, _ = leaf.make_parser(context).parse_args(arguments)  # raises at an unknown option
    missing = [each.name for each in leaf.params if each.required and not values.get(each.name)]
    assert (missing, rest) == ([], [])


@pytest.mark.parametrize("line", [*SHOWN, *NAMED])
def test_the_command_has_help(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    path, _, _ = _find(line)
    with pytest.raises(SystemExit) as end:
        _program().main([*path, "--help"], prog_name="wheelyard")
    assert end.value.code == 0
    assert " ".join(["wheelyard", *path]) in capsys.readouterr().out


def test_there_are_lines_to_check() -> None:
    assert len(SHOWN) > 15


def _program() -> Any:
    program = typer.main.get_command(app)
    add_common_options(program)
    return program


def _find(line: str) -> tuple[list[str], Any, list[str]]:
    """Return the names of the command, the command, and the words behind it."""
    words = shlex.split(line)[1:]
    command: Any = _program()
    names: list[str] = []
    while hasattr(command, "commands"):
        assert words[len(names) :], f"{words} names no command"
        name = words[len(names)]
        assert name in command.commands, f"there is no command {' '.join([*names, name])!r}"
        command = command.commands[name]
        names.append(name)
    return names, command, words[len(names) :]
