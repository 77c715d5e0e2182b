"""The callback as WeChat sees it: what is let in, what people get, what is refused, what the log says."""

import json
from collections.abc import AsyncIterator, Awaitable, MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.app import Program
from bot.messages import Kind
from tests.integration.conftest import StartWeChat
from tests.unit.test_wechat_parse import KINDS
from tests.wechat import (
    ACCOUNT,
    BASE_URL,
    ENVIRON,
    KEY,
    OLD_KEY,
    Answer,
    WeChatServer,
    a_payload,
    a_text,
    an_event,
)

QUESTION = "公司拖欠三个月工资怎么办"


@pytest.fixture
async def running(start_wechat: StartWeChat) -> AsyncIterator[tuple[Program, WeChatServer]]:
    async with start_wechat() as pair:
        yield pair


@pytest.fixture
def program(running: tuple[Program, WeChatServer]) -> Program:
    return running[0]


@pytest.fixture
def wechat(running: tuple[Program, WeChatServer]) -> WeChatServer:
    return running[1]


# --- verification


async def test_the_address_is_verified(wechat: WeChatServer) -> None:
    answer = await wechat.verify("5935258128547730623")
    assert (answer.status, answer.body) == (200, "5935258128547730623")


@pytest.mark.parametrize(
    "changes",
    [{"signature": "0" * 40}, {"signature": ""}, {"timestamp": "1"}, {"nonce": "other"}, {"nonce": "签"}],
    ids=["signature", "none", "timestamp", "nonce", "chinese"],
)
async def test_a_false_verification_is_refused(wechat: WeChatServer, changes: dict[str, str]) -> None:
    assert (await wechat.verify(**changes)).status in (400, 403)


async def test_verification_repeats_nothing_but_what_wechat_could_have_sent(wechat: WeChatServer) -> None:
    """The signature does not cover echostr: whoever saw one may not use us to show a text of theirs."""
    assert (await wechat.verify("<script>alert(1)</script>")).status == 400


async def test_the_callback_is_absent_when_the_channel_is_off(start_wechat: StartWeChat) -> None:
    async with start_wechat(enabled=False) as (_, wechat):
        assert (await wechat.verify()).status == 404


# --- what people get


async def test_a_question_gets_its_answer_encrypted(wechat: WeChatServer) -> None:
    answer = await wechat.push(a_text(QUESTION))
    assert answer.status == 200
    assert "<Content>" not in answer.body
    assert "工资" in answer.text


async def test_an_answer_names_its_page_under_the_public_address(wechat: WeChatServer) -> None:
    answer = await wechat.push(an_event("CLICK", "faq_wage_arrears"))
    assert f"{BASE_URL}/faq/wage.arrears" in answer.text
    assert "依据：" in answer.text


async def test_a_number_picks_from_the_list(wechat: WeChatServer) -> None:
    welcome = (await wechat.push(an_event("subscribe"))).text
    second = next(line for line in welcome.splitlines() if line.startswith("2. ")).removeprefix("2. ")
    assert f"【{second}】" in (await wechat.push(a_text("2"))).text


async def test_the_list_of_one_person_is_not_offered_to_another(wechat: WeChatServer) -> None:
    await wechat.push(an_event("subscribe"))
    other = (await wechat.push(a_text("2", sender="oWorker2"))).text
    assert "过期" in other


async def test_who_follows_by_the_code_of_an_entry_sees_the_entry(wechat: WeChatServer) -> None:
    followed = await wechat.push(a_payload("event_subscribe_by_code"))
    scanned = await wechat.push(a_payload("event_scan"))
    assert "【单位拖欠工资怎么办】" in followed.text
    assert scanned.text == followed.text


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ("voice", "听不懂"),
        ("voice_16k", "听不懂"),
        ("image", "图片"),
        ("image_from_article", "图片"),
        ("location", "位置"),
        ("video", "视频"),
        ("shortvideo", "视频"),
        ("link", "打字"),
        ("file", "打字"),
        ("event_subscribe", "大家常问"),
        ("event_click", "12333"),
    ],
)
async def test_every_kind_of_message_gets_a_helpful_word(wechat: WeChatServer, payload: str, words: str) -> None:
    assert words in (await wechat.push(a_payload(payload))).text


SILENT = sorted(name for name, kind in KINDS.items() if kind is Kind.NOTICE)


@pytest.mark.parametrize("payload", SILENT)
async def test_the_platforms_own_events_are_taken_in_silence(wechat: WeChatServer, payload: str) -> None:
    answer = await wechat.push(a_payload(payload))
    assert (answer.status, answer.body) == (200, "success")


