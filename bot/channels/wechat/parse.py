"""A WeChat message or event -> `Message`: pure.

Knows every type in WeChat's documentation; what it does not know becomes `UNSUPPORTED` (a
message: a person said something) or `NOTICE` (an event: nobody waits for an answer).
"""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from bot.channels.wechat.document import field
from bot.channels.wechat.refusal import Refused
from bot.messages import Kind, Message

CHANNEL = "wechat"
SCENE_PREFIX = "qrscene_"

_KINDS = {
    "text": Kind.TEXT,
    "image": Kind.IMAGE,
    "voice": Kind.VOICE,
    "video": Kind.VIDEO,
    "shortvideo": Kind.VIDEO,
    "location": Kind.LOCATION,
}
_EVENTS: dict[str, Kind] = {
    "subscribe": Kind.FOLLOW,
    "unsubscribe": Kind.UNFOLLOW,
    "SCAN": Kind.SCAN,
    "CLICK": Kind.MENU,
}
_ID = re.compile(r"[\x21-\x7e]{1,128}")
_NUMBER = re.compile(r"[0-9]{1,20}")
_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")


def parse_message(root: Element, received_at: datetime) -> Message:
    """The message that a decrypted document holds. Raises Refused when a needed field is missing or odd.

    The key is the same for WeChat's repeats: of a message its MsgId; of an event, which has
    none, what WeChat names instead, hashed because it contains the person's id.
    """
    sender = _needed(root, "FromUserName", _ID)
    _needed(root, "ToUserName", _ID)
    created = _needed(root, "CreateTime", _NUMBER)
    kind = _needed(root, "MsgType", _NAME)
    if kind == "event":
        return _parse_event(root, sender, created, received_at)
    return Message(
        channel=CHANNEL,
        sender=sender,
        key=f"message:{_needed(root, 'MsgId', _NUMBER)}",
        kind=_KINDS.get(kind, Kind.UNSUPPORTED),
        received_at=received_at,
        text=field(root, "Content") if kind == "text" else "",
        data=_details(root, kind, created),
    )


def recipient(root: Element) -> str:
    """The original id of the account that the document is addressed to."""
    return field(root, "ToUserName")


def _parse_event(root: Element, sender: str, created: str, received_at: datetime) -> Message:
    event = _needed(root, "Event", _NAME)
    event_key = field(root, "EventKey")
    details = _details(root, event, created)
    # What the platform reports about its own jobs comes several times in a second, for one person.
    job = details.get("message_id") or details.get("publish_id") or ""
    return Message(
        channel=CHANNEL,
        sender=sender,
        key=_event_key(sender, created, event, event_key, job),
        kind=_EVENTS.get(event, Kind.NOTICE),
        received_at=received_at,
        action=event_key.removeprefix(SCENE_PREFIX) if event in _EVENTS else "",
        data=details | {"event": event},
    )


def _event_key(*parts: str) -> str:
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return f"event:{digest}"


def _needed(root: Element, name: str, shape: re.Pattern[str]) -> str:
    text = field(root, name)
    if not shape.fullmatch(text):
        raise Refused(f"no_{name}")
    return text


def _template_outcome(root: Element) -> dict[str, str]:
    return {"message_id": field(root, "MsgID"), "status": field(root, "Status")}


def _mass_outcome(root: Element) -> dict[str, str]:
    names = {"total": "TotalCount", "filtered": "FilterCount", "sent": "SentCount", "failed": "ErrorCount"}
    urls = [item.findtext("ArticleUrl", "").strip() for item in root.findall("ArticleUrlResult/ResultList/item")]
    return (
        _template_outcome(root)
        | {name: field(root, tag) for name, tag in names.items()}
        | {"urls": " ".join(url for url in urls if url)}
    )


def _publish_outcome(root: Element) -> dict[str, str]:
    info = root.find("PublishEventInfo")
    if info is None:
        raise Refused("no_PublishEventInfo")
    urls = [item.findtext("article_url", "").strip() for item in info.findall("article_detail/item")]
    failed = [(fault.text or "").strip() for fault in info.findall("fail_idx")]
    return {
        "publish_id": field(info, "publish_id"),
        "status": field(info, "publish_status"),
        "article_id": field(info, "article_id"),
        "urls": " ".join(url for url in urls if url),
        "failed": " ".join(failed),
    }


def _subscription_outcome(root: Element) -> dict[str, str]:
    """template_id=accept pairs; the three subscription events differ in their outer tag only."""
    decisions = [f"{item.findtext('TemplateId', '').strip()}={_decision(item)}" for item in root.iter("List")]
    return {"decisions": " ".join(decisions)}


def _decision(item: Element) -> str:
    status = item.findtext("SubscribeStatusString") or item.findtext("ErrorStatus") or ""
    return status.strip()


def _media(root: Element) -> dict[str, str]:
    """Where WeChat keeps a file: nothing is fetched unless a dialogue has asked for files."""
    return {"media": field(root, "MediaId"), "picture": field(root, "PicUrl")}


_DETAILS: dict[str, Callable[[Element], dict[str, str]]] = {
    "image": _media,
    "voice": _media,
    "video": _media,
    "shortvideo": _media,
    "TEMPLATESENDJOBFINISH": _template_outcome,
    "MASSSENDJOBFINISH": _mass_outcome,
    "PUBLISHJOBFINISH": _publish_outcome,
    "subscribe_msg_popup_event": _subscription_outcome,
    "subscribe_msg_change_event": _subscription_outcome,
    "subscribe_msg_sent_event": _subscription_outcome,
}


def _details(root: Element, kind: str, created: str) -> dict[str, str]:
    """What a later step may need of it. Places are not taken: nobody uses them."""
    details = _DETAILS[kind](root) if kind in _DETAILS else {}
    return details | {"created_at": _instant(created)}


def _instant(created: str) -> str:
    try:
        return datetime.fromtimestamp(int(created), UTC).isoformat()
    except (OverflowError, ValueError, OSError) as error:
        raise Refused("no_CreateTime") from error
