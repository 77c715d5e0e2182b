"""What the ledger says of the site, on every database."""

from datetime import timedelta

from bot.publishing.deliveries import DeliveryState, Kind
from bot.publishing.public_view import Stamp
from bot.store.unit_of_work import SqlStore
from tests.newsroom import NINE, a_delivery, a_rendering

HOUR = timedelta(hours=1)


async def send(store: SqlStore, hours: int, **fields: object) -> str:
    values = {"channel": "site", "state": DeliveryState.SENT, "next_at": None, "finished_at": NINE + hours * HOUR}
    delivery = a_delivery(**{**values, **fields})
    async with store.write() as work:
        await work.deliveries.plan([delivery])
        await work.commit()
    return delivery.id


async def stamp(store: SqlStore) -> Stamp:
    async with store.read() as work:
        return await work.site_pages.stamp()


async def test_only_what_was_sent_to_the_site_counts(store: SqlStore) -> None:
    await send(store, 1, channel="mastodon")
    for state in DeliveryState:
        if state is not DeliveryState.SENT:
            await send(store, 1, state=state)
    async with store.read() as work:
        assert await work.site_pages.lines() == []
        assert await work.site_pages.stamp() == Stamp(0, None)


async def test_lines_come_in_order_from_an_instant_on(store: SqlStore) -> None:
    last, first = await send(store, 3, kind=Kind.WITHDRAW), await send(store, 1)
    async with store.read() as work:
        lines = await work.site_pages.lines()
        later = await work.site_pages.lines(NINE + 3 * HOUR)
    assert [line.delivery for line in lines] == [first, last]
    assert [(line.delivery, line.kind, line.at) for line in later] == [(last, Kind.WITHDRAW, NINE + 3 * HOUR)]


async def test_the_stamp_changes_with_everything_that_is_sent_even_earlier(store: SqlStore) -> None:
    await send(store, 2)
    before = await stamp(store)
    assert before == Stamp(1, NINE + 2 * HOUR)
    await send(store, 1)
    assert await stamp(store) == Stamp(2, NINE + 2 * HOUR)


async def test_renderings_are_found_by_digest_and_missing_ones_left_out(store: SqlStore) -> None:
    renderings = [a_rendering("site", text=f"{number}") for number in range(1200)]
    async with store.write() as work:
        await work.posts.save_renderings(renderings)
        await work.commit()
    wanted = [rendering.digest for rendering in renderings]
    async with store.read() as work:
        found = await work.site_pages.renderings([*wanted, "lost"])
    assert found == dict(zip(wanted, renderings, strict=True))
