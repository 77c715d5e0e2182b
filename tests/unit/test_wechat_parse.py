"""What WeChat sends -> `Message`: every recorded type, the keys of repeats, and what is refused."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.document import read
from bot.channels.wechat.parse import parse_message
from bot.channels.wechat.refusal import Refused
from bot.messages import Kind, Message
from tests.wechat import PAYLOADS, a_payload, a_text, an_event

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

KINDS = {
    "event_click": Kind.MENU,
    "event_location": Kind.NOTICE,
    "event_mass_refused": Kind.NOTICE,
    "event_mass_sent": Kind.NOTICE,
    "event_publish_failed": Kind.NOTICE,
    "event_published": Kind.NOTICE,
    "event_scan": Kind.SCAN,
    "event_scan_number": Kind.SCAN,
    "event_scancode_waitmsg": Kind.NOTICE,
    "event_subscribe": Kind.FOLLOW,
    "event_subscribe_by_code": Kind.FOLLOW,
    "event_subscription_change": Kind.NOTICE,
    "event_subscription_popup": Kind.NOTICE,
    "event_subscription_sent": Kind.NOTICE,
    "event_template_blocked": Kind.NOTICE,
    "event_template_sent": Kind.NOTICE,
    "event_unknown": Kind.NOTICE,
    "event_unsubscribe": Kind.UNFOLLOW,
    "event_view": Kind.NOTICE,
    "event_view_miniprogram": Kind.NOTICE,
    "file": Kind.UNSUPPORTED,
    "image": Kind.IMAGE,
    "image_from_article": Kind.IMAGE,
    "link": Kind.UNSUPPORTED,
    "location": Kind.LOCATION,
    "shortvideo": Kind.VIDEO,
    "text": Kind.TEXT,
    "text_emoticons": Kind.TEXT,
    "video": Kind.VIDEO,
    "voice": Kind.VOICE,
    "voice_16k": Kind.VOICE,
}


def parsed(document: str | bytes) -> Message:
    return parse_message(read(document), NOW)


def test_every_recorded_payload_is_covered() -> None:
    assert {path.stem for path in PAYLOADS.glob("*.xml")} == set(KINDS)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_recorded_payload_has_its_kind(name: str) -> None:
    message = parsed((PAYLOADS / f"{name}.xml").read_bytes())
    assert message.kind is KINDS[name]
    assert message.channel == "wechat"
    assert message.received_at == NOW
    assert message.data["created_at"] == "2026-11-22T02:00:00+00:00"


def test_all_recorded_payloads_have_keys_of_their_own_that_fit_the_table() -> None:
    keys = {parsed(a_payload(name)).key for name in KINDS}
    assert len(keys) == len(KINDS)
    assert max(map(len, keys)) <= 255


def test_the_text_is_what_the_person_typed() -> None:
    assert parsed(a_payload("text_emoticons")).text == "工资又拖了/::(  3<5 & ]]>😭"


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("event_subscribe_by_code", "faq_wage_arrears"),
        ("event_scan", "faq_wage_arrears"),
        ("event_scan_number", "4711"),
        ("event_subscribe", ""),
        ("event_click", "hotline"),
        ("event_view", ""),
    ],
)
def test_what_was_scanned_or_clicked_is_the_action(name: str, action: str) -> None:
    assert parsed(a_payload(name)).action == action


def test_the_outcome_of_a_mass_message_is_kept() -> None:
    data = parsed(a_payload("event_mass_sent")).data
    assert (data["message_id"], data["status"], data["sent"], data["failed"]) == (
        "3147483655",
        "send success",
        "1199",
        "5",
    )
    assert data["urls"].startswith("http://mp.weixin.qq.com/")


def test_the_outcome_of_publishing_is_kept() -> None:
    published, failed = parsed(a_payload("event_published")).data, parsed(a_payload("event_publish_failed")).data
    assert (published["publish_id"], published["status"], published["failed"]) == ("2247503051", "0", "")
    assert (failed["publish_id"], failed["status"], failed["failed"]) == ("2247503052", "2", "1 2")


def test_a_refused_subscription_is_told_from_an_accepted_one() -> None:
    accepted, refused = parsed(a_payload("event_subscription_popup")).data["decisions"].split()
    assert accepted.endswith("=accept")
    assert refused.endswith("=reject")


def test_places_leave_nothing_behind() -> None:
    """What nobody uses is not taken, so it can neither leak nor be forgotten to be deleted."""
    for name in ("location", "event_location"):
        data = dict(parsed(a_payload(name)).data)
        assert set(data) <= {"created_at", "event"}


def test_of_pictures_and_recordings_only_where_wechat_keeps_them_is_taken() -> None:
    picture, recording = parsed(a_payload("image")).data, parsed(a_payload("voice")).data
    assert (picture["media"], picture["picture"]) == (
        "Yk2-invented-media-id-image",
        "http://mmbiz.qpic.cn/mmbiz_jpg/Q3auHgzwzM5invented/0",
    )
    assert (recording["media"], recording["picture"]) == ("Yk2-invented-media-id-voice", "")
    assert set(picture) == set(recording) == {"created_at", "media", "picture"}


def test_a_repeated_message_has_the_same_key() -> None:
    assert parsed(a_text("一", message_id=5)).key == parsed(a_text("一", message_id=5)).key
    assert parsed(a_text("一", message_id=5)).key != parsed(a_text("一", message_id=6)).key


def test_a_repeated_event_has_the_same_key_and_another_event_another() -> None:
    """Events carry no MsgId: without this, every event after the first would count as its repeat."""
    first = parsed(an_event("CLICK", "hot", created=1))
    assert parsed(an_event("CLICK", "hot", created=1)).key == first.key
    others = [
        an_event("CLICK", "hot", created=2),
        an_event("CLICK", "ask", created=1),
        an_event("SCAN", "hot", created=1),
        an_event("CLICK", "hot", created=1, sender="oWorker2"),
    ]
    assert first.key not in {parsed(other).key for other in others}


def test_the_key_of_an_event_does_not_show_the_person() -> None:
    assert "oWorker1" not in parsed(an_event("CLICK", "hot")).key


BROKEN = {
    "empty": "",
    "no xml": "hello",
    "cut off": "<xml><ToUserName>",
    "other root": "<html></html>",
    "no sender": "<xml><ToUserName>gh_1</ToUserName><CreateTime>1</CreateTime><MsgType>text</MsgType></xml>",
    "no id": a_text("x").replace("MsgId", "Other"),
    "odd id": a_text("x").replace("<MsgId>", "<MsgId>x"),
    "no time": a_text("x").replace("CreateTime", "Other"),
    "time beyond all years": a_text("x").replace("1795312800", "9" * 20),
    "doubled type": a_text("x").replace("</xml>", "<MsgType>event</MsgType></xml>"),
    "event without a name": an_event("CLICK").replace("<Event>CLICK</Event>", ""),
    "sender with spaces": a_text("x", sender="o W"),
    "publishing without its facts": an_event("PUBLISHJOBFINISH"),
    "doctype": "<!DOCTYPE xml><xml></xml>",
    "entity bomb": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><xml>&b;</xml>',
    "external entity": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Content>&a;</Content></xml>',
    "deep nesting": "<xml>" * 2000 + "</xml>" * 2000,
    "unknown entity": a_text("x").replace("<MsgId>", "<MsgId>&nbsp;"),
    "unknown encoding": '<?xml version="1.0" encoding="no-such-thing"?><xml/>',
}


@pytest.mark.parametrize("name", sorted(BROKEN), ids=lambda name: name.replace(" ", "-"))
def test_broken_documents_are_refused_with_one_kind_of_error(name: str) -> None:
    with pytest.raises(Refused):
        parsed(BROKEN[name])
    with pytest.raises(Refused):
        parsed(BROKEN[name].encode())


@given(body=st.binary(max_size=300))
def test_no_bytes_whatever_raise_anything_else(body: bytes) -> None:
    with suppress(Refused):
        parsed(body)


@given(field=st.sampled_from(["FromUserName", "MsgType", "CreateTime", "MsgId", "Content"]), text=st.text(max_size=40))
def test_no_field_whatever_raises_anything_else(field: str, text: str) -> None:
    document = f"<xml><ToUserName>g</ToUserName><{field}>{text}</{field}></xml>"
    with suppress(Refused):
        parsed(document.encode(errors="replace"))
