"""What goes over the wire to a receiver: the JSON and the signature. Pure; README.md tells it to receivers.

A delivery's id stands in the JSON, in `X-Gonghui-Delivery` and in `Idempotency-Key`, and is the same at every attempt:
a receiver that knows it answers 409 (or 200) and publishes nothing. The signature is HMAC-SHA256 over the instant, a
full stop and the body; receivers compare it in constant time and refuse what is older than five minutes.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.publishing.deliveries import Kind
from bot.publishing.ports import Parcel
from bot.publishing.rendering import MEDIA, Rendering

SCHEMA = 1
SIGNATURE = "X-Gonghui-Signature"
DELIVERY = "X-Gonghui-Delivery"
EVENT = "X-Gonghui-Event"
CHECK = "check"

EVENTS: Mapping[Kind, str] = {
    Kind.PUBLISH: "publish",
    Kind.NOTICE: "publish",  # with `earlier`: the post that it puts right
    Kind.EDIT: "edit",
    Kind.WITHDRAW: "withdraw",
}

_TEXTS = ("slug", "title", "digest", "author", "region", "correction", "text")


def signature(secret: str, at: datetime, body: bytes) -> str:
    """The value of the header: `t=<unix>,v1=<hexadecimal>`."""
    instant = str(int(at.timestamp()))
    mac = hmac.new(secret.encode(), instant.encode() + b"." + body, hashlib.sha256)
    return f"t={instant},v1={mac.hexdigest()}"


def body_of(parcel: Parcel, at: datetime, *, embed: bool = False) -> bytes:
    """The JSON of a parcel. embed: with the pictures themselves."""
    event, rendering = EVENTS[parcel.kind], parcel.rendering
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "id": parcel.key,
        "event": event,
        "sent_at": at.isoformat(timespec="seconds"),
        "earlier": parcel.earlier,
    }
    if parcel.kind is Kind.WITHDRAW:
        document["post"] = {name: rendering.parts.get(name, "") for name in ("slug", "title")} | {
            "link": rendering.link
        }
    else:
        document["post"] = _post(rendering, parcel.pictures if embed else {})
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def with_addresses(html: str, rendering: Rendering) -> str:
    """The HTML with the addresses of its pictures on our site."""
    for digest in rendering.media:
        html = html.replace(f"{MEDIA}{digest}", address_of(rendering, digest) or f"{MEDIA}{digest}")
    return html


def address_of(rendering: Rendering, digest: str) -> str:
    """Where the picture stands on our site; empty without a site."""
    base = rendering.parts.get("media_base", "")
    return f"{base}{digest}.jpg" if base and digest else ""


def _post(rendering: Rendering, pictures: Mapping[str, bytes]) -> dict[str, Any]:
    parts = rendering.parts
    named = [("cover", rendering.cover)] if rendering.cover else []
    named += [("body", digest) for digest in rendering.media]
    return {
        **{name: parts.get(name, "") for name in _TEXTS},
        "tags": _lines(parts.get("tags", "")),
        "citations": _lines(parts.get("citations", "")),
        "html": with_addresses(parts.get("html", ""), rendering),
        "link": rendering.link,
        "pictures": [_picture(use, digest, rendering, pictures.get(digest)) for use, digest in named],
    }


def _picture(use: str, digest: str, rendering: Rendering, data: bytes | None) -> dict[str, str]:
    told = {"use": use, "sha256": digest, "address": address_of(rendering, digest)}
    return told | ({"data": base64.b64encode(data).decode()} if data else {})


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]
