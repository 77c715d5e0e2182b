"""The calls that make an article public, and what is remembered between them."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from bot.publishing.budgets import Budget

SUBMIT = "/cgi-bin/freepublish/submit"
ASK_JOB = "/cgi-bin/freepublish/get"
MASS_SEND = "/cgi-bin/message/mass/sendall"
ASK_MASS = "/cgi-bin/message/mass/get"

DRAFT = "draft"
"""In the memory of a delivery: the draft's id."""

DRAFTING = "drafting"
"""When a draft was about to be made."""

LOST = "lost_draft"
"""A draft that was not there any more when it was to be made public."""

SUBMITTED = "submitted"
"""When the call that makes it public was about to be made."""

HOW = "how"
"""By which call: the mode of that time."""

JOB = "job"
"""What WeChat calls it: `publish:<publish_id>` or `mass:<msg_id>`."""

KEY = "key"
"""The `clientmsgid`, where it is another than the delivery's key."""

_LONGEST_KEY = 64


class Mode(StrEnum):
    """How articles become public."""

    DRAFT = "draft"  # a person publishes the draft in WeChat's console
    PUBLISH = "publish"  # freepublish: on the account's page, nobody is notified
    MASS = "mass"  # 群发: to all followers


def budget(mode: Mode, *, service_account: bool) -> Budget:
    """The budget of an account: 群发 once a day, and a 服务号 reaches each follower four times a month."""
    if mode is not Mode.MASS:
        return Budget()
    return Budget(per_day=1, per_month=4 if service_account else 0)


def mass_message(draft: str, key: str) -> Mapping[str, Any]:
    """The message to all followers. WeChat sends one `clientmsgid` once."""
    return {
        "filter": {"is_to_all": True},
        "mpnews": {"media_id": draft},
        "msgtype": "mpnews",
        "send_ignore_reprint": 0,
        "clientmsgid": key if len(key.encode()) <= _LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest(),
    }


def publish_job(answer: Mapping[str, Any]) -> str:
    """The name of a job of freepublish; empty when WeChat named none."""
    return f"publish:{answer['publish_id']}" if answer.get("publish_id") else ""


def mass_job(answer: Mapping[str, Any]) -> str:
    """The name of a mass message; empty when WeChat named none."""
    return f"mass:{answer['msg_id']}" if answer.get("msg_id") else ""
