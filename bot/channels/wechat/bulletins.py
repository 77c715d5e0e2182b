"""Bulletins to followers who have subscribed: one subscription notice (一次性订阅通知) uses up one grant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.notices import LONGEST_WORDS, SUBSCRIPTION_SEND
from bot.clock import SHANGHAI, Clock
from bot.errors import OutcomeUnknown, VendorError
from bot.subscriptions.pacing import Rate
from bot.subscriptions.ports import SENT, Bulletin, Ended, Ending
from bot.subscriptions.subscribers import WECHAT

PER_SECOND = 10.0
_REST = timedelta(minutes=5)
_NOBODY = frozenset({"40003", "43004"})
"""No such follower any more."""

_ABOUT_ONE = frozenset({"43101", "43019", "47003"})
"""Refused or used up; a field that does not fit. The rest is the account's: the operator can mend it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BulletinTemplate:
    """The account's template. fields: by name of the field title, time or federation. page: where all posts are."""

    id: str
    fields: Mapping[str, str]
    federation: str
    page: str = ""
    lasting: bool = field(default=False)


class WeChatBulletins:
    """Sends subscription notices."""

    channel = WECHAT
    rate = Rate(PER_SECOND, timedelta(seconds=1))

    def __init__(self, api: WeChatApi, template: BulletinTemplate, clock: Clock) -> None:
        self._api = api
        self._template = template
        self._clock = clock

    @property
    def granted(self) -> bool:
        """Whether each notice uses up a grant."""
        return not self._template.lasting

    async def send(self, address: str, bulletin: Bulletin, *, key: str) -> Ending:
        """Send it once."""
        notice = render_notice(self._template, address, bulletin, self._clock.now())
        try:
            await self._api.call(SUBSCRIPTION_SEND, notice)
        except OutcomeUnknown as error:
            return Ending(Ended.UNKNOWN, error.code)
        except VendorError as error:
            if error.code in _NOBODY:
                return Ending(Ended.GONE, error.code)
            if error.code in _ABOUT_ONE or error.permanent:
                return Ending(Ended.REFUSED, error.code)
            return Ending(Ended.PUT_OFF, error.code, _REST, halts=True)
        return SENT


def render_notice(template: BulletinTemplate, address: str, bulletin: Bulletin, now: datetime) -> dict[str, object]:
    """The notice as WeChat takes it: of one post its title, of several what the digest is called."""
    (title, page) = (bulletin.subject, template.page)
    if len(bulletin.items) == 1:
        title, page = bulletin.items[0].title, bulletin.items[0].page
    values = {
        "title": title[:LONGEST_WORDS],
        "time": f"{now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
        "federation": template.federation[:LONGEST_WORDS],
    }
    notice: dict[str, object] = {
        "touser": address,
        "template_id": template.id,
        "data": {name: {"value": values[what]} for name, what in template.fields.items()},
    }
    return notice | ({"page": page} if page else {})
