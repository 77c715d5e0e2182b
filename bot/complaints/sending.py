"""What may come of sending a notice, and when it is tried again. The sending itself is a channel's."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from bot.errors import OutcomeUnknown, RecipientGone, VendorError
from bot.metrics import Metrics

log = structlog.get_logger(__name__)

PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))
"""After so many failures it is given up."""


class Result(StrEnum):
    """What came of it."""

    SENT = "sent"
    PUT_OFF = "put_off"  # refused or not reached, and tried again
    FAILED = "failed"  # refused for good, or too often
    GONE = "gone"  # whom it was for takes no such messages
    UNKNOWN = "unknown"  # it may have been sent


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt. error: the code of what was wrong; retry_at: when it is tried again."""

    result: Result
    error: str = ""
    retry_at: datetime | None = None

    def after(self, attempts: int, now: datetime) -> "Outcome":
        """The same for a notice that was begun so often: when it is tried again, or that it is given up."""
        if self.result is not Result.PUT_OFF:
            return self
        if attempts > len(PAUSES):
            return Outcome(Result.FAILED, self.error)
        return Outcome(Result.PUT_OFF, self.error, now + PAUSES[attempts - 1])


async def attempt(sending: Awaitable[None]) -> Outcome:
    """What comes of this sending. Raises nothing that a platform says."""
    try:
        await sending
    except OutcomeUnknown as error:
        return Outcome(Result.UNKNOWN, error.code)
    except RecipientGone as error:
        return Outcome(Result.GONE, error.code)
    except VendorError as error:
        return Outcome(Result.FAILED if error.permanent else Result.PUT_OFF, error.code)
    return Outcome(Result.SENT)


def record(metrics: Metrics, road: str, id: str, outcome: str, cause: str) -> None:
    """Count and log what came of a notice; what it was about stands in neither."""
    metrics.notice(road, outcome)
    if outcome == Result.SENT:
        log.info("notice.sent", id=id, road=road)
    elif outcome == Result.PUT_OFF:
        log.warning("notice.put_off", id=id, road=road, cause=cause)
    else:
        log.error("notice.given_up", id=id, road=road, outcome=outcome, cause=cause)
