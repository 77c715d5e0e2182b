"""What has to be read again because a law has changed, on every database."""

from datetime import timedelta

import pytest

from bot.laws.citation import Citation
from bot.publishing.errors import NotAllowed, UnknownLawReview
from bot.publishing.law_reviews import CitingEntry, Kind, LawReviews, changed_articles
from bot.store.unit_of_work import SqlStore
from tests.newsroom import NINE, a_content
from tests.newsroom_desk import ANN, CAL, LEA, write_post

LAW = "劳动合同法"
REVIEWS = LawReviews()
ENTRIES = [
    CitingEntry("wage.arrears", "拖欠工资", (Citation(LAW, 30), Citation(LAW, 85, item=1))),
    CitingEntry("wage.other", "别的", (Citation(LAW, 44), Citation("劳动法", 30))),
    CitingEntry("wage.whole", "整部", (Citation(LAW),)),
]


def test_articles_have_changed_when_their_words_are_others_or_they_came_or_went() -> None:
    old = {(30, 0): "按月\n支付", (44, 0): "一", (50, 0): "旧", (51, 0): "没了"}
    new = {(30, 0): "按月支付", (44, 0): "二", (50, 0): "旧", (276, 1): "新"}
    assert changed_articles(old, new) == {(44, 0), (51, 0), (276, 1)}
    assert changed_articles({}, new) == frozenset(), "a first text is no other text"


async def test_what_cites_a_changed_article_is_listed_until_somebody_has_read_it(store: SqlStore) -> None:
    post = await write_post(store)
    await write_post(store, content=a_content("other", citations=(Citation("劳动法", 50),)))
    async with store.write() as work:
        noted = await REVIEWS.note(work, LAW, [(30, 0)], ENTRIES, NINE)
        await REVIEWS.note(work, LAW, [(30, 0)], ENTRIES, NINE + timedelta(days=1))
        await work.commit()
    assert {(one.kind, one.subject, one.articles) for one in noted} == {
        (Kind.ENTRY, "wage.arrears", ("30",)),
        (Kind.ENTRY, "wage.whole", ("—",)),
        (Kind.POST, post.id, ("30",)),
    }
    async with store.write() as work:
        listed = await REVIEWS.list(work, NINE)
        assert {one.id for one in listed} == {one.id for one in noted}, "twice noted is listed once"
        mine = next(one for one in listed if one.kind is Kind.POST)
        with pytest.raises(NotAllowed):
            await REVIEWS.done(work, LEA, mine.id, NINE)
        assert await REVIEWS.done(work, ANN, mine.id, NINE) == mine
        with pytest.raises(UnknownLawReview):
            await REVIEWS.done(work, ANN, mine.id, NINE)
        entry = next(one for one in listed if one.subject == "wage.whole")
        await REVIEWS.done(work, CAL, entry.id, NINE)
        assert [one.subject for one in await REVIEWS.list(work, NINE)] == ["wage.arrears"]


async def test_nothing_is_listed_where_nothing_changed(store: SqlStore) -> None:
    async with store.write() as work:
        assert await REVIEWS.note(work, LAW, [], ENTRIES, NINE) == []
        assert await REVIEWS.list(work, NINE) == []
