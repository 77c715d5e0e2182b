"""Transactions: nothing without a commit, a still picture while reading, one error tree."""

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.errors import StoreUnavailable
from bot.keyring import KeyRing
from bot.store.engine import make_engine
from bot.store.unit_of_work import SqlStore
from tests.fakes import FakeClock


async def test_leaving_without_commit_writes_nothing(store: SqlStore, clock: FakeClock) -> None:
    async with store.write() as work:
        await work.values.save("name", "value", clock.now())
    async with store.read() as work:
        assert await work.values.find("name", clock.now()) is None


async def test_an_exception_after_writing_writes_nothing(store: SqlStore, clock: FakeClock) -> None:
    with pytest.raises(RuntimeError):
        async with store.write() as work:
            await work.values.save("name", "value", clock.now())
            raise RuntimeError
    async with store.read() as work:
        assert await work.values.find("name", clock.now()) is None


async def test_what_was_committed_stays_when_the_rest_fails(store: SqlStore, clock: FakeClock) -> None:
    with pytest.raises(RuntimeError):
        async with store.write() as work:
            await work.values.save("kept", "1", clock.now())
            await work.commit()
            await work.values.save("lost", "2", clock.now())
            raise RuntimeError
    async with store.read() as work:
        assert await work.values.find("kept", clock.now()) == "1"
        assert await work.values.find("lost", clock.now()) is None


async def test_a_reader_sees_one_state_of_the_base_while_another_changes_it(store: SqlStore, clock: FakeClock) -> None:
    """The revision and the texts that belong to it are read by two statements."""
    async with store.read() as reading:
        before = await reading.entries.revision()
        async with store.write() as work:
            await work.entries.save("wage.arrears", "text", "editor", clock.now())
            await work.commit()
        assert await reading.entries.current() == {}
        assert await reading.entries.revision() == before
    async with store.read() as reading:
        assert await reading.entries.current() == {"wage.arrears": "text"}


async def test_writers_take_turns_and_lose_nothing(store: SqlStore, clock: FakeClock) -> None:
    async def add(number: int) -> None:
        async with store.write() as work:
            await work.values.save(f"value {number}", "x", clock.now())
            await work.commit()

    await asyncio.gather(*(add(number) for number in range(30)))
    async with store.read() as work:
        found = [await work.values.find(f"value {number}", clock.now()) for number in range(30)]
    assert found == ["x"] * 30


async def test_an_error_of_the_program_is_not_taken_for_an_absent_database(store: SqlStore) -> None:
    with pytest.raises(IntegrityError):
        async with store.write() as work:
            for _ in range(2):
                await work._connection.execute(
                    text(
                        "INSERT INTO stored_value (name, value, updated_at)"
                        " VALUES ('twice', CAST('x' AS BYTEA), CURRENT_TIMESTAMP)"
                    )
                    if store.engine.dialect.name == "postgresql"
                    else text(
                        "INSERT INTO stored_value (name, value, updated_at) VALUES ('twice', x'00', '2026-01-01')"
                    )
                )


@pytest.mark.parametrize("work", ["read", "write"])
async def test_a_database_that_cannot_be_reached_is_unavailable(work: str, tmp_path: Path, keys: KeyRing) -> None:
    for url in ("postgresql+psycopg://x:secret@127.0.0.1:1/none", f"sqlite+aiosqlite:///{tmp_path}"):
        store, before = SqlStore(make_engine(url), keys), set(threading.enumerate())
        with pytest.raises(StoreUnavailable) as caught:
            async with getattr(store, work)() as unit:
                await unit.questions.count()
        assert "secret" not in str(caught.value)
        await close_with_threads(store, before)


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path, keys: KeyRing) -> None:
    path = tmp_path / "gonghui.db"
    path.write_bytes(b"this is not a database, however long it is" * 100)
    store, before = SqlStore(make_engine(f"sqlite+aiosqlite:///{path}"), keys), set(threading.enumerate())
    with pytest.raises(StoreUnavailable):
        async with store.read() as work:
            await work.questions.count()
    await close_with_threads(store, before)


async def close_with_threads(store: SqlStore, before: set[threading.Thread]) -> None:
    """aiosqlite's thread of a connection that failed to open still reports to the loop: wait for it.

    before: the threads that ran already; those of other tests rest for as long as their process lives.
    """
    await store.close()
    for thread in set(threading.enumerate()) - before:
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 5)
