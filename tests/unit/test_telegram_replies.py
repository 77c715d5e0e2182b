"""A reply as messages of Telegram: nothing over the limit, nothing lost, no broken mark."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.limits import TEXT, utf16
from bot.channels.telegram.replies import DATA_BYTES, ReplyWords, is_public, render_reply
from bot.messages import Choice, Link, Reply
from bot.wording import load_wording
from tests.builders import ROOT
from tests.emulators.telegram import read_html

WORDS = ReplyWords(helpful="有用", useless="没用", instead={"回复序号。": "点按钮。"})
BASE = "https://ask.example.org"


def render(reply: Reply, base: str = BASE) -> list:
    return render_reply(reply, base, WORDS, lambda action: f"{hash(action) & 0xFFFFFFFF:024x}"[:24])


TEXTS = st.text(st.sampled_from("工资。，！<>&\"'a1 \n😀👩‍🔧…"), max_size=3000)
CHOICES = st.lists(st.builds(Choice, st.text(max_size=60), st.text(min_size=1, max_size=90)), max_size=12).map(tuple)


PARTS = dict.fromkeys(("text", "notice", "title", "basis", "note", "hint"), TEXTS)


@given(reply=st.builds(Reply, choices=CHOICES, **PARTS))
def test_no_message_is_over_the_limit_nothing_is_lost_and_no_mark_is_broken(reply: Reply) -> None:
    shown = ""
    for message in render(reply):
        text, fault = read_html(message.html)
        assert fault == ""
        assert text == message.plain
        assert utf16(text) <= TEXT
        assert text.strip()
        shown += text
        for row in message.buttons:
            assert all(len(button.data.encode()) <= DATA_BYTES for button in row)
    for part in (reply.notice, reply.title, reply.text, reply.basis, reply.note, reply.hint):
        assert re.sub(r"\s", "", part) in re.sub(r"\s", "", shown)


def test_a_long_answer_is_cut_at_sentences_and_the_buttons_stand_below_the_last_piece() -> None:
    reply = Reply(text="工资应当按时足额发。" * 900, choices=(Choice("一", "entry:a"),))
    messages = render(reply)
    assert len(messages) == 3
    assert all(message.plain.endswith("。") for message in messages)
    assert [bool(message.buttons) for message in messages] == [False, False, True]


def test_choices_votes_and_pages_are_buttons() -> None:
    reply = Reply(
        text="答",
        title="题",
        topic="wage.arrears",
        choices=(Choice("一", "entry:a"), Choice("二" * 40, "intake:category:wage")),
        links=(Link("全文", "/faq/wage.arrears"),),
    )
    (message,) = render(reply)
    labels = [[button.label[:4] for button in row] for row in message.buttons]
    assert labels == [["1. 一"], ["2. 二"], ["全文"], ["有用", "没用"]]
    assert message.buttons[2][0].url == "https://ask.example.org/faq/wage.arrears"
    assert f"2. {'二' * 40}" in message.plain
    assert message.html.startswith("<b>题</b>\n答")


def test_pages_that_telegram_would_not_open_stand_in_the_text_or_are_left_out() -> None:
    reply = Reply(text="答", links=(Link("全文", "/faq/a"), Link("订阅", "http://127.0.0.1:8000/x")))
    (message,) = render(reply, "")
    assert message.buttons == ()
    assert "http://127.0.0.1:8000/x" in message.plain
    assert "/faq/a" not in message.plain


def test_what_is_public() -> None:
    assert [is_public(url) for url in ("https://a.example.org/x", "http://localhost/x", "ftp://a.b/x", "/x")] == [
        True, False, False, False,
    ]  # fmt: skip


def test_a_reply_that_says_nothing_sends_nothing() -> None:
    assert render(Reply(text=" \n")) == []


def test_what_introduces_the_buttons_stands_right_above_them_and_nobody_is_told_to_type_a_number() -> None:
    reply = Reply(
        text="正文", prompt="还可以看：", choices=(Choice("一", "entry:a"),), hint="回复序号。\n还有投诉没填完。"
    )
    (message,) = render_reply(reply, "", WORDS, str)
    assert message.plain == "正文\n\n点按钮。\n还有投诉没填完。\n\n还可以看："
    (plain,) = render_reply(Reply(text="正文", hint="回复序号。"), "", WORDS, str)
    assert plain.plain == "正文\n\n回复序号。"


def test_a_long_choice_stands_in_the_text_and_its_button_goes_without_the_explanation() -> None:
    label = "工资（拖欠、克扣、加班费、奖金提成、低于最低工资标准的，没有休息日加班工资的，都算这一类）"
    reply = Reply(text="哪方面？", choices=(Choice(label, "a"), Choice("其他", "b")), hint="回复序号。")
    (message,) = render_reply(reply, "", WORDS, str)
    assert message.plain == f"哪方面？\n\n1. {label}\n2. 其他\n\n点按钮。"
    assert [row[0].label for row in message.buttons] == ["1. 工资", "2. 其他"]


def test_every_hint_that_speaks_of_numbers_has_other_words_here() -> None:
    wording = load_wording(ROOT / "content" / "replies")
    words = ReplyWords.of(wording, "12351")
    assert not any("序号" in said for said in words.instead.values())
    assert wording("menu.hint", hotline="12351") in words.instead
    assert wording("answer.hint") in words.instead
