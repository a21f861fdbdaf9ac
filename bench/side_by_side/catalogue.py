"""All servers and all measurements, in the order in which they are run and shown."""

from side_by_side.busy import BUSY
from side_by_side.installs import INSTALLS
from side_by_side.lifetime import MEMORY, START
from side_by_side.measurement import Measurement
from side_by_side.peers.devpi import Devpi
from side_by_side.peers.nginx import Nginx
from side_by_side.peers.peer import Peer
from side_by_side.peers.pypiron import Pypiron
from side_by_side.peers.pypiserver import Pypiserver
from side_by_side.peers.wheelyard import Wheelyard
from side_by_side.reads import READS
from side_by_side.writes import WRITES

PEERS: list[Peer] = [Wheelyard(), Pypiron(), Nginx(), Pypiserver(), Devpi()]

# The start comes first and memory last: in between the processes live on.
MEASUREMENTS: list[Measurement] = [*START, *READS, *WRITES, *BUSY, *INSTALLS, *MEMORY]
