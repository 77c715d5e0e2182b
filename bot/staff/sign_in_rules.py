"""The rules of signing in: how long to wait after failures, how long a session holds, from where one may come.

Pure. The wait grows with every failure of an account and ends in a lock for a while, never for good: whoever
guesses passwords must not be able to shut somebody out for longer than that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from bot.roles import Role
from bot.staff.members import Credentials, StaffSession, Stage

FREE_FAILURES = 3
"""So many failures cost no wait: people mistype."""

STAGE_FOR = timedelta(minutes=10)
"""Who has given the password has so long for what comes next."""

FORGIVEN_AFTER = timedelta(hours=24)
"""Failures older than that no longer count."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignInRules:
    """What an installation wants.

    totp_for: the roles that need a one-time code. source_attempts: tries in an hour from one address, whatever
    the account. networks: where the console may be used from; none given means from everywhere.
    """

    totp_for: frozenset[Role] = frozenset(Role)
    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=10)
    lock_after: int = 10
    lock_for: timedelta = timedelta(minutes=15)
    source_attempts: int = 60
    networks: tuple[str, ...] = ()
    password_length: int = 10

    def admits(self, source: str) -> bool:
        """Whether the console may be used from that address. What is no address is admitted only without limits."""
        if not self.networks:
            return True
        try:
            address = ip_address(source)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None) or address
        return any(mapped in ip_network(network, strict=False) for network in self.networks)

    def wait_after(self, failures: int) -> timedelta:
        """How long an account waits after so many failures in a row."""
        if failures >= self.lock_after:
            return self.lock_for
        if failures <= FREE_FAILURES:
            return timedelta(0)
        return min(timedelta(seconds=2 ** min(failures - FREE_FAILURES, 20)), self.lock_for)

    def next_stage(self, role: Role, credentials: Credentials, *, proved: bool) -> Stage:
        """What is still to be done before anything opens; `proved`: the one-time code was given."""
        if credentials.totp is not None and not proved:
            return Stage.TOTP
        if credentials.must_change:
            return Stage.CHANGE
        if credentials.totp is None and role in self.totp_for:
            return Stage.ENROLL
        return Stage.FULL

    def is_over(self, session: StaffSession, now: datetime) -> bool:
        """Whether the time of the session has come."""
        whole, idle = (self.absolute, self.idle) if session.stage is Stage.FULL else (STAGE_FOR, STAGE_FOR)
        return now - session.began_at >= whole or now - session.seen_at >= idle


@dataclass(frozen=True, slots=True)
class Tries:
    """The failures of one account in a row; `until` is when the wait after the last one ends."""

    failures: int = 0
    until: datetime | None = None

    def seconds_left(self, now: datetime) -> int:
        """How long to wait still."""
        return 0 if self.until is None or self.until <= now else -int((now - self.until).total_seconds() // 1)

    def one_more(self, rules: SignInRules, now: datetime) -> "Tries":
        """One more try, counted as a failure until it is known to be none."""
        forgiven = self.until is not None and now - self.until >= FORGIVEN_AFTER
        failures = 1 if forgiven else self.failures + 1
        return Tries(failures, now + rules.wait_after(failures))

    def one_less(self, now: datetime) -> "Tries":
        """The last try was none of the failures."""
        return Tries(max(self.failures - 1, 0), now)


def parse_networks(texts: Sequence[str]) -> tuple[str, ...]:
    """Networks in their usual form. Raises ValueError."""
    return tuple(str(ip_network(text.strip(), strict=False)) for text in texts)
