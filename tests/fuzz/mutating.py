"""Making bad input out of good: changes of bytes, reproducible by a seed."""

import random
import time
from collections.abc import Iterator

INTERESTING = (
    *(b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\0", b"\xff", b"--", b'"', b";", b"=", b"\\", b"/../"),
    *(b"Content-Disposition: form-data", b"filename*=utf-8''%00", b"PK\x03\x04", b"PK\x05\x06"),
    *(b"\x1f\x8b\x08", b"\xed\xa0\x80", b"%0d%0a", b"\xe2\x80\xae", b"9" * 400, b"Name: x\n"),
)
NUMBERS = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000)


class Mutator(random.Random):
    """A source of changes; equal seeds make equal changes."""

    def changed(self, content: bytes, most: int = 4) -> bytes:
        """Return the content with one to `most` changes of bytes."""
        for _ in range(self.randint(1, most)):
            content = self._change(content)
        return content

    def _change(self, content: bytes) -> bytes:
        start = self.randint(0, len(content))
        end = min(len(content), start + int(self.expovariate(1 / 16)) + 1)
        before, inside, after = content[:start], content[start:end], content[end:]
        kinds = (
            lambda: before + bytes(byte ^ (1 << self.randrange(8)) for byte in inside) + after,
            lambda: before + after,
            lambda: before + inside + inside + after,
            lambda: before + self.choice(INTERESTING) + inside + after,
            lambda: before + self.choice(INTERESTING) + after,
            lambda: before + self.randbytes(len(inside)) + after,
            lambda: before + self._number() + after[4:],
            lambda: before,
            lambda: after + before,
        )
        return self.choice(kinds)()

    def _number(self) -> bytes:
        return (self.choice(NUMBERS)).to_bytes(4, "little")


def seeds(seconds: float) -> Iterator[int]:
    """Count from zero until the time is over; there is always a first."""
    deadline, seed = time.monotonic() + seconds, 0
    while seed == 0 or time.monotonic() < deadline:
        yield seed
        seed += 1
