"""What the errors of the library mean for a message that was to be sent, changed or deleted."""

from datetime import timedelta

import httpx
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.publishing.outcomes import Refused, Unknown

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_NO_RIGHT = (
    "chat not found",
    "not enough rights",
    "need administrator rights",
    "have no rights",
    "chat_write_forbidden",
    "chat_admin_required",
    "channel_private",
)
_TOO_LARGE = "too large"
_LONGEST_DETAIL = 200


def ending_of(error: TelegramError, secret: str) -> Refused | Unknown:
    """How a call ended. What the error says is told without the bot's secret."""
    detail = " ".join(error.message.split()).replace(secret, "***")[:_LONGEST_DETAIL]
    if isinstance(error, RetryAfter):
        return Refused("429", permanent=False, detail=detail, retry_after=_rest(error), halts=True)
    if isinstance(error, InvalidToken):
        return Refused("401", permanent=False, detail=detail, reauthorise=True, halts=True)
    if isinstance(error, Forbidden):
        return Refused("403", permanent=False, detail=detail, reauthorise=True, halts=True)
    if isinstance(error, ChatMigrated):
        return Refused("migrated", permanent=True, detail=detail)
    if isinstance(error, BadRequest):
        no_right = any(words in detail.lower() for words in _NO_RIGHT)
        return Refused("400", permanent=not no_right, detail=detail, reauthorise=no_right, halts=no_right)
    return _network(error, detail)


def _network(error: TelegramError, detail: str) -> Refused | Unknown:
    """A call that did not come through, or to which Telegram gave no answer that means anything."""
    if isinstance(error.__cause__, _NOT_SENT):
        return Refused("unreachable", permanent=False, detail=type(error.__cause__).__name__)
    if isinstance(error, NetworkError) and error.__cause__ is None and _TOO_LARGE in detail.lower():
        return Refused("413", permanent=True, detail=detail)
    return Unknown("no_answer", type(error.__cause__ or error).__name__)


def _rest(error: RetryAfter) -> timedelta:
    rest = error.retry_after
    return rest if isinstance(rest, timedelta) else timedelta(seconds=rest)
