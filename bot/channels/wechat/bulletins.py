"""Bulletins to followers who have subscribed: one subscription notice (一次性订阅通知) uses up one grant."""

from datetime import datetime, timedelta

from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.templates import LONGEST_WORDS, NOBODY, NOT_GRANTED, SUBSCRIPTION_SEND, Template
from bot.clock import SHANGHAI, Clock
from bot.errors import OutcomeUnknown, VendorError
from bot.subscriptions.pacing import Rate
from bot.subscriptions.ports import SENT, Bulletin, Ended, Ending
from bot.subscriptions.subscribers import WECHAT

PER_SECOND = 10.0
_REST = timedelta(minutes=5)
_DOES_NOT_FIT = "47003"
"""A field that the template does not take: of that post only. The rest is the account's; the operator can mend it."""


class WeChatBulletins:
    """Sends subscription notices."""

    channel = WECHAT
    rate = Rate(PER_SECOND, timedelta(seconds=1))

    def __init__(self, api: WeChatApi, template: Template, clock: Clock) -> None:
        self._api = api
        self._template = template
        self._clock = clock

    @property
    def granted(self) -> bool:
        """Whether each notice uses up a grant."""
        return not self._template.lasting

    async def send(self, address: str, bulletin: Bulletin, *, key: str) -> Ending:
        """Send it once."""
        notice = render_bulletin(self._template, address, bulletin, self._clock.now())
        try:
            await self._api.call(SUBSCRIPTION_SEND, notice)
        except OutcomeUnknown as error:
            return Ending(Ended.UNKNOWN, error.code)
        except VendorError as error:
            if error.code in NOBODY:
                return Ending(Ended.GONE, error.code)
            if error.code in NOT_GRANTED:
                return Ending(Ended.NO_GRANT, error.code)
            if error.code == _DOES_NOT_FIT or error.permanent:
                return Ending(Ended.REFUSED, error.code)
            return Ending(Ended.PUT_OFF, error.code, _REST, halts=True)
        return SENT


def render_bulletin(template: Template, address: str, bulletin: Bulletin, now: datetime) -> dict[str, object]:
    """The notice as WeChat takes it: of one post its title, of several what the digest is called.

    The fields of the template hold title, time or federation; its page is where all posts are.
    """
    (title, page) = (bulletin.subject, template.page)
    if len(bulletin.items) == 1:
        title, page = bulletin.items[0].title, bulletin.items[0].page
    values = {
        "title": title[:LONGEST_WORDS],
        "time": f"{now.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
    }
    return template.fill(address, values) | ({"page": page} if page else {})
