"""Neutral notices to workers: a template message (模板消息) or a subscribed one (订阅通知), as the account is allowed.

Both say that there is news and that the receipt shows it, in the fields of a template that the operator has chosen;
no number, no state and nothing that was said.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.templates import NOBODY, NOT_GRANTED, SUBSCRIPTION_SEND, Template
from bot.clock import SHANGHAI
from bot.complaints.worker.reaching import SUBSCRIPTION, TEMPLATE
from bot.errors import OutcomeUnknown, RecipientGone, VendorError
from bot.wording import Wording

TEMPLATE_SEND = "/cgi-bin/message/template/send"
_GONE = NOBODY | NOT_GRANTED


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeTemplate(Template):
    """The account's template. kind: template or subscribe; page: where the receipt is asked for, empty for none."""

    kind: str


class WeChatNotices:
    """Sends notices to followers."""

    def __init__(self, api: WeChatApi, template: NoticeTemplate, wording: Wording) -> None:
        self._api = api
        self._template = template
        self._wording = wording

    @property
    def grant(self) -> str:
        """The kind of grant that such a notice needs."""
        return TEMPLATE if self._template.kind == "template" else SUBSCRIPTION

    @property
    def once(self) -> bool:
        """Whether a grant is good for one notice only."""
        return self.grant == SUBSCRIPTION and not self._template.lasting

    async def send(self, address: str, kind: str, *, key: str, now: datetime) -> None:
        """Say that there is news of this kind. Raises VendorError, RecipientGone, OutcomeUnknown."""
        path = TEMPLATE_SEND if self._template.kind == "template" else SUBSCRIPTION_SEND
        try:
            await self._api.call(path, render_notice(self._template, self._wording, address, kind, key=key, now=now))
        except OutcomeUnknown:
            raise
        except VendorError as error:
            if error.code in _GONE:
                raise RecipientGone(error.code, path) from None
            # a template that was taken away, a right, an address not on WeChat's list: the operator can mend it
            raise VendorError(error.code, path) from None


def render_notice(  # noqa: PLR0913 - what a notice is made of, the last two named
    template: NoticeTemplate, wording: Wording, address: str, kind: str, *, key: str, now: datetime
) -> dict[str, object]:
    """The notice as WeChat takes it."""
    here = now.astimezone(SHANGHAI)
    words = f"notices.worker.{kind}" if wording.has(f"notices.worker.{kind}") else "notices.worker.news"
    date = wording("notices.worker.date", year=here.year, month=here.month, day=here.day)
    values = {
        "words": wording(words),
        "date": date,
        "time": wording("notices.worker.time", date=date, hour=f"{here.hour:02}", minute=f"{here.minute:02}"),
    }
    notice = template.fill(address, values)
    if template.kind == "template":
        notice["client_msg_id"] = key  # WeChat sends the same one once within ten minutes
        return notice | ({"url": template.page} if template.page else {})
    return notice | ({"page": template.page} if template.page else {})
