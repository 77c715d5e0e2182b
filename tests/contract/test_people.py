"""Forgetting a person: all of theirs, nobody else's. And nothing said stands readable in the database."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import LargeBinary, MetaData, select
from sqlalchemy.exc import StatementError

from bot.messages import Reply
from bot.store.unit_of_work import SqlStore, UnitOfWork
from bot.stored_updates import Arrival, message_key
from tests.fakes import FakeClock

BOT = 7001
SECRET = "老板张三拖欠工资，电话13812345678"


async def leave_traces(store: SqlStore, clock: FakeClock, person: str) -> None:
    """Everything that is kept under a person's name."""
    async with store.write() as work:
        assert await work.inbound.keep("wechat", f"m-{person}", person, Reply(text=SECRET), clock.now())
        assert await work.conversations.save(person, "wechat", {"said": SECRET}, clock.now(), 0)
        await work.questions.record(
            id=f"q-{person}",
            asked_at=clock.now(),
            channel="wechat",
            person=person,
            text=SECRET,
            outcome="none",
            reason="",
            topics=(),
            scores=(),
            base="",
        )
        await work.votes.cast(
            person=person, topic="a.b", question=f"q-{person}", channel="wechat", helpful=True, now=clock.now()
        )
        await work.values.save(f"token-{person}", SECRET, clock.now())
        update = Arrival(len(person) + ord(person[-1]), person, SECRET.encode())
        await work.telegram_updates.add_all(BOT, [update], "owner", clock.now(), clock.now())
        await work.telegram_updates.keep_replies(BOT, update.id, [Reply(text=SECRET)])
        await work.commit()


async def everything(store: SqlStore) -> dict[str, list[Any]]:
    """All rows of all tables, as a thief of the database file would read them."""
    metadata = MetaData()
    async with store.engine.connect() as connection:
        await connection.run_sync(metadata.reflect)
        return {table.name: list(await connection.execute(select(table))) for table in metadata.sorted_tables}


async def test_forgetting_a_person_leaves_no_row_of_theirs_in_any_table(store: SqlStore, clock: FakeClock) -> None:
    await leave_traces(store, clock, "person-a")
    await leave_traces(store, clock, "person-b")
    async with store.write() as work:
        assert await work.people.forget("person-a") == 4
        await work.commit()
    rows = [row._mapping for table in (await everything(store)).values() for row in table]
    owners = [row["person"] for row in rows if "person" in row]
    assert "person-a" not in owners
    assert owners.count("person-b") == 5


OWNED = {
    "inbound",
    "conversation",
    "question",
    "vote",
    "case_file",  # those of drafts go, those of cases lose the name
    "case_link",
    "receipt_waiting",
    "subscriber",
    "telegram_update",  # emptied: that it was there stays known, as Telegram repeats it
}


async def test_whatever_keeps_the_name_of_a_person_is_known_here(store: SqlStore) -> None:
    """A new table with such a column fails here until somebody has thought of forgetting; see `test_case_files`."""
    metadata = MetaData()
    async with store.engine.connect() as connection:
        await connection.run_sync(metadata.reflect)
    assert {table.name for table in metadata.sorted_tables if "person" in table.columns} == OWNED


async def test_forgetting_twice_changes_nothing_more(store: SqlStore, clock: FakeClock) -> None:
    await leave_traces(store, clock, "person-a")
    async with store.write() as work:
        await work.people.forget("person-a")
        assert await work.people.forget("person-a") == 0


async def test_the_message_that_asked_to_forget_stays_known_for_its_retry(store: SqlStore, clock: FakeClock) -> None:
    await leave_traces(store, clock, "person-a")
    async with store.write() as work:
        assert await work.people.forget("person-a", keep_key="m-person-a") == 3
        await work.commit()
    async with store.read() as work:
        assert await work.inbound.find("wechat", "m-person-a") is not None


