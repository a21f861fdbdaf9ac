"""How long to fuzz: `--fuzz-seconds`."""

import pytest


@pytest.fixture
def fuzz_seconds(pytestconfig: pytest.Config) -> float:
    """Return for how long one test sends new input."""
    seconds = pytestconfig.getoption("--fuzz-seconds")
    assert isinstance(seconds, float | int)
    return float(seconds)
