"""Two issues of one post wait as drafts in the WeChat account: an article that a person publishes is one of them."""

from collections.abc import AsyncIterator

import pytest

from bot.channels.wechat.publish_steps import Mode
from bot.publishing.deliveries import Delivery, DeliveryState
from bot.publishing.dispatch import Dispatcher
from bot.store.unit_of_work import SqlStore
from tests.contract.sender_cases.wechat import COVER, INSIDE, JPEG, PNG, WeChatBench, a_bench, a_parcel
from tests.newsdesk import make_parts
from tests.newsroom import a_content, a_delivery, a_post
from tests.publishing_desk import deliveries

S = DeliveryState
RENDERING = a_parcel().rendering


class TwoPictures:
    """Those of the article."""

    async def put(self, data: bytes) -> str:
        raise NotImplementedError

    async def get(self, digest: str) -> bytes | None:
        return {COVER: JPEG, INSIDE: PNG}.get(digest)


@pytest.fixture
async def bench() -> AsyncIterator[WeChatBench]:
    async with a_bench(Mode.DRAFT) as bench:
        yield bench


@pytest.fixture
def dispatcher(store: SqlStore, bench: WeChatBench) -> Dispatcher:
    return Dispatcher(make_parts(store.write, store.read, {"wechat": bench.sender}, bench.clock, TwoPictures()))


@pytest.fixture
async def drafts(store: SqlStore, bench: WeChatBench, dispatcher: Dispatcher) -> list[str]:
    """Last week's draft and this week's: nobody has published either."""
    post = a_post(content=a_content(channels=("wechat",)), approved={"wechat": RENDERING.digest})
    async with store.write() as work:
        await work.posts.add(post)
        await work.posts.save_renderings([RENDERING])
        await work.commit()
    for _ in range(2):
        bench.clock.advance(days=7)
        now = bench.clock.now()
        issue = a_delivery(channel="wechat", rendering=RENDERING.digest, due_at=now, made_at=now, next_at=now)
        async with store.write() as work:
            await work.deliveries.plan([issue])
            await work.commit()
        assert await dispatcher.drain() == {"waiting": 1}
    return [each.memory["draft"] for each in await deliveries(store)]


async def asked_an_hour_later(store: SqlStore, bench: WeChatBench, dispatcher: Dispatcher) -> list[Delivery]:
    """Both issues after WeChat was asked for both."""
    bench.clock.advance(hours=1)
    assert sum((await dispatcher.reconcile()).values()) == 2
    return await deliveries(store)


async def test_while_last_weeks_draft_is_there_this_weeks_article_is_not_taken_for_it(
    store: SqlStore, bench: WeChatBench, dispatcher: Dispatcher, drafts: list[str]
) -> None:
    article = bench.platform.publish_by_hand(drafts[1])
    last, this = await asked_an_hour_later(store, bench, dispatcher)
    assert (last.state, this.state, this.vendor_id) == (S.WAITING, S.SENT, f"article:{article.id}")


async def test_one_article_is_one_issue_though_both_drafts_are_gone(
    store: SqlStore, bench: WeChatBench, dispatcher: Dispatcher, drafts: list[str]
) -> None:
    """Somebody has deleted the other draft: that issue is left to a person."""
    bench.platform.publish_by_hand(drafts[1])
    bench.platform.drafts.clear()
    asked = await asked_an_hour_later(store, bench, dispatcher)
    assert sorted(each.state for each in asked) == [S.SENT, S.WAITING]
    bench.clock.advance(hours=1)
    await dispatcher.reconcile()
    assert sorted(each.state for each in await deliveries(store)) == [S.SENT, S.WAITING]


async def test_two_articles_are_the_two_issues_in_their_order(
    store: SqlStore, bench: WeChatBench, dispatcher: Dispatcher, drafts: list[str]
) -> None:
    articles = []
    for draft in drafts:
        articles.append(bench.platform.publish_by_hand(draft))
        bench.clock.advance(minutes=5)
    asked = await asked_an_hour_later(store, bench, dispatcher)
    assert [(each.state, each.address) for each in asked] == [(S.SENT, article.url) for article in articles]
