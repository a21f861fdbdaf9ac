"""Whether a standby has replayed all that it has received, and so knows every commit.

Mostly its two positions say so. But a primary sends its log by pages too: when it dies, the last
page may end in the middle of a record, which no standby ever replays. Nobody was told of a commit
in there, as that record would be whole. So it is enough to see that the process which replays has
nothing to do: that it waited for more, and waits again after it must have looked once more, having
replayed and received nothing in between.
"""

import asyncio
import time
from typing import Any, NamedTuple

_PAUSE_SECONDS = 0.02

_RUN_SECONDS = 2.0
"""Within this time a process that has something to do is run, however busy its machine is."""

# What a process waits for is asked first: it must not get on between that and the positions.
# Without the right to see it (pg_read_all_stats) it is null.
_REPLAY = """
    SELECT pg_is_in_recovery() AS is_standby,
        wait_event IN ('RecoveryWalStream', 'RecoveryRetrieveRetryInterval') AS is_waiting,
        pid, backend_start,
        pg_last_wal_replay_lsn()::text AS replayed,
        pg_last_wal_receive_lsn()::text AS received,
        pg_last_wal_replay_lsn() >= coalesce($1::text::pg_lsn, pg_last_wal_receive_lsn())
            AS is_replayed,
        extract(epoch FROM current_setting('wal_retrieve_retry_interval')::interval)::float8
            AS retry_seconds
    FROM (SELECT) AS here LEFT JOIN pg_stat_activity ON backend_type = 'startup'
"""


class _Wait(NamedTuple):
    """What was replayed and received when a standby was seen to wait, and when that was."""

    replayed: str
    received: str
    at: float


class Replay:
    """What has been seen of standbys until now."""

    def __init__(self) -> None:
        self._waits: dict[tuple[Any, Any], _Wait] = {}

    async def catches_up(self, standby: Any, until: float) -> bool:
        """Tell whether a standby has replayed what it has received by now; wait for that.

        What it is asked after this is answered with all of that. until: when to wait no longer,
        of `time.monotonic`. Raises OSError when it is no standby any more, or was started after
        its primary had gone.
        """
        wanted: str | None = None
        while True:
            asked_at = time.monotonic()
            seen = await standby.fetchrow(_REPLAY, wanted)
            if not seen["is_standby"] or seen["received"] is None:
                raise ConnectionError("it does not follow anybody")
            if seen["is_replayed"] or (seen["is_waiting"] and self._has_looked(seen, asked_at)):
                return True
            if time.monotonic() > until:
                return False
            wanted = wanted or seen["received"]
            await asyncio.sleep(_PAUSE_SECONDS)

    def _has_looked(self, seen: Any, asked_at: float) -> bool:
        """Tell whether one that waits has looked for more since it was seen to wait like this."""
        process = seen["pid"], seen["backend_start"]
        positions = seen["replayed"], seen["received"]
        before = self._waits.get(process)
        if before is None or before[:2] != positions:
            self._waits[process] = _Wait(*positions, time.monotonic())
            return False
        return asked_at - before.at > float(seen["retry_seconds"]) + _RUN_SECONDS
