"""The latest change that any process of this machine has made, in memory that they share.

A notification takes its way through the database; the answer to a write may come back to the same
machine, to another worker, before it. So a process that has committed leaves the serial here.
"""

import mmap
import struct
from pathlib import Path

_NUMBER = struct.Struct("=q")


class Neighbours:
    """A number in a file that the processes of a machine have mapped into their memory.

    Two that write at once may leave the smaller number; then the larger one comes by notification.
    """

    def __init__(self, file: Path) -> None:
        with file.open("ab+") as stream:
            if stream.tell() < _NUMBER.size:
                stream.truncate(_NUMBER.size)
            self._memory = mmap.mmap(stream.fileno(), _NUMBER.size)

    @property
    def serial(self) -> int:
        """The serial of a change that has been committed; 0 when nothing is known."""
        serial: int = _NUMBER.unpack_from(self._memory)[0]
        return serial

    def tell(self, serial: int) -> None:
        """Leave the serial of a change that has been committed."""
        if serial > self.serial:
            self.correct(serial)

    def correct(self, serial: int) -> None:
        """Set the number; a smaller one when the database turned out to be another, or older."""
        _NUMBER.pack_into(self._memory, 0, serial)

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()