async def test_updates_of_somebody_who_left_are_emptied_and_stay_known(store: SqlStore, clock: FakeClock) -> None:
    """The one that says so with those before it; what came after it is of somebody who came back."""
    now = clock.now()
    arrivals = [Arrival(number, "person-a", SECRET.encode()) for number in (1, 2, 3)]
    async with store.write() as work:
        await work.telegram_updates.add_all(BOT, arrivals, "owner", now, now)
        await work.telegram_updates.keep_replies(BOT, 1, [Reply(text=SECRET)])
        await work.people.forget("person-a", keep_key=message_key(2))
        await work.telegram_updates.keep_replies(BOT, 1, [Reply(text=SECRET)])  # by whoever was at work on it
        await work.commit()
    rows = {row.update_id: row for row in (await everything(store))["telegram_update"]}
    assert [(rows[id].person, rows[id].body, rows[id].replies) for id in (1, 2)] == [("", None, None)] * 2
    async with store.write() as work:
        assert [one.id for one in await work.telegram_updates.claim(BOT, "other", now, now, 10)] == [3]
        assert await work.telegram_updates.add_all(BOT, arrivals, "owner", now, now) == (set(), set())


async def test_no_column_holds_what_people_said_in_plain_text(store: SqlStore, clock: FakeClock) -> None:
    await leave_traces(store, clock, "person-a")
    content = repr(await everything(store)).encode() + b"".join(
        bytes(cell)
        for table in (await everything(store)).values()
        for row in table
        for cell in row
        if isinstance(cell, bytes | memoryview)
    )
    for part in ("张三", "拖欠", "13812345678"):
        assert part.encode() not in content
        assert part not in content.decode(errors="ignore")


async def test_columns_of_bytes_are_all_sealed(store: SqlStore, clock: FakeClock) -> None:
    """Every binary column begins with the mark of the sealed format; a plain one would be a leak."""
    await leave_traces(store, clock, "person-a")
    metadata = MetaData()
    async with store.engine.connect() as connection:
        await connection.run_sync(metadata.reflect)
        columns = [
            column
            for table in metadata.sorted_tables
            for column in table.columns
            if isinstance(column.type, LargeBinary)
        ]
        assert {str(column) for column in columns} >= {"inbound.reply", "conversation.state", "question.text"}
        for column in columns:
            for value in (await connection.execute(select(column))).scalars():
                assert bytes(value).startswith(b"\x01"), column


Act = Callable[[UnitOfWork, datetime], Coroutine[Any, Any, object]]
NAIVE_ACTS: dict[str, Act] = {
    "keep message": lambda work, naive: work.inbound.keep("wechat", "m", "a", None, naive),
    "purge inbound": lambda work, naive: work.inbound.delete_before(naive),
    "save conversation": lambda work, naive: work.conversations.save("a", "wechat", {}, naive, 0),
    "find conversation": lambda work, naive: work.conversations.find("a", naive),
    "purge questions": lambda work, naive: work.questions.delete_before(naive),
    "vote": lambda work, naive: work.votes.cast(
        person="a", topic="t", question="", channel="site", helpful=True, now=naive
    ),
    "save entry": lambda work, naive: work.entries.save("a.b", "text", "editor", naive),
    "save value": lambda work, naive: work.values.save("n", "v", naive),
}


@pytest.mark.parametrize("act", NAIVE_ACTS.values(), ids=NAIVE_ACTS.keys())
async def test_a_time_without_a_zone_is_refused(store: SqlStore, act: Act) -> None:
    """SQLite would take it as UTC and PostgreSQL as the server's zone: eight hours apart."""
    with pytest.raises((StatementError, ValueError, TypeError)):
        async with store.write() as work:
            await act(work, datetime(2026, 11, 22, 10, 0))  # noqa: DTZ001 - that is the point


async def test_times_come_back_aware_and_in_utc_from_every_zone(store: SqlStore, clock: FakeClock) -> None:
    from bot.clock import SHANGHAI

    async with store.write() as work:
        await work.inbound.keep("wechat", "m", "a", None, clock.now().astimezone(SHANGHAI))
        await work.commit()
    async with store.read() as work:
        found = await work.inbound.find("wechat", "m")
    assert found is not None
    assert found.received_at == clock.now()
    assert str(found.received_at.tzinfo) == "UTC"
