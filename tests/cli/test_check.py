"""`wheelyard check`: what an upload would be told, without a server, a network or a data folder.

That it says the same as an upload is held in `http/test_strictness.py`.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from cli.calling import shown, wheelyard
from distributions import build_sdist, build_wheel
from hostile_uploads import GOOD, INFO, SDIST, SDIST_NAME, WHEEL, WHEEL_NAME
from hostile_uploads import wheel as hostile_wheel

Told = Mapping[str, list[dict[str, str | None]]]

LEGACY = ("my-pkg-1.0.tar.gz", build_sdist("my-pkg", "1.0")[1])
"""A file with nothing but a warning: `filename-not-normalised`."""

MISTAKEN = (WHEEL_NAME, hostile_wheel(None, f"{INFO}/RECORD").content)
MANY = hostile_wheel({"My_Pkg/__init__.py": b"", f"{INFO}/entry_points.txt": b"a = b\n"})
FILES: Mapping[str, tuple[str, bytes]] = {
    "wheel": (WHEEL_NAME, WHEEL),
    "sdist": (SDIST_NAME, SDIST),
    "legacy": LEGACY,
    "mistaken": MISTAKEN,
    "many": ("My_Pkg-1.0-py3-none-any.whl", MANY.content),
    "junk": (WHEEL_NAME, b"junk"),
    "cut": (SDIST_NAME, SDIST[:-20]),
    "egg": ("my_pkg-1.0.egg", WHEEL),
    "short": ("my_pkg-1.0.whl", WHEEL),
    "space": ("my pkg-1.0.tar.gz", SDIST),
    "accent": ("n\u00e9e-1.0.whl", WHEEL),
}


def write(folder: Path, filename: str, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / filename).write_bytes(content)
    return folder / filename


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Return what one call says of each of `FILES`, of a folder and of what is not there."""
    top = tmp_path_factory.mktemp("checked")
    paths = {which: write(top / which, *file) for which, file in FILES.items()}
    paths |= {"folder": top / "folder" / WHEEL_NAME, "absent": top / WHEEL_NAME}
    paths["folder"].mkdir(parents=True)
    files = shown("check", *paths.values(), status=1)
    assert list(files["files"]) == [str(path) for path in paths.values()]
    return {which: files["files"][str(path)] for which, path in paths.items()}


@pytest.mark.parametrize("which", ["wheel", "sdist"])
def test_a_good_file(told: Told, which: str) -> None:
    assert told[which] == []


@pytest.mark.parametrize(
    ("which", "code", "severity"),
    [
        ("legacy", "filename-not-normalised", "warning"),
        ("mistaken", "record-missing", "error"),
        ("junk", "archive-unreadable", "fatal"),
        ("cut", "archive-unreadable", "fatal"),
        ("egg", "filename-unknown-type", "fatal"),
        ("short", "filename-invalid", "fatal"),
        ("space", "filename-unsafe", "fatal"),
        ("accent", "filename-unsafe", "fatal"),
        ("folder", "file-unreadable", "fatal"),
        ("absent", "file-unreadable", "fatal"),
    ],
)
def test_one_finding(told: Told, which: str, code: str, severity: str) -> None:
    [finding] = told[which]
    assert (finding["code"], finding["severity"]) == (code, severity)
    assert finding.keys() == {"code", "message", "severity", "field"}


def test_every_finding_is_told_gravest_first(told: Told) -> None:
    severities = [str(finding["severity"]) for finding in told["many"]]
    assert severities == sorted(severities, key=["fatal", "error", "warning"].index)
    assert {finding["code"] for finding in told["many"]} == {
        *("member-case-collision", "entry-points-invalid", "filename-not-normalised"),
    }


def test_warnings_refuse_nothing_and_nothing_is_touched(tmp_path: Path) -> None:
    good = [write(tmp_path, upload.filename, upload.content) for upload in GOOD.values()]
    legacy = write(tmp_path, *LEGACY)
    for path in (*good, legacy):
        path.chmod(0o444)
    data = tmp_path / "data"
    ended = wheelyard("check", *good, legacy, "--data", data)
    assert (ended.returncode, ended.stderr) == (0, "")
    first, second, third = ended.stdout.splitlines()
    assert [first, second] == [f"{path}: good" for path in good]
    assert third.startswith(f"{legacy}: warning filename-not-normalised: ")
    assert not data.exists()
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in (*good, legacy)}


def test_one_bad_file_among_good_ones(tmp_path: Path) -> None:
    good = write(tmp_path / "good", WHEEL_NAME, WHEEL)
    bad = write(tmp_path / "bad", *MISTAKEN)
    ended = wheelyard("check", bad, good)
    assert (ended.returncode, ended.stderr) == (1, "")
    first, second = ended.stdout.splitlines()
    assert first.startswith(f"{bad}: error record-missing: ")
    assert second == f"{good}: good"


def test_a_large_file_is_not_held_in_memory(tmp_path: Path) -> None:
    """Fifteen megabytes are checked in about as much memory as a small file takes."""
    noise = os.urandom(15_000_000)
    small = write(tmp_path / "small", *build_wheel("my-pkg", "1.0"))
    large = write(tmp_path / "large", *build_wheel("my-pkg", "1.0", files={"my_pkg/data": noise}))
    assert peak_kibibytes(large) < peak_kibibytes(small) + 8_000


def peak_kibibytes(path: Path) -> int:
    code = (
        "import resource, runpy, sys\n"
        "try: runpy.run_module('wheelyard', run_name='__main__')\n"
        "except SystemExit as ended: assert not ended.code\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, "check", str(path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return int(ended.stdout.splitlines()[-1])
