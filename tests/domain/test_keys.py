"""Keys of stored objects: what a constructor makes is recognised, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheelyard.domain.keys import core_metadata_key, distribution_key, sha256_of

DIGESTS = st.text("0123456789abcdef", min_size=64, max_size=64)


@given(DIGESTS)
def test_the_digest_is_found_in_every_key(sha256: str) -> None:
    assert sha256_of(distribution_key(sha256)) == sha256
    assert sha256_of(core_metadata_key(sha256)) == sha256


@pytest.mark.parametrize(
    "key",
    ["", "files", "files/notes.txt", f"other/aa/{'a' * 64}", f"files/bb/{'a' * 64}", "a" * 64]
    + [distribution_key("a" * 64) + rest for rest in ("/x", "a", "\n", ".tmp")],
)
def test_what_no_constructor_makes(key: str) -> None:
    assert sha256_of(key) is None
