"""Publishing: the shipped posts and lists, who can agree to a post, and whether each channel can be used."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bot.clock import SHANGHAI
from bot.errors import ContentError
from bot.ops.doctor.findings import Finding, fault, note, ok, warning
from bot.publishing.channel_status import WARN_AT_SHARE
from bot.publishing.lexicon import load_sensitive
from bot.publishing.ports import ChannelHealth, HealthState
from bot.publishing.post_files import read_posts
from bot.roles import Role
from bot.settings import Settings

_MOST_SHOWN = 5
_STATES: Mapping[HealthState, str] = {
    HealthState.UNAUTHORISED: "要重新授权（工作台“渠道”页）",
    HealthState.NOT_GRANTED: "账号没有这项权限",
    HealthState.UNREACHABLE: "现在连不上",
    HealthState.FAULTY: "设置有误",
}


@dataclass(frozen=True, slots=True)
class PublishingFacts:
    """What was found. people: active accounts by role, None where nobody has looked. health: by channel."""

    people: Mapping[Role, int] | None = None
    health: Mapping[str, ChannelHealth] = field(default_factory=dict)


def check_publishing(settings: Settings, facts: PublishingFacts, now: datetime) -> Iterator[Finding]:
    """Everything about publishing."""
    yield from _content(settings.content_dir)
    yield from _approval(settings, facts.people)
    if not settings.publishing.enabled:
        yield note("publishing.enabled 是 false：可以写稿、审稿、排期，不对外发布")
    yield from _channels(settings)
    for channel, health in facts.health.items():
        yield from _health(channel, health, now)


def _content(content: Path) -> Iterator[Finding]:
    try:
        rules = load_sensitive(content / "lexicon" / "sensitive.yaml").rules
    except ContentError as error:
        yield from map(fault, error.faults)
    else:
        yield ok(f"敏感词表：{len(rules)} 类")
    folder = content / "explainers"
    files, faults = read_posts(folder)
    yield from (fault(text) for text in faults[:_MOST_SHOWN])
    if not faults:
        yield ok(f"{folder}：{len(files)} 篇解读都能读（gonghui posts check 逐篇核对）")


def _approval(settings: Settings, people: Mapping[Role, int] | None) -> Iterator[Finding]:
    if people is None:
        return
    for number, level in enumerate(settings.publishing.approval, 1):
        able = sum(people.get(Role(role), 0) for role in level.roles)
        if able == 0:
            yield warning(f"第 {number} 级审核（{level.name}）还没有人：要有 {'、'.join(level.roles)} 岗位的账号")
        elif able < number + ("publicist" in level.roles):
            yield warning(f"第 {number} 级审核（{level.name}）只有 {able} 人：作者和前面的审核人不能再审，容易没人可审")


def _channels(settings: Settings) -> Iterator[Finding]:
    channels = settings.publishing.channels
    enabled = channels.enabled()
    yield ok(f"启用的渠道：{'、'.join(enabled)}") if enabled else warning("没有启用任何发布渠道")
    if enabled and settings.web.base_url is None:
        yield warning("web.base_url 没有设置：发出去的稿件没有网页可以链接")
    if channels.weibo.enabled and channels.weibo.unattended:
        yield warning(
            "publishing.channels.weibo.unattended 是 true：微博的规则不许无人值守发布，账号、应用和本机地址可能被封"
        )
    if channels.wechat.enabled and channels.wechat.mode == "draft":
        yield note("微信公众号只写入草稿箱，要有人在公众平台上发布（publishing.channels.wechat.mode: draft）")


def _health(channel: str, health: ChannelHealth, now: datetime) -> Iterator[Finding]:
    detail = f"（{health.detail}）" if health.detail else ""
    if health.state is HealthState.READY:
        quota = "，".join(f"{name} {left}" for name, left in health.quota.items())
        yield ok(f"{channel}：可用{'，剩余 ' + quota if quota else ''}")
    elif health.state is HealthState.UNREACHABLE:
        yield warning(f"{channel}：{_STATES[health.state]}{detail}")
    else:
        yield fault(f"{channel}：{_STATES[health.state]}{detail}")
    yield from (warning(f"{channel}：{name} 用完了") for name, left in health.quota.items() if left <= 0)
    if health.expires_at is not None and _ends_soon(health.expires_at - now, health.lasts):
        day = health.expires_at.astimezone(SHANGHAI)
        yield warning(f"{channel}：授权 {day:%Y-%m-%d %H:%M} 到期，请提前在工作台重新授权")


def _ends_soon(left: timedelta, lasts: timedelta | None) -> bool:
    return left <= (lasts * WARN_AT_SHARE if lasts else timedelta(days=3))
