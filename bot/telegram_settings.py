"""The section `telegram` of `config.yaml`: people who write to the bot, and the group of staff it writes to.

The bot's token comes from the environment. Where Telegram's API is stands in `publishing.channels.telegram.api_base`,
for posts and conversations alike.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from bot.section import Section

if TYPE_CHECKING:
    from bot.settings import Configuration, Environment, Settings

TOKEN = "GONGHUI_TELEGRAM_TOKEN"  # noqa: S105 - the name of the variable
TOKEN_SHAPE = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{2,100}")
WEBHOOK_PORTS = frozenset({None, 443, 80, 88, 8443})
"""Telegram calls no other ones."""

_PROXIES = ("http", "https", "socks5", "socks5h")
_NO_PROXY = "必须是代理的网址，例如 socks5://127.0.0.1:1080 或 http://127.0.0.1:3128"
_CHAT = re.compile(r"@[A-Za-z][A-Za-z0-9_]{3,31}|-?[0-9]{1,20}")


def _proxy(url: str) -> str:
    if not url:
        return url
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in _PROXIES and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port beyond all ports, brackets that do not close
        raise ValueError(_NO_PROXY) from None
    if not is_one:
        raise ValueError(_NO_PROXY)
    if parts.username or parts.password:
        raise ValueError("不能带用户名和口令：这里谁都能读到，请在本机架一个不用登录的转发代理")
    return url


def _chat(name: str) -> str:
    if name and not _CHAT.fullmatch(name):
        raise ValueError("必须是群的编号（例如 -1001234567890，请加引号）或 @群名")
    return name


class Telegram(Section):
    """The bot that people write to, wherever GONGHUI_TELEGRAM_TOKEN is set."""

    enabled: bool = Field(
        default=True, description="answer people who write to the bot; false: the token is for publishing only"
    )
    webhook: bool = Field(
        default=False, description="Telegram calls us at web.base_url; false: we ask Telegram (polling)"
    )
    proxy: Annotated[str, AfterValidator(_proxy)] = Field(
        default="", description="proxy on the way to Telegram: http://, https:// or socks5://host:port"
    )
    complaints: bool = Field(
        default=False, description="take complaints there: data leave the country, a separate consent is asked first"
    )
    staff_chat: Annotated[str, AfterValidator(_chat)] = Field(
        default="", description="group that is told what is due: case number and deadline only; empty: none"
    )


def is_answering(settings: "Settings", environment: "Environment") -> bool:
    """Whether people who write to the bot are answered."""
    return settings.telegram.enabled and bool(environment.get(TOKEN))


def answering_bot(configuration: "Configuration") -> int | None:
    """The number of the bot that answers people; None where none does."""
    settings, environment = configuration.settings, configuration.environment
    token = environment.get(TOKEN) or ""
    if not is_answering(settings, environment) or not TOKEN_SHAPE.fullmatch(token):
        return None
    return int(token.partition(":")[0])


def telegram_faults(path: Path, settings: "Settings", environment: "Environment") -> Iterator[str]:
    """What does not fit together."""
    telegram, token, place = settings.telegram, environment.get(TOKEN), f"{path}: telegram"
    if token and not TOKEN_SHAPE.fullmatch(token):
        yield f"{TOKEN}: 必须是 @BotFather 给的样子：数字、冒号、字母数字"
    if not token:
        for name in ("webhook", "complaints", "staff_chat"):
            if getattr(telegram, name):
                yield f"{place}.{name}: 要先设置 {TOKEN}"
    if telegram.webhook and not is_callable(settings.web.base_url or ""):
        yield f"{place}.webhook: web.base_url 必须是 https 网址，端口只能是 443、80、88、8443"


def is_callable(base_url: str) -> bool:
    """Whether Telegram calls such an address."""
    parts = urlsplit(base_url)
    try:
        return parts.scheme == "https" and parts.port in WEBHOOK_PORTS
    except ValueError:
        return False
