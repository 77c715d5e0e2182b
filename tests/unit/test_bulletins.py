"""Bulletins as each channel sets them, and what errors mean."""

from datetime import UTC, datetime, timedelta

import pytest
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.channels.mail.bulletins import headers_of, render_lines
from bot.channels.telegram.bulletins import LONGEST, STOP, ending_of, render_bulletin
from bot.channels.telegram.markup import count
from bot.channels.wechat.bulletins import render_bulletin as render_notice
from bot.channels.wechat.templates import Template
from bot.keyring import make_key_ring_document, parse_key_ring
from bot.subscriptions.bulletins import BulletinWriter
from bot.subscriptions.issues import MOST_ITEMS, Issue, Item
from bot.subscriptions.links import Links
from bot.subscriptions.ports import Bulletin, Ended
from bot.subscriptions.subscribers import Pace
from tests.broadcasts import WORDS

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
LINKS = Links(parse_key_ring(make_key_ring_document()), "https://ask.test")


def a_bulletin(posts: int = 1, pace: Pace = Pace.AT_ONCE, title: str = "工资<三问>", links: Links = LINKS) -> Bulletin:
    items = tuple(Item(post=f"p{n}", title=title, digest="一句话" * 60, path=f"/posts/p{n}") for n in range(posts))
    issue = Issue(id="i" * 32, key="k", pace=pace, items=items, until=NOW, made_at=NOW)
    return BulletinWriter(WORDS, links, "菏泽工会").write(issue, "a" * 32, ())


def test_a_message_on_telegram_fits_whatever_is_in_it() -> None:
    html = render_bulletin(a_bulletin(MOST_ITEMS, Pace.WEEKLY, title="题" * 600))
    assert count(html) <= LONGEST
    assert "还有几篇" in html
    assert "&lt;三问&gt;" in render_bulletin(a_bulletin())
    assert len(STOP.encode()) <= 64


def test_a_mail_can_be_stopped_with_one_click() -> None:
    bulletin = a_bulletin()
    headers = headers_of(bulletin)
    assert headers["List-Unsubscribe"] == f"<{bulletin.stop_page}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert bulletin.manage in render_lines(bulletin)
    assert headers_of(a_bulletin(links=Links(parse_key_ring(make_key_ring_document()), ""))) == {}


def test_a_notice_in_wechat_fits_its_fields() -> None:
    template = Template(id="t1", fields={"thing1": "title", "time2": "time"}, federation="菏泽工会")
    notice = render_notice(template, "o1", a_bulletin(title="题" * 40), NOW)
    assert notice["data"] == {"thing1": {"value": "题" * 20}, "time2": {"value": "2026-11-22 10:00"}}
    assert notice["page"] == "https://ask.test/posts/p0"


@pytest.mark.parametrize(
    ("error", "ended", "halts"),
    [
        (InvalidToken(), Ended.PUT_OFF, True),
        (Forbidden("Forbidden: bot was blocked by the user"), Ended.GONE, False),
        (ChatMigrated(-100), Ended.GONE, False),
        (BadRequest("Chat not found"), Ended.GONE, False),
        (BadRequest("Can't parse entities"), Ended.REFUSED, False),
        (NetworkError("Bad Gateway"), Ended.UNKNOWN, False),
    ],
    ids=["401", "403", "migrated", "nobody", "400", "502"],
)
def test_what_an_error_of_telegram_means(error: TelegramError, ended: Ended, halts: bool) -> None:
    assert (ending_of(error).ended, ending_of(error).halts) == (ended, halts)


def test_a_pause_that_telegram_asks_for_is_told_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # as `make_bot` sets it
    ending = ending_of(RetryAfter(timedelta(seconds=7)))
    assert (ending.ended, ending.rest, ending.halts) == (Ended.PUT_OFF, timedelta(seconds=7), True)
