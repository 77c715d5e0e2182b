"""A table of words, for tests of how statements travel to a database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Column, Integer, MetaData, String, Table, bindparam, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.engine import make_engine

WORDS = Table("t", MetaData(), Column("id", Integer, primary_key=True), Column("word", String, unique=True))
ADD = insert(WORDS)
COUNT = select(func.count()).where(WORDS.c.word.like(bindparam("like")))


@asynccontextmanager
async def an_engine_with_words(url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on an empty database, to which the table is added."""
    engine = make_engine(url)
    async with engine.connect() as connection:
        await connection.run_sync(WORDS.metadata.create_all)
        await connection.commit()
    yield engine
    await engine.dispose()


async def count(engine: AsyncEngine) -> int:
    """How many rows another connection sees."""
    async with engine.connect() as other:
        return int((await other.execute(text("SELECT count(*) FROM t"))).scalar_one())
