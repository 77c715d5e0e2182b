"""What is sealed of a case: read back as written, refused when moved, gone when deleted."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import LargeBinary, MetaData, select, text

from bot.complaints.cases import Case, CaseMessage, Direction, Employer, FileMeta, FileState, TimelineEntry
from bot.complaints.errors import ContentGone
from bot.complaints.receipts import Receipt, new_receipt
from bot.errors import CannotOpen
from bot.keyring import KeyRing
from bot.store.unit_of_work import SqlStore, UnitOfWork
from tests.cases import NOW, a_case, a_file, a_message, a_statement, an_entry, put, register
from tests.fakes import FakeClock

SAID = ("张三", "拖了", "要回来", "某某建筑", "花都", "李四", "13812345678", "晚上打", "腊月", "一万二", "没签合同")
WRITTEN = ("公开说明", "内部备注", "什么时候有消息", "工资条", "oOpenId-of-a-worker", "media-id-7")


async def leave_everything(
    store: SqlStore, keys: KeyRing, case: Case, person: str = "person-a", receipt: Receipt | None = None
) -> None:
    """A case with a row in every table that holds content."""
    kept = a_file(keys, case=case.id)
    waiting = a_file(keys, case=case.id, state=FileState.WAITING, meta=FileMeta(remote={"media": "media-id-7"}))
    async with store.write() as work:
        await put(work, case, receipt=f"1:{case.id}")
        await work.cases.add_statement(case.id, a_statement(narrative="更正：张三"), by="worker", now=NOW)
        await work.timeline.add(case.id, an_entry("accept", note="公开说明", public=True, data={"reason": "ok"}))
        await work.timeline.add(case.id, an_entry("note", note="内部备注"))
        await work.messages.add(case.id, a_message())
        await work.messages.add(case.id, a_message("内部备注", direction=Direction.NOTE, by="anna"))
        await work.receipts.keep(case.id, person, receipt or new_receipt(), NOW + timedelta(hours=24))
        await work.links.add(case.id, person, "wechat", "oOpenId-of-a-worker", ["news"], NOW)
        await work.blind.put("phone", keys.index("phone", "13812345678"), case.id)
        for file, key in (kept, waiting):
            await work.files.add(file, key)
        await work.commit()


async def dump(store: SqlStore) -> bytes:
    """Every cell of every table, as a thief of the database would read them."""
    metadata, cells = MetaData(), []
    async with store.engine.connect() as connection:
        await connection.run_sync(metadata.reflect)
        for table in metadata.sorted_tables:
            for row in await connection.execute(select(table)):
                cells += [bytes(c) if isinstance(c, bytes | memoryview) else str(c).encode() for c in row]
    return b"\n".join(cells)


async def test_nothing_of_a_case_stands_readable_in_the_database(store: SqlStore, keys: KeyRing) -> None:
    receipt = new_receipt()
    await leave_everything(store, keys, a_case(), receipt=receipt)
    async with store.write() as work:
        await work.employers.add(Employer(id="e1", name="某某建筑", aliases=("花都",), credit_code="9137"), NOW)
        await work.commit()
    content = await dump(store)
    assert [needle for needle in (*SAID, *WRITTEN, receipt.reveal()) if needle.encode() in content] == []


async def test_columns_of_bytes_are_all_sealed(store: SqlStore, keys: KeyRing) -> None:
    """By the ring or by a record's key: each begins with the mark of its format."""
    await leave_everything(store, keys, a_case())
    metadata, found = MetaData(), set()
    async with store.engine.connect() as connection:
        await connection.run_sync(metadata.reflect)
        for table in metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, LargeBinary):
                    for value in (await connection.execute(select(column))).scalars():
                        found.add(str(column))
                        assert value is None or bytes(value)[:1] in {b"\x01", b"\x02"}, column
    assert found >= {"complaint_case.key", "case_statement.content", "case_event.note", "case_message.text"}
    assert found >= {"case_file.key", "case_file.meta", "receipt_waiting.receipt", "case_link.address"}


async def read_everything(work: UnitOfWork, case_id: str) -> None:
    """What anybody may ever read of a case."""
    await work.cases.statements(case_id)
    await work.timeline.of(case_id)
    await work.messages.of(case_id)
    await work.links.of(case_id)
    await work.files.of_case(case_id)
    await work.receipts.waiting("person-a", NOW)


