"""The section `subscriptions` of `config.yaml`: telling people who asked for it of new posts."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StringConstraints

from bot.section import Section

if TYPE_CHECKING:
    from bot.settings import Environment, Settings

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class WeChatBulletin(Section):
    """The template of a subscription notice (订阅通知) that tells of posts; without its id there is none."""

    template_id: str = Field(default="", description="id of that template in the WeChat console; empty: none")
    fields: dict[
        Annotated[str, StringConstraints(pattern=r"^[a-z_]{2,24}[0-9]{0,3}$")], Literal["title", "time", "federation"]
    ] = Field(default_factory=dict, description="what stands in each field of the template, e.g. {thing1: title}")
    lasting: bool = Field(default=False, description="a subscription is good for ever (长期订阅), not for one notice")
    page: str = Field(
        default="",
        pattern=r"^(https://mp\.weixin\.qq\.com/\S+)?$",
        description="article of the account in which people agree to such a notice",
    )


class Subscriptions(Section):
    """Who has subscribed is told of each post at once, or of all posts of a week."""

    enabled: bool = Field(default=True, description="take subscriptions and send; false: neither")
    digest_day: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = Field(
        default="friday", description="day on which the digest of the week goes out"
    )
    digest_hour: int = Field(default=10, ge=0, le=23, description="from this hour (China) it goes out")
    email: bool = Field(
        default=False, description="people may subscribe by mail at /subscribe; goes through notices.mail"
    )
    mails_per_minute: int = Field(default=60, ge=1, le=3000, description="what the mail server takes from us")
    wechat: WeChatBulletin = Field(default_factory=WeChatBulletin)

    @property
    def weekday(self) -> int:
        """The day of the digest; Monday is 0."""
        return WEEKDAYS.index(self.digest_day)


def subscription_faults(path: Path, settings: "Settings", environment: "Environment") -> Iterator[str]:
    """What does not fit together."""
    subscriptions, place = settings.subscriptions, f"{path}: subscriptions"
    if not subscriptions.enabled:
        return
    if subscriptions.email and not settings.notices.mail.host:
        yield f"{place}.email: 要先填写 notices.mail.host"
    if subscriptions.email and not settings.web.base_url:
        yield f"{place}.email: 要先填写 web.base_url，确认和退订的链接要用"
    if subscriptions.wechat.template_id:
        yield from _wechat_faults(place, settings, environment)


def _wechat_faults(place: str, settings: "Settings", environment: "Environment") -> Iterator[str]:
    wechat = settings.subscriptions.wechat
    if "title" not in wechat.fields.values():
        yield f"{place}.wechat.fields: 必须有一个字段是 title，例如 {{thing1: title}}"
    if not wechat.page:
        yield f"{place}.wechat.page: 填了 template_id 时必须填写"
    if not settings.wechat.enabled:
        yield f"{place}.wechat.template_id: 要先启用微信（wechat.enabled: true）"
    elif not environment.get("GONGHUI_WECHAT_SECRET"):
        yield "GONGHUI_WECHAT_SECRET: subscriptions.wechat.template_id 填写时必须设置"
