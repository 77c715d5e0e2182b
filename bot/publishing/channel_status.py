"""How a channel does, and when it rests: the circuit breaker as rules over values. Pure.

A channel rests after several failures in a row, longer each time; then one delivery is tried, and only its success
lets the others follow. What the platform itself asks for (a rate limit, a spent quota) is a rest without failures.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.publishing.ports import ChannelHealth, HealthState

FAILURES_BEFORE_REST = 4
FIRST_REST = timedelta(minutes=2)
LONGEST_REST = timedelta(hours=1)
NEWS_AFTER = timedelta(minutes=1)
WARN_AT_SHARE = 0.2
"""Of the life of an authorisation: when so little is left, staff are told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelStatus:
    """One channel. failures: in a row. lasts: how long an authorisation lives, to say what share of it is left."""

    channel: str
    paused: bool = False
    failures: int = 0
    rests_until: datetime | None = None
    state: HealthState = HealthState.READY
    detail: str = ""
    checked_at: datetime | None = None
    expires_at: datetime | None = None
    lasts: timedelta | None = None
    quota: Mapping[str, int] = field(default_factory=dict)
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether anything may be sent now."""
        rests = self.rests_until is not None and self.rests_until > now
        return not self.paused and not rests and self.state is not HealthState.UNAUTHORISED

    @property
    def is_on_trial(self) -> bool:
        """Whether it has just rested after failures: one delivery shows whether it works again."""
        return self.failures >= FAILURES_BEFORE_REST

    def expires_soon(self, now: datetime) -> bool:
        """Whether no more than a fifth of the life of its authorisation is left."""
        if self.expires_at is None or not self.lasts:
            return False
        return self.expires_at - now <= self.lasts * WARN_AT_SHARE

    def is_known_to_work(self, now: datetime) -> bool:
        """Whether another success says nothing new."""
        quiet = not self.failures and self.rests_until is None and self.state is HealthState.READY
        return quiet and self.last_success_at is not None and now - self.last_success_at < NEWS_AFTER

    def succeeded(self, now: datetime) -> "ChannelStatus":
        """After the platform took something."""
        return replace(self, failures=0, rests_until=None, last_success_at=now, state=HealthState.READY, detail="")

    def failed(self, now: datetime, detail: str) -> "ChannelStatus":
        """After the platform could not be reached, or did not know what it did."""
        failures = self.failures + 1
        over = failures - FAILURES_BEFORE_REST
        rest = now + min(FIRST_REST * 2 ** min(over, 10), LONGEST_REST) if over >= 0 else self.rests_until
        return replace(self, failures=failures, rests_until=rest, last_failure_at=now, detail=detail)

    def told_to_rest(self, now: datetime, until: datetime, detail: str) -> "ChannelStatus":
        """After the platform asked for a rest. An earlier and longer one stays."""
        longest = max(until, self.rests_until) if self.rests_until else until
        return replace(self, rests_until=longest, last_failure_at=now, detail=detail)

    def unauthorised(self, now: datetime, detail: str) -> "ChannelStatus":
        """After the platform did not know us any more: everything waits until somebody authorises it again."""
        return replace(self, state=HealthState.UNAUTHORISED, last_failure_at=now, detail=detail)

    def examined(self, health: ChannelHealth, now: datetime) -> "ChannelStatus":
        """With what the platform says of our credentials."""
        return replace(
            self,
            state=health.state,
            detail=health.detail,
            checked_at=now,
            expires_at=health.expires_at,
            lasts=health.lasts,
            quota=dict(health.quota),
        )
