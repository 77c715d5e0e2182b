"""Faults of the section `publishing` that only show when settings and secrets are seen together."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bot.publishing_settings import is_under, reserved_ids

if TYPE_CHECKING:
    from bot.settings import Environment, Settings


def publishing_faults(path: Path, settings: "Settings", environment: "Environment") -> Iterator[str]:
    """Every fault, by YAML path."""
    place, channels = f"{path}: publishing.channels", settings.publishing.channels
    for one in reserved_ids(settings.publishing):
        yield f"{place}: id {one} 出现了两次，或者是保留的名称"
    if channels.wechat.enabled:
        yield from _needed(settings.wechat.app_id, f"{path}: wechat.app_id", f"{place}.wechat")
        yield from _needed(environment.get("GONGHUI_WECHAT_SECRET"), "GONGHUI_WECHAT_SECRET", f"{place}.wechat")
    if channels.mastodon.enabled:
        yield from _needed(channels.mastodon.server, f"{place}.mastodon.server", f"{place}.mastodon")
        yield from _needed(environment.get("GONGHUI_MASTODON_TOKEN"), "GONGHUI_MASTODON_TOKEN", f"{place}.mastodon")
    if channels.telegram.enabled:
        yield from _needed(channels.telegram.chat, f"{place}.telegram.chat", f"{place}.telegram")
        yield from _needed(environment.get("GONGHUI_TELEGRAM_TOKEN"), "GONGHUI_TELEGRAM_TOKEN", f"{place}.telegram")
    if channels.weibo.enabled:
        yield from _weibo_faults(path, settings, environment)
    if channels.webhook.enabled:
        yield from _webhook_faults(path, settings, environment)


def _weibo_faults(path: Path, settings: "Settings", environment: "Environment") -> Iterator[str]:
    place, weibo = f"{path}: publishing.channels.weibo", settings.publishing.channels.weibo
    yield from _needed(weibo.app_key, f"{place}.app_key", place)
    yield from _needed(environment.get("GONGHUI_WEIBO_APP_SECRET"), "GONGHUI_WEIBO_APP_SECRET", place)
    if settings.web.base_url is None:
        yield f"{path}: web.base_url: 启用微博时必须填写：每条微博都要带安全域名下的网址"
    elif weibo.safe_domain and not is_under(settings.web.base_url, weibo.safe_domain):
        yield f"{place}.safe_domain: web.base_url 不在 {weibo.safe_domain} 之下，微博会拒收（10017）"
    yield from _needed(weibo.safe_domain, f"{place}.safe_domain", place)
    if weibo.unattended and not weibo.server_address:
        yield f"{place}.server_address: unattended 为 true 时必须填写本机的公网 IP（作为 rip）"


def _webhook_faults(path: Path, settings: "Settings", environment: "Environment") -> Iterator[str]:
    place = f"{path}: publishing.channels.webhook.targets"
    targets = settings.publishing.channels.webhook.targets
    if not targets:
        yield f"{place}: 启用 webhook 时至少要有一个接收方"
    for target in targets:
        name = f"GONGHUI_WEBHOOK_SECRET_{target.id.upper()}"
        if not environment.get(name) and not environment.get("GONGHUI_WEBHOOK_SECRET"):
            yield f"{name}: {place} 有 {target.id}，必须设置它的签名密钥（或共用的 GONGHUI_WEBHOOK_SECRET）"


def _needed(value: str | None, name: str, place: str) -> Iterator[str]:
    if not value:
        yield f"{name}: 启用 {place.partition(': ')[2]} 时必须填写"
