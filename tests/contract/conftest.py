"""One suite, every database: what a test in this folder asks for, it gets from each in turn."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

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


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the tables and nothing in them: copying it is faster than migrating for each test."""
    path = tmp_path_factory.mktemp("migrated") / "gonghui.db"

    async def migrate() -> None:
        engine = make_engine(f"sqlite+aiosqlite:///{path}")
        await upgrade(engine)
        await engine.dispose()

    with ThreadPoolExecutor(1) as thread:  # a test's own event loop may be running
        thread.submit(asyncio.run, migrate()).result()
    return path


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
        (tmp_path / "data").mkdir(mode=0o700)
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "data" / "gonghui.db")
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
    if engine.dialect.name == "sqlite":
        return  # a copy of a file without rows
    # Not TRUNCATE: it makes new files for every table and index, and most tables are empty.
    deleting = " ".join(f'DELETE FROM "{name}";' for name in SQLModel.metadata.tables)
    async with engine.begin() as connection:
        await connection.execute(text(f"DO $$ BEGIN {deleting} END $$"))
