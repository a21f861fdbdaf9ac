"""The hash of passwords: salted, slow, and in the way of nobody else."""

import asyncio
import time

from wheelyard.passwords import AT_ONCE, Argon2Passwords


async def test_a_hash_fits_its_password_alone() -> None:
    passwords = Argon2Passwords()
    first, second = await passwords.hash("right"), await passwords.hash("right")
    assert first != second
    assert first.startswith("$argon2id$")
    assert await passwords.verify(first, "right")
    assert not await passwords.verify(first, "wrong")
    for garbage in ("", "right", "$argon2id$"):
        assert not await passwords.verify(garbage, "right")


async def test_many_hashes_leave_the_threads_of_others_free() -> None:
    passwords = Argon2Passwords()
    many = [asyncio.create_task(passwords.hash("x")) for _ in range(10 * AT_ONCE)]
    await asyncio.sleep(0)
    await asyncio.to_thread(time.sleep, 0)
    assert not all(task.done() for task in many)
    await asyncio.gather(*many)
