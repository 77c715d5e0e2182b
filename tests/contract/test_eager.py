"""The SQLite driver that travels once per statement: nothing of a transaction's meaning gets lost."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, insert, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.engine import WRITES, make_engine


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(f"sqlite+aiosqlite:///{tmp_path}/eager.db")
    async with engine.connect() as connection:
        await connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT UNIQUE)"))
        await connection.commit()
    yield engine
    await engine.dispose()


def count(tmp_path: Path) -> int:
    """How many rows another program sees."""
    with sqlite3.connect(tmp_path / "eager.db") as other:
        (rows,) = other.execute("SELECT count(*) FROM t").fetchone()
    other.close()
    return int(rows)


async def test_rows_counts_and_ids_come_back(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        insert = text("INSERT INTO t (word) VALUES (:word)")
        first = await connection.execute(insert, {"word": "a"})
        many = await connection.execute(insert, [{"word": "b"}, {"word": "c"}])
        changed = await connection.execute(text("UPDATE t SET word = word || 'x' WHERE id > 1"))
        assert (first.lastrowid, many.rowcount, changed.rowcount) == (1, 2, 2)
        rows = await connection.execute(text("SELECT id, word FROM t ORDER BY id"))
        assert rows.fetchone() == (1, "a")
        assert rows.fetchmany(1) == [(2, "bx")]
        assert rows.all() == [(3, "cx")]
        empty = await connection.execute(text("SELECT id FROM t WHERE id > 9"))
        assert list(empty.keys()) == ["id"]
        assert empty.first() is None


async def test_rows_can_be_streamed(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("INSERT INTO t (word) VALUES ('a'), ('b'), ('c')"))
        streamed = await connection.stream(text("SELECT word FROM t ORDER BY id"))
        assert [row.word async for row in streamed] == ["a", "b", "c"]


async def test_nothing_is_kept_without_a_commit(engine: AsyncEngine, tmp_path: Path) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("INSERT INTO t (word) VALUES ('a')"))
    assert count(tmp_path) == 0


async def test_everything_of_a_transaction_is_committed_together(engine: AsyncEngine, tmp_path: Path) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("INSERT INTO t (word) VALUES ('a')"))
        await connection.execute(text("INSERT INTO t (word) VALUES ('b')"))
        assert count(tmp_path) == 0
        await connection.commit()
        assert count(tmp_path) == 2
        await connection.execute(text("INSERT INTO t (word) VALUES ('c')"))
        await connection.rollback()
    assert count(tmp_path) == 2


WORDS = Table("t", MetaData(), Column("id", Integer, primary_key=True), Column("word", String))
ADD = insert(WORDS)


async def test_a_connection_that_was_given_back_begins_anew(engine: AsyncEngine, tmp_path: Path) -> None:
    """The rollback that is spared when nothing is open must not be spared when something is."""
    for word in "abc":
        with pytest.raises(RuntimeError):
            async with engine.connect() as connection:
                await connection.execute(text("INSERT INTO t (word) VALUES (:word)"), {"word": word})
                raise RuntimeError
    async with engine.connect() as connection:
        await connection.execute(text("INSERT INTO t (word) VALUES ('d')"))
        await connection.commit()
    assert count(tmp_path) == 1


async def test_a_transaction_that_did_nothing_locks_nothing(engine: AsyncEngine, tmp_path: Path) -> None:
    async with engine.connect() as plain:
        connection = await plain.execution_options(**{WRITES: True})
        await connection.begin()
        with sqlite3.connect(tmp_path / "eager.db", timeout=0) as other:
            other.execute("INSERT INTO t (word) VALUES ('other')")
        other.close()
        await connection.commit()
    assert count(tmp_path) == 1


async def test_a_writer_holds_the_lock_from_its_first_statement(engine: AsyncEngine, tmp_path: Path) -> None:
    """BEGIN IMMEDIATE travels with the first statement, even when that only reads."""
    async with engine.connect() as plain:
        connection = await plain.execution_options(**{WRITES: True})
        await connection.execute(text("SELECT count(*) FROM t"))
        other = sqlite3.connect(tmp_path / "eager.db", timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("INSERT INTO t (word) VALUES ('other')")
        other.close()


async def test_a_lock_that_is_not_to_be_had_is_the_failure_of_the_first_statement(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite+aiosqlite:///{tmp_path}/eager.db")
    async with engine.connect() as plain:
        connection = await plain.execution_options(**{WRITES: True})
        await connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        await connection.rollback()
        other = sqlite3.connect(tmp_path / "eager.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"):
            await connection.execute(text("SELECT 1"))
        other.execute("ROLLBACK")
        other.close()
        await connection.rollback()
        assert (await connection.execute(text("SELECT 1"))).scalar_one() == 1
    await engine.dispose()


async def test_a_failed_statement_leaves_the_transaction_usable(engine: AsyncEngine, tmp_path: Path) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("INSERT INTO t (word) VALUES ('a')"))
        with pytest.raises(IntegrityError):
            await connection.execute(text("INSERT INTO t (word) VALUES ('a')"))
        await connection.execute(text("INSERT INTO t (word) VALUES ('b')"))
        await connection.commit()
    assert count(tmp_path) == 2


async def test_a_cancelled_caller_does_not_spoil_the_connection(engine: AsyncEngine, tmp_path: Path) -> None:
    written = asyncio.Event()

    async def write() -> None:
        async with engine.connect() as connection:
            await connection.execute(text("INSERT INTO t (word) VALUES ('cancelled')"))
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with engine.connect() as connection:
        await connection.execute(text("INSERT INTO t (word) VALUES ('a')"))
        await connection.commit()
    assert count(tmp_path) == 1