async def test_who_leaves_is_forgotten(program: Program, wechat: WeChatServer) -> None:
    await wechat.push(a_text(QUESTION))
    await wechat.push(an_event("CLICK", "faq_wage_arrears"))
    await wechat.push(a_text("有用"))
    await wechat.push(a_text("别人的问题：加班费怎么算", sender="oWorker2"))
    assert (await wechat.push(an_event("unsubscribe"))).body == "success"
    async with program.store.read() as work:
        assert await work.questions.count() == 1
        assert await work.votes.tally("wage.arrears") == (0, 0)
    assert "过期" in (await wechat.push(a_text("1"))).text


async def test_text_that_tries_to_break_the_xml_changes_nothing(wechat: WeChatServer) -> None:
    answer = await wechat.push(a_text("]]]]><![CDATA[></Content><MsgType>image</MsgType>"))
    assert answer.status == 200
    assert answer.text


# --- modes and keys


async def test_a_question_under_the_previous_key_is_answered_under_it(wechat: WeChatServer) -> None:
    wechat.key = OLD_KEY
    assert "工资" in (await wechat.push(a_text(QUESTION))).text


async def test_in_safe_mode_a_plain_message_is_refused_though_its_signature_is_good(wechat: WeChatServer) -> None:
    assert (await wechat.push_plain(a_text(QUESTION))).status == 403


@pytest.mark.parametrize("encrypt_type", [{}, {"encrypt_type": "raw"}], ids=["absent", "raw"])
async def test_in_plain_mode_question_and_answer_are_plain(
    start_wechat: StartWeChat, encrypt_type: dict[str, str]
) -> None:
    async with start_wechat(mode="plain") as (_, wechat):
        answer = await wechat.push_plain(a_text(QUESTION), **encrypt_type)
        assert "<Content>" in answer.body
        assert "工资" in answer.text


async def test_plain_mode_needs_no_key(start_wechat: StartWeChat) -> None:
    environ = {"GONGHUI_WECHAT_TOKEN": ENVIRON["GONGHUI_WECHAT_TOKEN"]}
    async with start_wechat(environ, mode="plain") as (_, wechat):
        assert "工资" in (await wechat.push_plain(a_text(QUESTION))).text
        assert (await wechat.push(a_text(QUESTION))).status == 403


async def test_in_compatible_mode_the_encrypted_form_counts(start_wechat: StartWeChat) -> None:
    async with start_wechat(mode="compatible") as (_, wechat):
        also = "<FromUserName>oWorker1</FromUserName><MsgType>text</MsgType><Content>你好</Content><MsgId>1</MsgId>"
        answer = await wechat.push(a_text(QUESTION), also_plain=also)
        assert "<Encrypt>" in answer.body
        assert "工资" in answer.text
        assert "工资" in (await wechat.push_plain(a_text(QUESTION))).text


async def test_in_plain_mode_the_signature_counts_all_the_same(start_wechat: StartWeChat) -> None:
    async with start_wechat(mode="plain") as (_, wechat):
        assert (await wechat.push_plain(a_text(QUESTION), signature="0" * 40)).status == 403


# --- what is refused


async def refusal_of(call: Awaitable[Answer], program: Program) -> tuple[int, MutableMapping[str, Any]]:
    """The status, and the one line in the log. The refused message leaves no trace."""
    with capture_logs() as logs:
        answer = await call
    refused = [line for line in logs if line["event"] == "wechat.refused"]
    assert len(refused) == 1
    assert QUESTION not in json.dumps(logs, ensure_ascii=False)
    assert "oWorker1" not in json.dumps(logs)
    async with program.store.read() as work:
        assert await work.questions.count() == 0
    return answer.status, refused[0]


@pytest.mark.parametrize("late", [301, 86_400, -301], ids=["late", "a-day-late", "from-the-future"])
async def test_a_request_outside_the_window_is_refused(program: Program, wechat: WeChatServer, late: float) -> None:
    status, line = await refusal_of(wechat.push(a_text(QUESTION), late=late), program)
    assert (status, line["reason"]) == (403, "window")
    assert "clock" in line["hint"]


@pytest.mark.parametrize("late", [299, -299], ids=["late", "early"])
async def test_a_request_at_the_edge_of_the_window_is_taken(wechat: WeChatServer, late: float) -> None:
    assert (await wechat.push(a_text(QUESTION), late=late)).status == 200