def taken_from(table: str, column: str, case: str = "b") -> str:
    """SQL that puts a sealed value of that case into the same column of case a."""
    return (
        f'{table} SET {column} = (SELECT {column} FROM {table} AS t WHERE t."case" = :{case} '
        f'AND {column} IS NOT NULL ORDER BY id LIMIT 1) WHERE "case" = :a'
    )


SWAPS = {
    "statement of another case": taken_from("case_statement", "content"),
    "one version of a statement as the other": taken_from("case_statement", "content", "a"),
    "statement given to another case": 'case_statement SET "case" = :a WHERE "case" = :b',
    "note of another case": taken_from("case_event", "note"),
    "internal note made public": "case_event SET public = (NOT public) WHERE kind = 'note' AND \"case\" = :a",
    "message of another case": taken_from("case_message", "text"),
    "internal note as a message": "case_message SET direction = 'to_worker' WHERE direction = 'note' AND \"case\" = :a",
    "message as a note of the timeline": 'case_event SET note = (SELECT text FROM case_message WHERE "case" = :a '
    'ORDER BY id LIMIT 1) WHERE "case" = :a',
    "key of another case": "complaint_case SET key = (SELECT key FROM complaint_case WHERE id = :b) WHERE id = :a",
    "address of another case": taken_from("case_link", "address"),
    "address of another person": "case_link SET person = 'person-b' WHERE \"case\" = :a",
    "key of another file": taken_from("case_file", "key"),
    "meta of another file": taken_from("case_file", "meta"),
    "receipt of another case": taken_from("receipt_waiting", "receipt").replace("ORDER BY id LIMIT 1", ""),
}


@pytest.mark.parametrize("swap", SWAPS.values(), ids=SWAPS.keys())
async def test_what_was_moved_elsewhere_in_the_database_is_refused(store: SqlStore, keys: KeyRing, swap: str) -> None:
    one, other = a_case(), a_case()
    for case in (one, other):
        await leave_everything(store, keys, case)
    async with store.write() as work:
        await read_everything(work, one.id)
        assert (await work._connection.execute(text(f"UPDATE {swap}"), {"a": one.id, "b": other.id})).rowcount
        await work.commit()
    async with store.read() as work:
        with pytest.raises(CannotOpen):
            await read_everything(work, one.id)


async def test_deleting_the_content_leaves_nothing_that_opens(store: SqlStore, keys: KeyRing, clock: FakeClock) -> None:
    case, other = a_case(), a_case()
    for one in (case, other):
        await leave_everything(store, keys, one)
    async with store.read() as work:
        files = {file.id for file in await work.files.of_case(case.id)}
    async with store.write() as work:
        assert set(await work.cases.delete_content(case.id, clock.now())) == files
        await work.commit()
    async with store.read() as work:
        gone = await work.cases.find(case.id)
        assert gone is not None
        assert gone == replace(case, content_deleted_at=clock.now(), changed_at=clock.now(), version=2)
        assert await work.cases.statement(case.id) is None
        assert await work.cases.statements(case.id) == []
        assert [(e.kind, e.note, e.data) for e in await work.timeline.of(case.id)] == [
            ("accept", "", {"reason": "ok"}),
            ("note", "", {}),
        ]
        assert await work.messages.of(case.id) == []
        assert await work.links.of(case.id) == []
        assert await work.files.of_case(case.id) == []
        assert await work.blind.find("phone", keys.index_all("phone", "13812345678")) == [other.id]
        assert [case_id for case_id, _ in await work.receipts.waiting("person-a", NOW)] == [other.id]
        assert await work.cases.find_receipt([f"1:{case.id}"]) == gone
        await read_everything(work, other.id)
        assert len(await work.cases.statements(other.id)) == 2


async def test_after_that_no_sealed_cell_of_the_case_is_left(store: SqlStore, keys: KeyRing, clock: FakeClock) -> None:
    """Also not with the old key, which somebody may have copied before."""
    case = a_case()
    await leave_everything(store, keys, case)
    async with store.write() as work:
        await work.cases.delete_content(case.id, clock.now())
        await work.commit()
    metadata = MetaData()
    async with store.engine.connect() as connection:
        await connection.run_sync(metadata.reflect)
        for table in metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, LargeBinary):
                    query = select(column).where(column.is_not(None))
                    assert list(await connection.execute(query)) == [], column


