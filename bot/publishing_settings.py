"""The section `publishing` of `config.yaml`: who agrees, when it is too late, by which channels it goes.

What is secret comes from the environment.
"""

import re
from collections import Counter
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from bot.section import Section

_CHANNEL_ID = r"^[a-z][a-z0-9]{1,14}$"
_DOMAIN = re.compile(r"([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_CHAT = re.compile(r"@[A-Za-z][A-Za-z0-9_]{3,31}|-100[0-9]{5,13}")
_RESERVED = "file"
"""No id of a webhook: GONGHUI_WEBHOOK_SECRET_FILE means something else."""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if url and (
        parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/") or parts.query
    ):
        raise ValueError("必须是不带路径的网址，例如 https://social.example.org")
    return url.rstrip("/")


def _domain(name: str) -> str:
    if name and not _DOMAIN.fullmatch(name):
        raise ValueError("必须是域名，不带 https:// 和路径，例如 example.org")
    return name.lower()


def _public_address(text: str) -> str:
    try:
        if not text or ip_address(text).is_global:
            return text
    except ValueError:
        pass
    raise ValueError("必须是公网 IP 地址，不能是内网地址")


def _chat(name: str) -> str:
    if name and not _CHAT.fullmatch(name):
        raise ValueError("必须是 @频道名，或 -100 开头的频道编号（编号请加引号）")
    return name


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("必须是网址，例如 https://portal.example.org/gonghui")
    return url


def _receiver(url: str) -> str:
    parts = urlsplit(_address(url))
    if parts.username or parts.password or parts.fragment:
        raise ValueError("网址里不能有用户名、口令或 #")
    if parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
        raise ValueError("必须是 https:// 开头的网址（只有本机地址可以用 http://）")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class ReviewLevel(Section):
    """One level of review: its name as staff know it, and which roles may agree there."""

    name: str = Field(min_length=2, max_length=8, description="as staff read it: 初审, 复审, 终审")
    roles: list[Literal["publicist", "supervisor", "leader"]] = Field(
        min_length=1, description="roles that may agree at this level; never the author, never twice the same person"
    )


class WeChatChannel(Section):
    """Articles in the WeChat official account of the section `wechat`."""

    enabled: bool = Field(default=False, description="publish to the account; GONGHUI_WECHAT_SECRET is needed")
    mode: Literal["draft", "publish", "mass"] = Field(
        default="draft",
        description="draft: a person publishes the draft; publish: freepublish, no notice to followers; mass: 群发",
    )
    open_comments: bool = Field(default=False, description="readers may comment (留言), where the account has it")
    service_account: bool = Field(
        default=True, description="true: 服务号, four mass messages a month for each follower; false: 公众号（订阅号）"
    )
    administrator_confirms: bool = Field(
        default=False, description="mass: API 群发保护 is on, an administrator confirms each one within 30 minutes"
    )


class WeiboChannel(Section):
    """A Weibo account that has authorised our application (in the console: channels, Weibo, authorise)."""

    enabled: bool = Field(default=False, description="publish to Weibo; GONGHUI_WEIBO_APP_SECRET is needed")
    app_key: str = Field(default="", pattern=r"^[0-9]*$", description="App Key of the application at open.weibo.com")
    safe_domain: Annotated[str, AfterValidator(_domain)] = Field(
        default="",
        description="安全域名 of the application, e.g. example.org; every post leads to a page of ours under it",
    )
    unattended: bool = Field(
        default=False,
        description="true: post at the due time without a person; Weibo's rules forbid it, and it may ban the "
        "application, this machine's address and the account",
    )
    server_address: Annotated[str, AfterValidator(_public_address)] = Field(
        default="",
        description="our public IP address; told to Weibo (rip) where the person who confirms has none that is public, "
        "and when unattended",
    )
    api_base: Annotated[str, AfterValidator(_origin)] = Field(
        default="https://api.weibo.com", description="Weibo's API; another address only for tests"
    )


class MastodonChannel(Section):
    """An account at any server with Mastodon's API."""

    enabled: bool = Field(default=False, description="publish there; GONGHUI_MASTODON_TOKEN is needed")
    server: Annotated[str, AfterValidator(_origin)] = Field(default="", description="e.g. https://social.example.org")
    visibility: Literal["public", "unlisted"] = Field(default="public", description="how its posts are shown there")
    characters: int = Field(default=500, ge=100, le=100_000, description="what one post takes on that server")


class TelegramChannel(Section):
    """A Telegram channel in which the bot may post."""

    enabled: bool = Field(default=False, description="publish there; GONGHUI_TELEGRAM_TOKEN is needed")
    chat: Annotated[str, AfterValidator(_chat)] = Field(
        default="", description="@name of the channel, or its number such as -1001234567890"
    )
    api_base: Annotated[str, AfterValidator(_origin)] = Field(
        default="https://api.telegram.org", description="Telegram's API, or one's own Bot API server"
    )


class SiteChannel(Section):
    """Our own pages and feeds."""

    enabled: bool = Field(default=True, description="publish at /posts, with feeds and a sitemap")


class WebhookTarget(Section):
    """A portal or medium that takes signed JSON."""

    id: str = Field(pattern=_CHANNEL_ID, description="part of the channel's code webhook.<id>; never change it")
    name: str = Field(min_length=2, description="as staff read it")
    url: Annotated[str, AfterValidator(_receiver)] = Field(description="where the JSON is sent, over https")
    private: bool = Field(default=False, description="it may stand in a private network (10.x, 172.16.x, 192.168.x)")
    embed_pictures: bool = Field(
        default=False, description="send the pictures themselves, not only their addresses on our site"
    )
    deduplicates: bool = Field(
        default=False,
        description="its operator has confirmed that a delivery with a known id is taken once; then 5xx is retried",
    )


class ByHandPlatform(Section):
    """A platform without an API: a copy-ready pack, and a person who says where it stands."""

    id: str = Field(pattern=_CHANNEL_ID, description="part of the channel's code by_hand.<id>; never change it")
    name: str = Field(min_length=2, description="as staff read it: 今日头条, 抖音图文, 单位公告栏")
    title_characters: int = Field(default=0, ge=0, le=1000, description="longest title there; 0: not checked")
    text_characters: int = Field(default=0, ge=0, le=100_000, description="longest text there; 0: not checked")


class WebhookChannel(Section):
    """Signed JSON to others; GONGHUI_WEBHOOK_SECRET, or GONGHUI_WEBHOOK_SECRET_<ID> for one of them."""

    enabled: bool = Field(default=False, description="send posts to the targets")
    targets: list[WebhookTarget] = Field(default_factory=list, description="who gets them")


class ByHandChannel(Section):
    """What a person carries to platforms without an API."""

    enabled: bool = Field(default=True, description="offer packs to copy by hand")
    platforms: list[ByHandPlatform] = Field(default_factory=list, description="where to; named in the pack")


class Channels(Section):
    """The channels, by the codes that posts name."""

    wechat: WeChatChannel = Field(default_factory=WeChatChannel)
    weibo: WeiboChannel = Field(default_factory=WeiboChannel)
    mastodon: MastodonChannel = Field(default_factory=MastodonChannel)
    telegram: TelegramChannel = Field(default_factory=TelegramChannel)
    site: SiteChannel = Field(default_factory=SiteChannel)
    webhook: WebhookChannel = Field(default_factory=WebhookChannel)
    by_hand: ByHandChannel = Field(default_factory=ByHandChannel)

    def enabled(self) -> tuple[str, ...]:
        """The codes of the channels that are switched on, in the order in which they are shown.

        Each target of a webhook and each platform by hand is a channel of its own: `webhook.<id>`, `by_hand.<id>`.
        """
        members = {
            "webhook": [target.id for target in self.webhook.targets],
            "by_hand": [platform.id for platform in self.by_hand.platforms],
        }
        codes: list[str] = []
        for code in (code for code in CHANNELS if getattr(self, code).enabled):
            codes += [f"{code}.{member}" for member in members[code]] if code in members else [code]
        return tuple(codes)

    def names(self) -> dict[str, str]:
        """The names of webhooks and platforms, by the codes of their channels."""
        named = {f"webhook.{target.id}": target.name for target in self.webhook.targets}
        return named | {f"by_hand.{platform.id}": platform.name for platform in self.by_hand.platforms}


CHANNELS = tuple(Channels.model_fields)
"""The codes of all channels that there are."""


def is_under(address: str, domain: str) -> bool:
    """Whether a web address stands at that domain or below it. Nothing stands under no domain."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(domain) and f".{host}".endswith(f".{domain.lower()}")


def _levels(levels: list[ReviewLevel]) -> list[ReviewLevel]:
    for name, times in Counter(level.name for level in levels).items():
        if times > 1:
            raise ValueError(f"{name} 出现了 {times} 次：每一级审核要有自己的名称")
    return levels


def _two_levels() -> list[ReviewLevel]:
    first = ReviewLevel(name="初审", roles=["publicist", "supervisor"])
    return [first, ReviewLevel(name="终审", roles=["supervisor", "leader"])]


class Publishing(Section):
    """The newsroom."""

    enabled: bool = Field(default=True, description="publish what is due; false: write, review and plan only")
    author: str = Field(
        default="", max_length=16, description="author of posts that name none; empty: the federation's name"
    )
    approval: Annotated[list[ReviewLevel], AfterValidator(_levels)] = Field(
        default_factory=_two_levels, min_length=1, max_length=3, description="levels of review, the first one first"
    )
    late_minutes: int = Field(
        default=60, ge=5, le=1440, description="what is due for longer after an outage expires and staff are told"
    )
    lease_seconds: int = Field(
        default=300, ge=30, le=3600, description="a worker that is silent for so long is taken for dead"
    )
    channels: Channels = Field(default_factory=Channels)


def reserved_ids(settings: Publishing) -> list[str]:
    """Ids of webhooks and platforms that stand twice, or mean something else already."""
    targets = [target.id for target in settings.channels.webhook.targets]
    platforms = [platform.id for platform in settings.channels.by_hand.platforms]
    twice = [one for ids in (targets, platforms) for one, times in Counter(ids).items() if times > 1]
    return [*twice, *(one for one in targets if one == _RESERVED)]
