"""`wheelyard tour` as a user runs it: whether it works, and whether nothing of it is left."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ADDRESS = re.compile(r"serving at http://(\S+)")
TOUR = (sys.executable, "-m", "wheelyard", "tour")


def surroundings(folder: Path, **variables: str) -> dict[str, str]:
    """Return the environment of a tour that keeps its things in `folder`."""
    return {**os.environ, "TMPDIR": str(folder), **variables}


def test_whole_walk_works_and_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [*TOUR, "--json"], env=surroundings(tmp_path), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)["steps"]) == {
        *("B6", "B7", "B8", "B9", "B10", "B11", "B12", "B13", "B14", "B15")
    }
    for command in ("wheelyard project create", "twine upload --repository gitlab", "pip install"):
        assert f"$ {command}" in done.stderr.replace("python3 -m ", "")
    assert done.stderr.count("✓") == 12  # that the server runs, and the eleven steps
    assert "Hello again from MyPyPiPackage" in done.stderr
    assert "glpat-…" in done.stderr
    assert not re.search(r"(glpat|gldt)-\w", done.stderr), "a token was printed"
    assert list(tmp_path.iterdir()) == []
    assert_stopped(done.stderr)


def test_without_pypi_it_says_what_it_needs(tmp_path: Path) -> None:
    nowhere = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    done = subprocess.run(
        TOUR,
        env=surroundings(tmp_path, **nowhere, PIP_NO_INDEX="0", PIP_FIND_LINKS=""),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "wheelyard: the tour ended early: pip could not install twine build setuptools wheel. "
        "The tour needs PyPI, or a mirror of it that your pip is configured for.\n"
    )
    assert list(tmp_path.iterdir()) == []
    assert_stopped(done.stdout)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_and_its_server(tmp_path: Path, number: signal.Signals) -> None:
    output = tmp_path / "output"
    folder = tmp_path / "tour"
    folder.mkdir()
    with output.open("wb") as stream:
        process = subprocess.Popen(
            TOUR,
            env=surroundings(folder),
            stdout=stream,
            stderr=stream,
            # What started the tests may have them ignore SIGINT, and a child inherits that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  no threads here
        )
    deadline = time.monotonic() + 60
    while not ADDRESS.search(output.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    assert process.wait(60) == 128 + number
    assert list(folder.iterdir()) == []
    assert_stopped(output.read_text())


STARTING = """
import signal, sys, threading
from pathlib import Path
from wheelyard.cli.tour.programs import run_program

signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
threading.Thread(target=threading.Event().wait, daemon=True).start()
print("ready", flush=True)
command = ["sh", "-c", "echo $$ > pid; sleep 60 & wait"]
run_program(command, Path(sys.argv[1]), {"PATH": "/bin:/usr/bin"})
"""


def test_a_signal_while_a_program_starts_ends_both(tmp_path: Path) -> None:
    """Another thread takes the signal that comes meanwhile, such as the one that draws dots."""
    for round_number in range(6):
        folder = tmp_path / str(round_number)
        folder.mkdir()
        with subprocess.Popen(
            [sys.executable, "-c", STARTING, folder], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            time.sleep(round_number * 0.001)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 143
        time.sleep(0.05)  # the program, if it is left over, writes its number
        if (file := folder / "pid").exists():
            assert not Path(f"/proc/{file.read_text().strip()}").exists()


def assert_stopped(said: str) -> None:
    """Assert that nothing listens any more where the tour said that it serves."""
    found = ADDRESS.search(said)
    assert found is not None
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection(found[1], timeout=5).connect()