async def test_deleting_twice_changes_nothing_more(store: SqlStore, keys: KeyRing, clock: FakeClock) -> None:
    case = a_case()
    await leave_everything(store, keys, case)
    for _ in range(2):
        async with store.write() as work:
            await work.cases.delete_content(case.id, NOW)
            await work.commit()
        clock.advance(days=1)
    async with store.read() as work:
        gone = await work.cases.find(case.id)
    assert gone is not None
    assert (gone.version, gone.content_deleted_at) == (2, NOW)


async def test_nothing_is_written_to_a_case_whose_content_was_deleted(store: SqlStore) -> None:
    case = await register(store)
    async with store.write() as work:
        await work.cases.delete_content(case.id, NOW)
        await work.timeline.add(case.id, an_entry("content_deleted", data={"reason": "asked"}))
        for add in (
            work.messages.add(case.id, a_message()),
            work.timeline.add(case.id, an_entry(note="noch etwas")),
            work.cases.add_statement(case.id, a_statement(), by="worker", now=NOW),
        ):
            with pytest.raises(ContentGone):
                await add


async def test_a_timeline_keeps_the_order_in_which_it_was_written(store: SqlStore) -> None:
    """At one instant, too: two steps of one transaction have the same time."""
    case = await register(store)
    entries = [an_entry(f"step-{n}", note=f"说明{n}" if n % 2 else "", public=n % 3 == 0) for n in range(9)]
    async with store.write() as work:
        for entry in entries:
            await work.timeline.add(case.id, entry)
        await work.commit()
    async with store.read() as work:
        assert await work.timeline.of(case.id) == entries
        assert await work.timeline.of(case.id, public_only=True) == entries[::3]
        assert await work.timeline.of("another") == list[TimelineEntry]()


async def test_messages_come_back_in_order_and_only_in_the_directions_asked_for(store: SqlStore) -> None:
    case = await register(store)
    directions = [*Direction, *Direction]
    messages = [a_message(f"第{n}条", direction=direction) for n, direction in enumerate(directions)]
    async with store.write() as work:
        for message in messages:
            await work.messages.add(case.id, message)
        await work.commit()
    async with store.read() as work:
        assert await work.messages.of(case.id, list(Direction)) == messages
        for_worker = await work.messages.of(case.id, {Direction.FROM_WORKER, Direction.TO_WORKER})
        assert for_worker == [message for message in messages if message.direction is not Direction.NOTE]
        assert await work.messages.of(case.id, ()) == list[CaseMessage]()


async def test_read_messages_are_counted_once(store: SqlStore, clock: FakeClock) -> None:
    case, other = await register(store), await register(store)
    async with store.write() as work:
        for _ in range(2):
            await work.messages.add(case.id, a_message())
        await work.messages.add(case.id, a_message(direction=Direction.TO_WORKER))
        await work.commit()
    async with store.write() as work:
        ids = [case.id, other.id]
        assert await work.messages.unread(ids, Direction.FROM_WORKER) == {case.id: 2}
        assert await work.messages.mark_read(case.id, Direction.FROM_WORKER, clock.now()) == 2
        assert await work.messages.mark_read(case.id, Direction.FROM_WORKER, clock.now()) == 0
        assert await work.messages.unread(ids, Direction.FROM_WORKER) == {}
        assert await work.messages.unread(ids, Direction.TO_WORKER) == {case.id: 1}
        read = {m.direction: m.read_at for m in await work.messages.of(case.id)}
    assert read == {Direction.FROM_WORKER: clock.now(), Direction.TO_WORKER: None}


async def test_a_case_deleted_by_one_process_is_not_written_to_by_another(
    open_store: Callable[[], SqlStore], clock: FakeClock
) -> None:
    """Whoever had opened the key before writes with it; whoever comes later finds none."""
    one, other = open_store(), open_store()
    case = await register(one)

    async def delete() -> None:
        async with one.write() as work:
            await work.cases.delete_content(case.id, clock.now())
            await work.commit()

    async def write() -> None:
        async with other.write() as work:
            await work.cases.change(case, clock.now())
            await work.messages.add(case.id, a_message())
            await work.commit()

    await asyncio.gather(delete(), write(), return_exceptions=True)
    async with one.read() as work:
        assert await work.messages.of(case.id) == []
    async with one.engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM case_message"))).scalar_one() == 0
