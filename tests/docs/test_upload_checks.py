"""`docs/upload-checks.md` says what the program does: its codes are all of them, and no others."""

import ast
from pathlib import Path

import wheelyard
from docs.upload_checks import FILE, OTHER_CODES, render
from wheelyard.domain.finding_codes import CODES
from wheelyard.domain.status import ProjectStatus

_SOURCE = Path(wheelyard.__file__).parent
_UPLOAD_MODULES = (
    "actions/publish.py",
    "domain/protection.py:require_unprotected",
    "http/bodies.py",
    "http/checking.py",
    "http/forms.py",
    "http/receiving.py",
    "http/uploads.py",
)


def test_the_document_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == render(), (
        "python tests/docs/upload_checks.py --write"
    )


def test_every_other_code_of_an_upload_is_explained() -> None:
    codes = {code for name in _UPLOAD_MODULES for code in _problem_codes(name)}
    assert codes - set(CODES) == set(OTHER_CODES)


def _problem_codes(place: str) -> set[str]:
    """Return the codes of the problems that a module, or a function of one, makes.

    They are literal, or made from a status.
    """
    module, _, function = place.partition(":")
    tree: ast.AST = ast.parse((_SOURCE / module).read_text(encoding="utf-8"))
    if function:
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        tree = next(node for node in functions if node.name == function)
    codes: set[str] = set()
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "Problem"):
            continue
        code = node.args[0]
        if isinstance(code, ast.Constant) and isinstance(code.value, str):
            codes.add(code.value)
        else:
            assert ast.unparse(code) == "f'project-{marked.status.value}'", ast.unparse(code)
            codes |= {f"project-{each}" for each in ProjectStatus if not each.accepts_uploads}
    return codes
