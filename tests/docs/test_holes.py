"""Each hole that the documentation names has a test that keeps it shut."""

import ast
import re

import pytest

from docs.markdown import ROOT

HOLES = (ROOT / "docs" / "holes.md").read_text(encoding="utf-8")
ROWS = [line for line in HOLES.splitlines() if re.match(r"\| (?!Hole \||-)", line)]


@pytest.mark.parametrize("row", ROWS, ids=[row.split("|")[1].strip() for row in ROWS])
def test_a_hole_has_its_tests(row: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row.split("|")[3])
    assert named, "no test is named"
    for path, name in named:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        assert name in {each.name for each in tree.body if isinstance(each, functions)}


def test_all_rows_are_looked_at() -> None:
    assert len(ROWS) > 20
