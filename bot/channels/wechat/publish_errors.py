"""What WeChat's refusals mean for a delivery: surely not done, and worth a retry or not; or nobody knows."""

from datetime import datetime, time, timedelta

from bot.channels.wechat.api import NOT_GRANTED
from bot.clock import SHANGHAI
from bot.errors import OutcomeUnknown, VendorError
from bot.publishing.outcomes import Refused, Unknown
from bot.publishing.ports import HealthState

NO_SUCH_MEDIA = "40007"
"""The draft or the picture is not there: published, deleted, or never was."""

NO_SUCH_ARTICLE = "53600"
SENT_BEFORE = "45065"
"""A message with this clientmsgid has been sent; the answer names it."""

SENT_JUST_NOW = "45066"
"""The same clientmsgid again too soon: the first one may be on its way."""

BUSY = "-1"
DAILY_QUOTA = "45009"
NOT_ALLOWED = frozenset({NOT_GRANTED, "48002", "48004", "53500"})
"""The account has not the right, or has lost it."""

CREDENTIALS = frozenset({"40001", "40013", "40014", "40125", "40164", "40243", "41002", "41004", "42001"})
"""AppID, AppSecret or the list of our addresses in WeChat's console is wrong: only the operator can mend that."""

RESTS = {BUSY: timedelta(minutes=1), "45011": timedelta(minutes=1), "53501": timedelta(minutes=30)}
"""Busy, too many calls in a minute, published too often: how long to wait."""

_HALTS = frozenset({"45011", "53501", DAILY_QUOTA})
_AWAY = frozenset({"unreachable", "no_answer", "bad_answer"})
_TOKEN_PATH = "/cgi-bin/stable_token"  # noqa: S105 - a path, not a secret
_LONGEST_DETAIL = 400


def surely_not(error: VendorError, now: datetime) -> Refused:
    """What that means where nothing was asked that anybody could see."""
    code = error.code
    permanent = error.permanent and code not in CREDENTIALS and code not in RESTS and code != DAILY_QUOTA
    return Refused(
        code=code,
        permanent=permanent,
        detail=detail(error),
        retry_after=_until_midnight(now) if code == DAILY_QUOTA else RESTS.get(code),
        reauthorise=code in CREDENTIALS,
        halts=code in _HALTS,
    )


def of_public_call(error: VendorError, now: datetime) -> Refused | Unknown:
    """What that means of the call that makes it public: what WeChat did not say clearly is unknown."""
    vague = error.code in (BUSY, SENT_JUST_NOW) or error.code.startswith("http_5")
    # the token is fetched before the call: without one nothing was asked
    if isinstance(error, OutcomeUnknown) or (vague and _TOKEN_PATH not in str(error)):
        return Unknown(error.code, detail(error))
    return surely_not(error, now)


def detail(error: VendorError) -> str:
    """What WeChat said, as the delivery's log shows it."""
    return str(error)[:_LONGEST_DETAIL]


def state_after(error: VendorError) -> HealthState:
    """How the channel is when a harmless call ended like that."""
    if error.code in CREDENTIALS:
        return HealthState.UNAUTHORISED
    if error.code in NOT_ALLOWED:
        return HealthState.NOT_GRANTED
    if isinstance(error, OutcomeUnknown) or error.code in _AWAY or error.code.startswith("http_5"):
        return HealthState.UNREACHABLE
    return HealthState.FAULTY


def _until_midnight(now: datetime) -> timedelta:
    here = now.astimezone(SHANGHAI)
    midnight = datetime.combine(here.date() + timedelta(days=1), time(), SHANGHAI)
    return midnight - here
