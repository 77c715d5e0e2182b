"""Statements that wait for the next one and travel with it, on each driver: nothing of a transaction gets lost."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.later import ask, ask_later, write_later
from tests.words_table import ADD, COUNT, an_engine_with_words, count


@pytest.fixture
async def engine(empty_url: str) -> AsyncIterator[AsyncEngine]:
    async with an_engine_with_words(empty_url) as engine:
        yield engine


async def test_what_waits_is_seen_by_the_next_statement_and_committed(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await write_later(connection, ADD, {"word": "a"})
        assert (await connection.execute(text("SELECT word FROM t"))).scalars().all() == ["a"]
        await write_later(connection, ADD, {"word": "b"}, {"word": "c"})
        assert await count(engine) == 0
        await connection.commit()
    assert await count(engine) == 3


async def test_what_was_asked_is_answered_by_the_next_trip_in_order(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        before = await ask_later(connection, COUNT, {"like": "%"})
        await write_later(connection, ADD, {"word": "a"})
        behind = await ask_later(connection, COUNT, {"like": "%"})
        with pytest.raises(RuntimeError):
            _ = before.rows
        assert list(await ask(connection, COUNT, {"like": "b%"})) == [(0,)]
        assert (before.rows, behind.rows) == ([(0,)], [(1,)])
        last = await ask_later(connection, COUNT, {"like": "a"})
        await connection.commit()
        assert last.rows == [(1,)]


async def test_what_waits_is_dropped_with_its_transaction(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await write_later(connection, ADD, {"word": "a"})
    async with engine.connect() as connection:
        await write_later(connection, ADD, {"word": "b"})
        await connection.rollback()
        await connection.commit()
    assert await count(engine) == 0


@pytest.mark.parametrize("first", [True, False], ids=["nothing was open", "something was open"])
async def test_what_waited_fails_the_commit_and_nothing_stays(engine: AsyncEngine, first: bool) -> None:
    """A COMMIT that PostgreSQL turns into a rollback must never look like one that held."""
    async with engine.connect() as connection:
        if not first:
            await connection.execute(text("INSERT INTO t (word) VALUES ('z')"))
        for word in ("a", "a", "b"):
            await write_later(connection, ADD, {"word": word})
        with pytest.raises(IntegrityError):
            await connection.commit()
    assert await count(engine) == 0
    async with engine.connect() as connection:
        await write_later(connection, ADD, {"word": "a"})
        await connection.commit()
    assert await count(engine) == 1


async def test_what_waited_fails_the_next_statement_and_nothing_stays(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await write_later(connection, ADD, {"word": "a"}, {"word": "a"})
        with pytest.raises(IntegrityError):
            await connection.execute(text("INSERT INTO t (word) VALUES ('b')"))
        await connection.rollback()
        await connection.execute(text("INSERT INTO t (word) VALUES ('c')"))
        await connection.commit()
    assert await count(engine) == 1
