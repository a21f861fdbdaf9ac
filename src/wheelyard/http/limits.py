"""Limits on failed authentication: who sends too many wrong secrets is told to wait (429).

Only wrong secrets count; a request without one, or with the token of somebody who may not do
this, does not. Each worker process counts for itself, in bounded memory, so a server of several
workers lets that many times as much through.

Tokens are random and long: there is nothing to guess, and one mistaken program must not shut out
its neighbours behind the same address. So a right token always passes, and the limit only keeps
the noise down. Passwords are chosen by people: past the limit they are not even looked at, but
nobody is refused for what others did from other addresses.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from math import ceil

from wheelyard.domain.errors import Reason, Refused

WINDOW_SECONDS = 60
MAX_WRONG_SECRETS = 30
"""How many different wrong secrets one address, or one account, may send in a window."""
MAX_WRONG_REQUESTS = 300
"""How often one address may send wrong tokens: a forgotten one in a configuration is repeated."""
MAX_REMEMBERED = 50_000

_IPV6_SITE_BITS = 64  # what one subscriber has: single IPv6 addresses are free


class RecentFailures:
    """Failures of the last window by key; past `capacity` in all, the oldest keys are forgotten."""

    def __init__(self, per_key: int, capacity: int = MAX_REMEMBERED) -> None:
        self._per_key = per_key
        self._capacity = capacity
        self._by_key: OrderedDict[str, deque[tuple[float, int]]] = OrderedDict()
        self._remembered = 0

    def __len__(self) -> int:
        """Return how many failures are remembered, some of them perhaps too old to count."""
        return self._remembered

    def add(self, key: str, secret: str, at: float) -> None:
        """Remember that `secret` was wrong; it is kept as a hash of this process."""
        failures = self._by_key.setdefault(key, deque())
        self._by_key.move_to_end(key)
        self._forget_old(failures, at)
        if len(failures) == self._per_key:
            failures.popleft()
            self._remembered -= 1
        failures.append((at, hash(secret)))
        self._remembered += 1
        while self._remembered > self._capacity:
            self._remembered -= len(self._by_key.popitem(last=False)[1])

    def of(self, key: str, at: float) -> deque[tuple[float, int]]:
        """Return moment and hash of each failure of `key` that counts at the moment `at`."""
        failures = self._by_key.get(key)
        if failures is None:
            return deque()
        self._forget_old(failures, at)
        if not failures:
            del self._by_key[key]
        return failures

    def _forget_old(self, failures: deque[tuple[float, int]], at: float) -> None:
        while failures and failures[0][0] <= at - WINDOW_SECONDS:
            failures.popleft()
            self._remembered -= 1


class Limits:
    """The failures that one process has seen. `clock` returns seconds, from any start."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tokens = RecentFailures(MAX_WRONG_REQUESTS)
        self._passwords = RecentFailures(MAX_WRONG_SECRETS)

    def token_failed(self, address: str, secret: str) -> Refused | None:
        """Count a wrong token; return the refusal (too many requests) when it is one too many."""
        now, key = self._clock(), _site(address)
        failures = self._tokens.of(key, now)
        is_over = (
            len(failures) >= MAX_WRONG_REQUESTS
            or len({fingerprint for _, fingerprint in failures}) >= MAX_WRONG_SECRETS
        )
        refusal = _refusal(failures, now) if is_over else None
        self._tokens.add(key, secret, now)
        return refusal

    def check_sign_in(self, address: str, username: str) -> None:
        """Refuse (too many requests) to look at a password; call it before that is verified.

        An address is refused past its own limit. Past the limit of the account, from wherever
        it was reached, only those addresses are that sent a wrong password for it themselves.
        """
        now, site = self._clock(), _site(address)
        account, pair = _account(username), _pair(site, username)
        for key in (f"address {site}", account):
            failures = self._passwords.of(key, now)
            if len(failures) >= MAX_WRONG_SECRETS and (
                key != account or self._passwords.of(pair, now)
            ):
                raise _refusal(failures, now)

    def sign_in_failed(self, address: str, username: str, password: str) -> None:
        """Count a wrong password (or any password for an account that does not exist)."""
        now, site = self._clock(), _site(address)
        for key in (f"address {site}", _account(username), _pair(site, username)):
            self._passwords.add(key, password, now)


def _account(username: str) -> str:
    return f"account {username.lower()}"


def _pair(site: str, username: str) -> str:
    return f"pair {site} {username.lower()}"


def _site(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return f"{int(parsed) >> (128 - _IPV6_SITE_BITS):x}/{_IPV6_SITE_BITS}"
    return address


def _refusal(failures: deque[tuple[float, int]], now: float) -> Refused:
    wait_seconds = max(1, ceil(failures[0][0] + WINDOW_SECONDS - now))
    return Refused(
        Reason.TOO_MANY_REQUESTS,
        f"Too many wrong passwords or tokens came from here. Try again in {wait_seconds} seconds.",
        retry_after_seconds=wait_seconds,
    )
