"""What only the PostgreSQL driver that lets statements travel together has to show; `test_later` asks both drivers."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.later import ask, write_later
from bot.store.upsert import take_turns
from tests.postgres import postgres_database
from tests.words_table import ADD, COUNT, an_engine_with_words, count

TURN = 7


@pytest.fixture
async def engine(postgres: URL) -> AsyncIterator[AsyncEngine]:
    with postgres_database(postgres) as url:
        async with an_engine_with_words(url) as engine:
            yield engine


async def test_who_waits_for_a_turn_sees_what_the_one_before_wrote(engine: AsyncEngine) -> None:
    """The chain of the audit log hangs on it: each statement of a trip sees what had been committed when it began."""

    async def add() -> None:
        async with engine.connect() as connection:
            await take_turns(connection, TURN)
            [(seen,)] = await ask(connection, COUNT, {"like": "n%"})
            await write_later(connection, ADD, {"word": f"n{seen}"})
            await connection.commit()

    await asyncio.gather(*(add() for _ in range(12)))
    assert await count(engine) == 12


async def test_who_is_cancelled_while_waiting_leaves_a_usable_connection_behind(engine: AsyncEngine) -> None:
    async def wait_in_vain() -> None:
        async with engine.connect() as connection:
            await write_later(connection, ADD, {"word": "cancelled"})
            await take_turns(connection, TURN)
            await ask(connection, COUNT, {"like": "%"})

    async with engine.connect() as holder:
        await take_turns(holder, TURN)
        await holder.execute(text("SELECT 1"))
        for _ in range(2):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(wait_in_vain(), 0.2)
    async with engine.connect() as connection:
        await write_later(connection, ADD, {"word": "a"})
        await connection.commit()
    assert await count(engine) == 1
