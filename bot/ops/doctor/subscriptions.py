"""Subscriptions: who is told of new posts, whether that can be done, and what nobody has looked at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.ops.doctor.findings import Finding, fault, note, ok, warning
from bot.settings import Settings
from bot.subscriptions.issues import LATEST
from bot.subscriptions.links import CONFIRM_WITHIN
from bot.subscriptions.subscribers import CHANNELS, EMAIL, TELEGRAM, WECHAT, SubscriberState

_NAMES: Mapping[str, str] = {TELEGRAM: "Telegram", EMAIL: "邮件", WECHAT: "微信"}
_MINUTES = int(LATEST.total_seconds()) // 60


@dataclass(frozen=True, slots=True)
class SubscriptionFacts:
    """What the database says. counts: by channel and state; None where nobody could look.

    unconfirmed: addresses that were not confirmed in time; letters: that have been due for an hour; granted: followers
    in WeChat with a notice left; unseen: deliveries of which nobody knows, and that no staff has looked at.
    """

    counts: Mapping[tuple[str, SubscriberState], int] | None = None
    unconfirmed: int = 0
    letters: int = 0
    granted: int = 0
    unseen: int = 0
    able: frozenset[str] = field(default_factory=frozenset)

    def active(self, channel: str) -> int:
        """How many are subscribed on the channel."""
        return (self.counts or {}).get((channel, SubscriberState.ACTIVE), 0)


def check_subscriptions(settings: Settings, facts: SubscriptionFacts) -> Iterator[Finding]:
    """Everything about subscriptions. able: the channels by which bulletins can be sent here."""
    subscriptions = settings.subscriptions
    if not subscriptions.enabled:
        yield note("subscriptions.enabled 是 false：不收订阅，也不群发")
    elif facts.able and not settings.publishing.channels.site.enabled:
        yield warning("publishing.channels.site.enabled 是 false：群发讲的是网站上的新稿件，这样永远没有可发的")
    yield from _mail(settings, facts)
    if facts.counts is not None:
        yield from _followers(settings, facts)
        yield from _waiting(facts)


def _followers(settings: Settings, facts: SubscriptionFacts) -> Iterator[Finding]:
    yield ok("在订：" + "，".join(f"{_NAMES[channel]} {facts.active(channel):,}" for channel in CHANNELS))
    for channel in CHANNELS:
        if facts.active(channel) and channel not in facts.able:
            yield warning(f"{_NAMES[channel]}有 {facts.active(channel):,} 人在订，现在没有办法发：{_WHY[channel]}")
    if facts.granted and not settings.subscriptions.wechat.template_id:
        yield warning(f"微信有 {facts.granted:,} 人同意过接收通知，但没有 subscriptions.wechat.template_id：他们收不到")


def _waiting(facts: SubscriptionFacts) -> Iterator[Finding]:
    if facts.unconfirmed:
        yield note(f"{facts.unconfirmed:,} 个邮箱 {CONFIRM_WITHIN.days} 天内没有确认；满三十天自动删除")
    if facts.letters:
        yield warning(f"{facts.letters:,} 封确认邮件一个多小时还没有发出去：请看服务是否在运行、邮件服务器是否可用")
    if facts.unseen:
        yield warning(f"群发有 {facts.unseen:,} 条结果不明，还没有人看过：请到工作台“订阅与群发”页看")


_WHY: Mapping[str, str] = {
    TELEGRAM: "没有 GONGHUI_TELEGRAM_TOKEN，或 telegram.enabled 是 false",
    EMAIL: "subscriptions.email 是 false",
    WECHAT: "没有 subscriptions.wechat.template_id",
}


def _mail(settings: Settings, facts: SubscriptionFacts) -> Iterator[Finding]:
    subscriptions = settings.subscriptions
    if not subscriptions.enabled or not subscriptions.email:
        return
    missing = [
        name
        for name, value in (("notices.mail.host", settings.notices.mail.host), ("web.base_url", settings.web.base_url))
        if not value
    ]
    if missing:
        yield fault(f"subscriptions.email 是 true，但没有 {'、'.join(missing)}：确认邮件和群发都发不出去")
    if facts.active(EMAIL) > subscriptions.mails_per_minute * _MINUTES:
        yield warning(
            f"每分钟 {subscriptions.mails_per_minute} 封，一天发不完 {facts.active(EMAIL):,} 封，没发完的就不发了："
            "请调高 subscriptions.mails_per_minute"
        )
