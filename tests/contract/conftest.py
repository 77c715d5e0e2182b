"""One suite, every database: what a test in this folder asks for, it gets from each in turn."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import MetaData, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.keyring import KeyRing, make_key_ring_document, parse_key_ring
from bot.store.engine import make_engine
from bot.store.migrate import upgrade
from bot.store.unit_of_work import SqlStore
from tests.postgres import postgres_database

DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def migrated_postgres(postgres: URL) -> Iterator[str]:
    """One database for all contract tests; each test finds it empty."""
    with postgres_database(postgres) as url:
        yield url


@pytest.fixture
def keys() -> KeyRing:
    return parse_key_ring(make_key_ring_document())


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any tables."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/data/gonghui.db"
        return
    with postgres_database(request.getfixturevalue("postgres")) as url:
        yield url


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that may have the tables already."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/data/gonghui.db"
    return request.getfixturevalue("migrated_postgres")


@pytest.fixture
async def open_store(url: str, keys: KeyRing) -> AsyncIterator[Callable[[], SqlStore]]:
    """Opens the same migrated, empty database again and again, as further processes would."""
    opened: list[SqlStore] = []

    def another() -> SqlStore:
        opened.append(SqlStore(make_engine(url), keys))
        return opened[-1]

    engine = another().engine
    await upgrade(engine)
    await _empty(engine)
    yield another
    for store in opened:
        await store.close()


@pytest.fixture
async def store(open_store: Callable[[], SqlStore]) -> SqlStore:
    return open_store()


async def _empty(engine: AsyncEngine) -> None:
    metadata = MetaData()
    async with engine.begin() as connection:
        await connection.run_sync(metadata.reflect)
        for table in metadata.sorted_tables:
            if table.name != "alembic_version":
                await connection.execute(text(f'DELETE FROM "{table.name}"'))