async def test_a_changed_ciphertext_is_refused(program: Program, wechat: WeChatServer) -> None:
    status, line = await refusal_of(wechat.push(a_text(QUESTION), tamper=True), program)
    assert (status, line["reason"]) == (403, "signature")


async def test_a_wrong_token_is_refused(program: Program, wechat: WeChatServer) -> None:
    wechat.token = "another-token"
    status, line = await refusal_of(wechat.push(a_text(QUESTION)), program)
    assert (status, line["reason"]) == (403, "signature")


async def test_another_app_is_refused(program: Program, wechat: WeChatServer) -> None:
    wechat.app_id = "wxffffffffffffffff"
    status, line = await refusal_of(wechat.push(a_text(QUESTION)), program)
    assert (status, line["reason"]) == (403, "app_id")


async def test_another_recipient_is_refused(program: Program, wechat: WeChatServer) -> None:
    status, line = await refusal_of(wechat.push(a_text(QUESTION, to="gh_somebody_else")), program)
    assert (status, line["reason"]) == (403, "recipient")


async def test_an_unknown_key_is_refused(program: Program, wechat: WeChatServer) -> None:
    wechat.key = "A" * 43
    status, line = await refusal_of(wechat.push(a_text(QUESTION)), program)
    assert (status, line["reason"]) == (403, "undecipherable")


@pytest.mark.parametrize(
    "body",
    ["", "<xml>", "hello", "<xml><Encrypt></Encrypt></xml>", "<html/>", '<!DOCTYPE x [<!ENTITY a "b">]><xml/>'],
    ids=["empty", "cut-off", "no-xml", "no-ciphertext", "html", "doctype"],
)
async def test_a_broken_envelope_is_refused(program: Program, wechat: WeChatServer, body: str) -> None:
    query = wechat.query() | {"encrypt_type": "aes", "msg_signature": "0" * 40}
    status, _ = await refusal_of(wechat._post(body, query), program)
    assert status == 400


@pytest.mark.parametrize("document", ["", "<xml>", "<xml><Content>", a_text(QUESTION).replace("MsgId", "Id")])
async def test_a_broken_document_inside_is_refused(program: Program, wechat: WeChatServer, document: str) -> None:
    status, _ = await refusal_of(wechat.push(document), program)
    assert status == 400


@pytest.mark.parametrize("missing", ["timestamp", "nonce", "msg_signature"])
async def test_a_request_without_its_signed_parts_is_refused(
    program: Program, wechat: WeChatServer, missing: str
) -> None:
    status, _ = await refusal_of(wechat.push(a_text(QUESTION), **{missing: ""}), program)
    assert status in (400, 403)


async def test_too_large_a_body_is_refused(program: Program, wechat: WeChatServer) -> None:
    status, line = await refusal_of(wechat.push(a_text(QUESTION + "长" * 30_000)), program)
    assert (status, line["reason"]) == (413, "too_large")


async def test_too_large_a_body_is_refused_even_when_its_length_is_not_announced(
    wechat: WeChatServer,
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1024

    with capture_logs() as logs:
        response = await wechat.client.post("/wechat", params=wechat.query(), content=chunks())
    assert (response.status_code, logs[0]["reason"]) == (413, "too_large")


@pytest.mark.parametrize(
    "headers", [{"content-type": "application/json"}, {"content-type": "text/xml"}], ids=["announced", "not"]
)
async def test_json_push_is_refused_with_what_to_change(
    program: Program, wechat: WeChatServer, headers: dict[str, str]
) -> None:
    """The console offers JSON; an operator who chose it has to read why nothing works."""
    wechat.headers = headers
    body = json.dumps({"ToUserName": ACCOUNT, "Encrypt": "..."})
    status, line = await refusal_of(wechat._post(body, wechat.query() | {"encrypt_type": "aes"}), program)
    assert (status, line["reason"]) == (415, "json_push")
    assert "XML" in line["hint"]


async def test_other_methods_are_not_served(wechat: WeChatServer) -> None:
    assert (await wechat.client.put("/wechat")).status_code == 405


async def test_the_log_of_a_question_names_nobody_and_quotes_nothing(wechat: WeChatServer) -> None:
    with capture_logs() as logs:
        await wechat.push(a_text(QUESTION))
        await wechat.push(a_text(QUESTION, message_id=1))
        await wechat.push(a_text(QUESTION, message_id=1))
    text = json.dumps(logs, ensure_ascii=False, default=str)
    assert "inbound.handled" in text
    assert "inbound.repeated" in text
    assert not any(word in text for word in (QUESTION, "工资", "oWorker1", KEY))
