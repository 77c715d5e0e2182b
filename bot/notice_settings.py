"""The section `notices` of `config.yaml`: by which roads staff are told what is due, besides the console.

The hosts stand here and nowhere else: no address that comes in a message, a form or an answer is ever called.
"""

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from bot.section import Section

WECOM = "https://qyapi.weixin.qq.com"
WEBHOOK_PATH = "/cgi-bin/webhook/send"

_MAILBOX = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


def is_mailbox(text: str) -> bool:
    """Whether that is one plain address of mail."""
    return _MAILBOX.fullmatch(text) is not None


def _mailbox(text: str) -> str:
    if text and not is_mailbox(text):
        raise ValueError("必须是一个邮箱地址，例如 weiquan@example.org")
    return text


def _host(text: str) -> str:
    if text and not _HOST.fullmatch(text):
        raise ValueError("必须是主机名或 IP 地址，不带端口和 http://")
    return text


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/") or parts.query:
        raise ValueError("必须是不带路径的网址，例如 https://qyapi.weixin.qq.com")
    return url.rstrip("/")


class Mail(Section):
    """Mail to staff. User and password come from the environment."""

    host: Annotated[str, AfterValidator(_host)] = Field(default="", description="SMTP server; empty: no mail is sent")
    port: int = Field(default=587, ge=1, le=65535, description="its port: 587 with starttls, 465 with tls")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="how the way there is encrypted; none only for a server on this machine"
    )
    sender: Annotated[str, AfterValidator(_mailbox)] = Field(default="", description="address that the mail is from")
    ca_file: Path | None = Field(
        default=None, description="certificate of the server's own authority, where no public one has signed it"
    )


class WeCom(Section):
    """The robot of a WeCom group. Its address with the key comes from the environment."""

    enabled: bool = Field(default=False, description="post what is due to the group of the robot")
    base: Annotated[str, AfterValidator(_origin)] = Field(
        default=WECOM, description="the only server that its address may name; another one for 政务微信 or tests"
    )


class StaffNotices(Section):
    """Telling staff what is due: case number and what is due only."""

    mail: Mail = Field(default_factory=Mail)
    wecom: WeCom = Field(default_factory=WeCom)


def is_webhook(address: str, base: str) -> bool:
    """Whether that is the address of a group robot at this server."""
    parts = urlsplit(address)
    return (
        f"{parts.scheme}://{parts.netloc}" == base
        and parts.path == WEBHOOK_PATH
        and re.fullmatch(r"key=[A-Za-z0-9_-]{8,128}", parts.query) is not None
        and not parts.fragment
    )
