"""What Weibo's error codes mean for a post that was to be shared. Pure: one table."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bot.publishing.outcomes import Awaited, Outcome, Refused, Unknown, Waiting

REAUTHORISE = frozenset({21314, 21315, 21316, 21317, 21318, 21319, 21327, 21332, 20033})
"""The token is used up, expired, revoked or refused; or Weibo wants the account to sign in again."""

REPEATED = frozenset({20017, 20019, 20111})
"""Something similar or the same is there already: perhaps what an earlier attempt of ours has posted."""

_HOUR = timedelta(hours=1)
_AGAIN = Refused("", permanent=False, reauthorise=True, halts=True)
_LIMITED = Refused("", permanent=False, retry_after=_HOUR, halts=True)
_FAILED = Unknown("")  # Weibo's own system failed, and nobody says at which step

TABLE: Mapping[int, Refused | Unknown | Waiting] = {
    10001: _FAILED,
    10002: _FAILED,
    10003: _FAILED,
    10010: _FAILED,
    10009: Refused("", permanent=False, retry_after=timedelta(minutes=5)),  # too many tasks wait: it was not begun
    10022: _LIMITED,  # calls from our address
    10023: _LIMITED,  # calls in the account's name
    10024: _LIMITED,  # this call in the account's name
    20016: _LIMITED,  # posts: 30 an hour
    20017: Refused("", permanent=False, retry_after=timedelta(minutes=30)),  # similar to what was just sent
    20031: Refused("", permanent=True, retry_after=_HOUR, halts=True),  # it wants to see a person at the account
    20032: Waiting(Awaited.PLATFORM),  # taken; it will be seen later
    **dict.fromkeys(REAUTHORISE, _AGAIN),
}
"""Any other code by which Weibo refuses is final: 10017 no page under the safe domain, 20012 too long, 20019 ..."""


def outcome_of(code: int, detail: str) -> Outcome:
    """How a share ended that was answered with this code."""
    known: Refused | Unknown | Waiting = TABLE.get(code, Refused("", permanent=True))
    return replace(known, code=str(code), detail=detail)
