"""The audit log in the database: chained when a transaction commits, and what is done to its rows shows."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from bot.audit import EMPTY, AuditEntry, Break, Fault, Head, Verdict
from bot.keyring import KeyRing, make_key_ring_document, parse_key_ring
from bot.store.unit_of_work import SqlStore
from tests.fakes import FakeClock

SECRET = "老板张三拖欠工资，电话13812345678"


async def log(store: SqlStore, *entries: AuditEntry) -> None:
    async with store.write() as work:
        for entry in entries:
            await work.audit.append(entry)
        await work.commit()


async def verdict(store: SqlStore, *heads: Head) -> Verdict:
    async with store.read() as work:
        return await work.audit.verify(heads)


async def execute(store: SqlStore, *statements: str) -> None:
    async with store.engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


@pytest.fixture
async def six(store: SqlStore) -> SqlStore:
    """A store with six entries, in three transactions."""
    for number in (1, 3, 5):
        await log(
            store,
            AuditEntry("a" * 32, "case.seen", f"case-{number}", "handling", {"page": "1"}, SECRET),
            AuditEntry("system", "case.warned", f"case-{number}"),
        )
    return store


async def test_entries_are_chained_over_transactions_and_the_whole_log_verifies(six: SqlStore) -> None:
    found = await verdict(six)
    async with six.read() as work:
        assert found == Verdict(6, await work.audit.head(), ())
        records, count = await work.audit.page()
    assert count == 6
    assert [record.seq for record in records] == [6, 5, 4, 3, 2, 1]
    last_look = records[1]
    assert (last_look.actor, last_look.action, last_look.subject) == ("a" * 32, "case.seen", "case-5")
    assert (last_look.reason, last_look.details, last_look.text) == ("handling", {"page": "1"}, SECRET)
    assert records[0].text is None


async def test_what_is_not_committed_was_never_logged(store: SqlStore) -> None:
    async with store.write() as work:
        await work.audit.append(AuditEntry("system", "case.seen"))
    async with store.read() as work:
        assert await work.audit.head() == EMPTY


async def test_a_look_in_a_transaction_that_only_reads_is_refused(store: SqlStore) -> None:
    """It would be forgotten in silence."""
    async with store.read() as work:
        with pytest.raises(RuntimeError):
            await work.audit.append(AuditEntry("system", "case.seen"))


async def test_what_was_appended_is_found_within_the_same_transaction(store: SqlStore) -> None:
    async with store.write() as work:
        await work.audit.append(AuditEntry("system", "case.seen", "case-1"))
        assert [record.action for record in await work.audit.of("case-1")] == ["case.seen"]
        await work.audit.append(AuditEntry("system", "case.left", "case-1"))
        await work.commit()
    assert (await verdict(store)).entries == 2
    assert (await verdict(store)).is_whole


async def test_a_transaction_may_commit_more_than_once(store: SqlStore) -> None:
    async with store.write() as work:
        await work.audit.append(AuditEntry("system", "case.seen"))
        await work.commit()
        await work.audit.append(AuditEntry("system", "case.left"))
        await work.commit()
    assert await verdict(store) == Verdict(2, (await verdict(store)).head, ())


async def test_the_time_is_that_of_the_clock_that_was_handed_in(url: str, store: SqlStore, keys: KeyRing) -> None:
    turned = SqlStore(store.engine, keys, clock=FakeClock(datetime(2030, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)))
    await log(turned, AuditEntry("system", "case.seen"))
    async with store.read() as work:
        (record,), _ = await work.audit.page()
    assert record.at == datetime(2030, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)


async def test_many_writers_in_several_processes_make_one_chain(open_store: Callable[[], SqlStore]) -> None:
    stores = [open_store() for _ in range(3)]

    async def work_on(store: SqlStore, number: int) -> None:
        await log(store, *(AuditEntry("system", "case.seen", f"{number}-{n}") for n in range(3)))

    await asyncio.gather(*(work_on(stores[number % 3], number) for number in range(15)))
    found = await verdict(stores[0])
    assert (found.entries, found.is_whole) == (45, True)
    async with stores[0].read() as work:
        records, _ = await work.audit.page(limit=45)
    # what one transaction did stands together
    assert all(len({record.subject[:-2] for record in records[at : at + 3]}) == 1 for at in range(0, 45, 3))


async def test_who_logs_first_and_commits_last_holds_nobody_up(open_store: Callable[[], SqlStore], url: str) -> None:
    """On PostgreSQL the turn is taken when a transaction commits: what it does before cannot block the others."""
    if url.startswith("sqlite"):
        pytest.skip("SQLite has one writer at a time anyway")
    one, other = open_store(), open_store()
    async with one.write() as slow:
        await slow.audit.append(AuditEntry("system", "case.slow"))
        async with asyncio.timeout(10):
            await log(other, AuditEntry("system", "case.quick"))
        await slow.commit()
    async with one.read() as work:
        records, _ = await work.audit.page()
    assert [record.action for record in records] == ["case.slow", "case.quick"]
    assert (await verdict(one)).is_whole


async def test_pages_are_filtered(six: SqlStore) -> None:
    async with six.read() as work:
        assert (await work.audit.page(action="case."))[1] == 6
        assert (await work.audit.page(action="case.w"))[1] == 3
        assert (await work.audit.page(action="case_"))[1] == 0
        assert (await work.audit.page(actor="system", subject="case-3"))[1] == 1
        records, count = await work.audit.page(offset=4, limit=10, actor="")
        assert ([record.seq for record in records], count) == ([2, 1], 6)
        now = datetime.now(UTC)
        assert (await work.audit.page(since=now - timedelta(hours=1), before=now + timedelta(hours=1)))[1] == 6
        assert (await work.audit.page(before=now - timedelta(hours=1)))[1] == 0
        assert [record.seq for record in await work.audit.of("case-3")] == [4, 3]


TAMPERING = {
    "edited actor": (["UPDATE audit SET actor = 'b' WHERE seq = 3"], {Fault(Break.ALTERED, 3, 3)}),
    "edited data": (["UPDATE audit SET data = '{}' WHERE seq = 1"], {Fault(Break.ALTERED, 1, 1)}),
    "edited reason": (["UPDATE audit SET reason = '' WHERE seq = 5"], {Fault(Break.ALTERED, 5, 5)}),
    "a look made another's": (["UPDATE audit SET subject = 'case-5' WHERE seq = 1"], {Fault(Break.ALTERED, 1, 1)}),
    "removed in the middle": (["DELETE FROM audit WHERE seq IN (3, 4)"], {Fault(Break.MISSING, 3, 4)}),
    "removed at the beginning": (["DELETE FROM audit WHERE seq = 1"], {Fault(Break.MISSING, 1, 1)}),
    "cut off at the end": (["DELETE FROM audit WHERE seq > 4"], {Fault(Break.TRUNCATED, 5, 6)}),
    "all removed": (["DELETE FROM audit"], {Fault(Break.TRUNCATED, 1, 6)}),
    "a text exchanged": (
        ["UPDATE audit SET text = (SELECT other.text FROM audit other WHERE other.seq = 5) WHERE seq = 3"],
        {Fault(Break.TEXT_ALTERED, 3, 3)},
    ),
    "a text removed": (["UPDATE audit SET text = NULL WHERE seq = 3"], {Fault(Break.TEXT_MISSING, 3, 3)}),
    "changed places": (
        [
            "UPDATE audit SET seq = -3 WHERE seq = 3",
            "UPDATE audit SET seq = 3 WHERE seq = 5",
            "UPDATE audit SET seq = 5 WHERE seq = -3",
        ],
        {
            Fault(Break.ALTERED, 3, 3),
            Fault(Break.ALTERED, 4, 4),
            Fault(Break.ALTERED, 5, 5),
            Fault(Break.ALTERED, 6, 6),
            Fault(Break.TEXT_ALTERED, 3, 3),
            Fault(Break.TEXT_ALTERED, 5, 5),
        },
    ),
}


@pytest.mark.parametrize(("statements", "faults"), TAMPERING.values(), ids=TAMPERING.keys())
async def test_tampering_with_the_rows_shows(six: SqlStore, statements: list[str], faults: set[Fault]) -> None:
    head = (await verdict(six)).head
    await execute(six, *statements)
    assert set((await verdict(six, head)).faults) == faults


async def test_a_row_with_other_things_in_its_columns_is_a_fault(six: SqlStore, url: str) -> None:
    """SQLite puts anything into any column."""
    if not url.startswith("sqlite"):
        pytest.skip("PostgreSQL refuses it")
    await execute(
        six,
        "UPDATE audit SET at = 'yesterday' WHERE seq = 1",
        "UPDATE audit SET mac = x'00ff' WHERE seq = 3",
        "UPDATE audit SET text = 'words' WHERE seq = 5",
    )
    faults = (await verdict(six)).faults
    assert {fault.first for fault in faults} == {1, 3, 5}


async def test_a_log_put_back_from_a_copy_and_gone_on_with_shows(six: SqlStore) -> None:
    head = (await verdict(six)).head
    await execute(six, "DELETE FROM audit WHERE seq > 4")
    await log(six, *(AuditEntry("system", "case.seen") for _ in range(4)))
    assert (await verdict(six)).is_whole
    assert (await verdict(six, head)).faults == (Fault(Break.FORKED, 6, 6),)


async def test_another_key_ring_verifies_nothing(six: SqlStore) -> None:
    other = SqlStore(six.engine, parse_key_ring(make_key_ring_document()))
    found = await verdict(other)
    assert {fault.kind for fault in found.faults} == {Break.ALTERED, Break.TEXT_ALTERED}


async def test_retention_deletes_texts_and_the_chain_holds(six: SqlStore) -> None:
    async with six.write() as work:
        assert await work.audit.delete_texts_before(datetime.now(UTC) + timedelta(days=1)) == 3
        await work.commit()
    found = await verdict(six)
    assert (found.entries, found.is_whole) == (7, True)
    async with six.read() as work:
        records, _ = await work.audit.page()
    assert {record.text for record in records} == {None}
    assert records[0].action == "audit.texts_deleted"
    async with six.write() as work:
        assert await work.audit.delete_texts_before(datetime.now(UTC) + timedelta(days=1)) == 0
        await work.commit()
    assert (await verdict(six)).entries == 7


async def test_the_texts_of_one_case_go_with_it(six: SqlStore) -> None:
    async with six.write() as work:
        await work.audit.append(AuditEntry("a" * 32, "case.deleted", "case-3", text=SECRET))
        assert await work.audit.delete_texts_of("case-3", by="a" * 32) == 2
        await work.commit()
    assert (await verdict(six)).is_whole
    async with six.read() as work:
        kept, _ = await work.audit.page()
    assert {record.subject for record in kept if record.text} == {"case-1", "case-5"}


async def test_no_text_stands_readable_in_the_table(six: SqlStore) -> None:
    async with six.engine.connect() as connection:
        rows = (await connection.execute(text("SELECT * FROM audit"))).all()
    assert SECRET.encode().hex() not in repr(rows).encode().hex()
    assert all(SECRET.encode() not in bytes(row.text) for row in rows if row.text)


async def test_a_long_log_is_read_in_batches(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.audit._BATCH", 4)
    await log(store, *(AuditEntry("system", "case.seen", str(number)) for number in range(11)))
    assert await verdict(store) == Verdict(11, (await verdict(store)).head, ())
    await execute(store, "DELETE FROM audit WHERE seq = 5")
    assert (await verdict(store)).faults == (Fault(Break.MISSING, 5, 5),)
