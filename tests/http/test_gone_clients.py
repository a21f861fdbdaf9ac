"""A client that goes away in the middle of a download: nothing more is read for it, or counted."""

import hashlib
import os

import pytest

from wheelyard.blobs.opening import open_blobs
from wheelyard.domain.keys import distribution_key
from wheelyard.http.asgi import Message, Scope
from wheelyard.http.files import IS_GONE, StoredBody

CONTENT = os.urandom(6 * 1024 * 1024)


@pytest.mark.parametrize("leaves_after", [1, 3, 100])
async def test_nothing_is_read_for_a_client_that_is_gone(leaves_after: int) -> None:
    blobs = open_blobs("memory://")
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    key = distribution_key(sha256)
    await blobs.put_bytes(key, CONTENT)
    sent, served = [], []
    body = StoredBody(blobs, key, sha256, len(CONTENT), (), when_served=lambda: served.append(True))

    async def send(message: Message) -> None:
        sent.append(message.get("body", b""))

    def is_gone() -> bool:
        return sum(map(bool, sent)) >= leaves_after

    scope: Scope = {"method": "GET", "headers": [], "extensions": {IS_GONE: is_gone}}
    await body.send(scope, send)
    got = b"".join(sent)
    assert CONTENT.startswith(got)
    assert len(got) == min(leaves_after, 6) * 1024 * 1024
    assert served == ([True] if got == CONTENT else [])
