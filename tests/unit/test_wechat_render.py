"""`Reply` -> WeChat: within 2048 bytes, the important parts whole, and XML that nothing breaks out of."""

from datetime import UTC, datetime
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.document import cdata, legal
from bot.channels.wechat.render import TEXT_BYTES, render_reply, render_text
from bot.fitting import utf8_bytes
from bot.messages import Choice, Link, Reply

BASE = "https://ask.example.org"
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SENTENCE = "工资应当按月足额支付，不得无故拖欠。"

LINES = st.text(alphabet="工资拖欠怎么办，。！12a😭\n", max_size=400)
SHORT = st.text(alphabet="工资拖欠怎么办，。", max_size=40)
REPLIES = st.builds(
    Reply,
    text=LINES.map(lambda text: text * 3),
    notice=SHORT,
    title=SHORT,
    basis=LINES,
    note=LINES,
    prompt=SHORT,
    hint=SHORT,
    links=st.lists(st.builds(Link, label=SHORT, url=st.just("/faq/wage.arrears")), max_size=2).map(tuple),
    choices=st.lists(st.builds(Choice, label=SHORT, action=st.just("entry:a")), max_size=8).map(tuple),
)


def an_answer(sentences: int = 3, **fields: object) -> Reply:
    values: dict[str, object] = {
        "title": "单位拖欠工资怎么办",
        "text": SENTENCE * sentences,
        "basis": "依据：《劳动合同法》第30、85条",
        "note": "以上是一般性信息，具体情况请拨打12351咨询。",
        "links": (Link("步骤、证据、去哪里办", "/faq/wage.arrears"),),
        "prompt": "还可以看：",
        "choices": (Choice("最后一个月工资怎么结", "entry:wage.final-pay"), Choice("怎么投诉", "entry:dispute.routes")),
        "hint": "回复序号继续看。",
    }
    return Reply(**{**values, **fields})  # type: ignore[arg-type]


@given(reply=REPLIES, base_url=st.sampled_from(["", BASE]))
def test_no_reply_whatever_is_longer_than_wechat_carries(reply: Reply, base_url: str) -> None:
    assert utf8_bytes(render_text(reply, base_url)) <= TEXT_BYTES


@given(reply=REPLIES)
def test_the_emergency_notice_comes_first_and_whole(reply: Reply) -> None:
    assert render_text(reply, BASE).startswith(reply.notice.strip("\n"))


@given(reply=REPLIES)
def test_what_fits_is_shown_whole(reply: Reply) -> None:
    everything = (reply.text, reply.basis, reply.note, reply.prompt, reply.hint)
    whole = render_text(reply, BASE, limit=100_000)
    assert all(part in whole for part in everything)
    if utf8_bytes(whole) <= TEXT_BYTES:
        assert render_text(reply, BASE) == whole


def test_an_answer_reads_from_the_answer_to_what_comes_next() -> None:
    assert render_text(an_answer(1), BASE).split("\n\n") == [
        f"【单位拖欠工资怎么办】\n{SENTENCE}",
        "依据：《劳动合同法》第30、85条",
        "以上是一般性信息，具体情况请拨打12351咨询。",
        "步骤、证据、去哪里办：https://ask.example.org/faq/wage.arrears",
        "还可以看：\n1. 最后一个月工资怎么结\n2. 怎么投诉",
        "回复序号继续看。",
    ]


def test_without_a_public_address_the_page_is_not_mentioned() -> None:
    text = render_text(an_answer(1), "")
    assert "/faq/" not in text
    assert "步骤" not in text


def test_an_address_of_another_site_stays_as_it_is() -> None:
    reply = Reply(text="见", links=(Link("劳动仲裁", "https://example.org/a"),))
    assert render_text(reply, "") == "见\n\n劳动仲裁：https://example.org/a"


def test_a_long_answer_ends_at_a_sentence_and_leads_to_the_page() -> None:
    text = render_text(an_answer(60), BASE)
    answer = text.split("\n\n")[0]
    assert answer.endswith(SENTENCE)
    assert "https://ask.example.org/faq/wage.arrears" in text
    assert "依据：《劳动合同法》第30、85条" in text
    assert utf8_bytes(text) > TEXT_BYTES - 3 * utf8_bytes(SENTENCE)


def test_an_answer_cut_inside_a_sentence_says_so() -> None:
    answer = render_text(an_answer(text="工" * 900), BASE).split("\n\n")[0]
    assert answer.endswith("工……")


def test_an_answer_of_short_paragraphs_is_cut_between_them_without_a_mark() -> None:
    answer = render_text(an_answer(text="第一步先书面催要\n" * 120), BASE).split("\n\n")[0]
    assert answer.endswith("催要")


def test_without_a_page_to_lead_to_remarks_and_choices_give_way_before_the_answer() -> None:
    text = render_text(an_answer(34), "")
    assert SENTENCE * 34 in text
    assert "还可以看" not in text


def test_when_choices_give_way_the_numbers_of_the_others_stay() -> None:
    """The person answers with a number: it must mean what the conversation remembers."""
    choices = tuple(Choice(f"问题{n}" + "很" * 50, f"entry:{n}") for n in range(1, 9))
    text = render_text(an_answer(12, choices=choices, note="注" * 60), BASE)
    assert "1. 问题1" in text
    shown = [n for n in range(1, 9) if f"{n}. 问题{n}" in text]
    assert shown == list(range(1, len(shown) + 1))
    assert len(shown) < 8


def test_characters_that_xml_forbids_are_left_out() -> None:
    assert render_text(Reply(text="工\x00资\x0b\ud800。\ufffe"), "") == "工资。"


@given(text=st.text(alphabet=st.one_of(st.characters(), st.sampled_from("]>[<!CDATA&\r\n")), max_size=300))
def test_any_text_comes_back_from_the_xml_as_it_went_in(text: str) -> None:
    document = fromstring(render_reply(text, to="oWorker1", sender="gh_1", now=NOW))
    assert document.findtext("Content") == legal(text)
    assert [child.tag for child in document] == ["ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"]


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")))
def test_ordinary_text_loses_nothing_on_the_way(text: str) -> None:
    assert fromstring(f"<xml>{cdata(text)}</xml>").text == (text or None)


@pytest.mark.parametrize("attack", ["]]>", "]]></Content><Content>x", "]]]]>>", "]]", "a]]>b]]>c"])
def test_the_end_of_cdata_in_a_text_adds_no_element(attack: str) -> None:
    document = fromstring(render_reply(attack, to="oWorker1", sender="gh_1", now=NOW))
    assert len(document) == 5
    assert document.findtext("Content") == attack


def test_a_reply_goes_from_the_account_to_the_person() -> None:
    document = fromstring(render_reply("好", to="oWorker1", sender="gh_1", now=NOW))
    assert {child.tag: child.text for child in document} == {
        "ToUserName": "oWorker1",
        "FromUserName": "gh_1",
        "CreateTime": "1795312800",
        "MsgType": "text",
        "Content": "好",
    }
