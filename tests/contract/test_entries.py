"""The live FAQ base, its versions, and the texts of laws."""

import asyncio
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.keyring import make_key_ring_document, parse_key_ring
from bot.laws.statutes import StatuteText
from bot.store.engine import make_engine
from bot.store.migrate import upgrade
from bot.store.unit_of_work import SqlStore
from tests.fakes import FakeClock


async def save(store: SqlStore, clock: FakeClock, topic: str = "wage.arrears", source: str = "一") -> int | None:
    async with store.write() as work:
        version = await work.entries.save(topic, source, "editor", clock.now())
        await work.commit()
        return version


async def revision(store: SqlStore) -> str:
    async with store.read() as work:
        return await work.entries.revision()


async def test_saving_counts_versions_and_the_last_one_is_current(store: SqlStore, clock: FakeClock) -> None:
    assert [await save(store, clock, source=source) for source in "一二三"] == [1, 2, 3]
    async with store.read() as work:
        assert await work.entries.current() == {"wage.arrears": "三"}
        assert [number for number, _, _ in await work.entries.versions("wage.arrears")] == [3, 2, 1]
        assert (await work.entries.versions("wage.arrears"))[0][1:] == (clock.now(), "editor")


async def test_saving_the_same_text_again_changes_nothing(store: SqlStore, clock: FakeClock) -> None:
    await save(store, clock)
    before = await revision(store)
    assert await save(store, clock) is None
    assert await revision(store) == before


async def test_going_back_to_an_older_text_is_a_new_version(store: SqlStore, clock: FakeClock) -> None:
    for source in "一二":
        await save(store, clock, source=source)
    assert await save(store, clock, source="一") == 3


async def test_a_retired_topic_leaves_the_base_and_keeps_its_versions(store: SqlStore, clock: FakeClock) -> None:
    await save(store, clock)
    async with store.write() as work:
        assert await work.entries.retire("wage.arrears")
        assert not await work.entries.retire("wage.arrears")
        await work.commit()
    async with store.read() as work:
        assert await work.entries.current() == {}
        assert len(await work.entries.versions("wage.arrears")) == 1
    assert await save(store, clock) == 2


async def test_two_processes_importing_the_same_base_at_once_make_one_version(
    open_store: Callable[[], SqlStore], clock: FakeClock
) -> None:
    """Two servers that start for the first time together."""
    stores = [open_store() for _ in range(2)]
    versions = await asyncio.gather(*(save(stores[n % 2], clock) for n in range(6)))
    assert sorted(versions, key=str) == [1, None, None, None, None, None]


async def test_two_editors_saving_at_once_leave_exactly_one_current_version(
    open_store: Callable[[], SqlStore], clock: FakeClock
) -> None:
    stores = [open_store() for _ in range(2)]
    versions = await asyncio.gather(*(save(stores[n % 2], clock, source=f"text {n}") for n in range(6)))
    assert sorted(version or 0 for version in versions) == [1, 2, 3, 4, 5, 6]
    async with stores[0].read() as work:
        assert len(await work.entries.current()) == 1


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sources=st.dictionaries(st.from_regex(r"[a-z]{1,5}\.[a-z]{1,5}", fullmatch=True), st.text("一二三", max_size=5)))
async def test_equal_bases_have_equal_revisions_in_whatever_order_they_grew(
    tmp_path_factory: pytest.TempPathFactory, clock: FakeClock, sources: dict[str, str]
) -> None:
    """A revision names the content, so that processes, databases and cached vectors agree on it."""
    keys = parse_key_ring(make_key_ring_document())
    digests = set()
    for order in (list(sources), list(reversed(sources))):
        store = SqlStore(make_engine(f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('base')}/g.db"), keys)
        await upgrade(store.engine)
        for topic in order:
            await save(store, clock, topic, sources[topic])
        digests.add(await revision(store))
        await store.close()
    assert len(digests) == 1


def article(number: int, suffix: int = 0, text: str = "条文", law: str = "劳动合同法") -> StatuteText:
    return StatuteText(law, f"中华人民共和国{law}", number, suffix, text, "2012", "现行", date(2013, 7, 1))


async def replace(store: SqlStore, articles: list[StatuteText], law: str = "劳动合同法") -> int:
    async with store.write() as work:
        count = await work.articles.replace(law, articles)
        await work.commit()
        return count


async def test_articles_are_found_by_number_and_suffix(store: SqlStore) -> None:
    loaded = [article(30), article(85), article(17, 1, "之一")]
    assert await replace(store, loaded) == 3
    async with store.read() as work:
        found = await work.articles.find("劳动合同法", [(85, 0), (17, 1), (17, 0), (999, 0)])
    assert found == {(85, 0): article(85), (17, 1): article(17, 1, "之一")}


async def test_a_law_loaded_again_replaces_itself_and_no_other_law(store: SqlStore) -> None:
    await replace(store, [article(1), article(2)])
    await replace(store, [article(1, law="社会保险法")], "社会保险法")
    await replace(store, [article(1, text="新")])
    async with store.read() as work:
        assert await work.articles.laws() == {"劳动合同法": 1, "社会保险法": 1}
        assert (await work.articles.find("劳动合同法", [(1, 0)]))[1, 0].text == "新"


async def test_a_law_of_more_articles_than_one_batch_is_loaded_whole(store: SqlStore) -> None:
    assert await replace(store, [article(n) for n in range(1, 1261)]) == 1260
    async with store.read() as work:
        assert await work.articles.laws() == {"劳动合同法": 1260}
