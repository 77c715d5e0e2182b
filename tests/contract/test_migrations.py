"""Migrations: up and down with rows in every table, once whoever starts, and the tables as the models say."""

import datetime as dt
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store import migrate
from bot.store.engine import make_engine

STEPS = [
    (str(step.revision), str(step.down_revision) if step.down_revision else "base")
    for step in reversed(list(ScriptDirectory.from_config(migrate._config()).walk_revisions()))
]


@pytest.fixture
async def engine(empty_url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(empty_url)
    yield engine
    await engine.dispose()


async def go_to(engine: AsyncEngine, revision: str) -> None:
    await migrate._run(engine, lambda config: command.upgrade(config, revision))


async def confirmed(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return list((await connection.execute(sa.text("SELECT topic FROM entry_confirmation"))).scalars())


async def tables(engine: AsyncEngine) -> dict[str, sa.Table]:
    metadata = sa.MetaData()
    async with engine.connect() as connection:
        await connection.run_sync(metadata.reflect)
    return {name: table for name, table in metadata.tables.items() if name != "alembic_version"}


async def fill(engine: AsyncEngine) -> None:
    """Two rows in every table, whatever tables the version has."""
    for table in (await tables(engine)).values():
        async with engine.begin() as connection:
            rows = [{c.name: a_value(c, number) for c in table.columns} for number in (1, 2)]
            await connection.execute(sa.insert(table), rows)


def a_value(column: sa.Column[Any], number: int) -> object:
    kinds: list[tuple[type, object]] = [
        (sa.Boolean, number == 1),
        (sa.Integer, number),
        (sa.Float, number / 2),
        (sa.DateTime, dt.datetime(2026, 11, number, 8, tzinfo=dt.UTC)),
        (sa.Date, dt.date(2026, 11, number)),
        (sa.LargeBinary, f"sealed {number}".encode()),
        (sa.String, f"文 {number}"),
    ]
    return next(value for kind, value in kinds if isinstance(column.type, kind))


async def counts(engine: AsyncEngine) -> dict[str, int]:
    async with engine.connect() as connection:
        return {
            name: (await connection.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()
            for name, table in (await tables(engine)).items()
        }


async def test_an_empty_database_is_brought_to_the_newest_version_once(engine: AsyncEngine) -> None:
    assert await migrate.current(engine) is None
    assert await migrate.upgrade(engine)
    assert await migrate.current(engine) == migrate.head()
    assert not await migrate.upgrade(engine)


async def test_the_migrations_make_exactly_the_tables_of_the_models(engine: AsyncEngine) -> None:
    """Somebody who changes a model and forgets its migration is told here."""
    await migrate.upgrade(engine)
    assert await migrate.differences(engine) == []


async def test_the_way_back_ends_at_an_empty_database_and_leads_up_again(engine: AsyncEngine) -> None:
    await migrate.upgrade(engine)
    await fill(engine)
    await migrate.downgrade(engine, "base")
    assert await tables(engine) == {}
    assert await migrate.upgrade(engine)
    assert await migrate.differences(engine) == []


@pytest.mark.parametrize(("revision", "below"), STEPS, ids=[revision for revision, _ in STEPS])
async def test_each_step_up_and_down_keeps_every_row(engine: AsyncEngine, revision: str, below: str) -> None:
    if below != "base":
        await go_to(engine, below)
        await fill(engine)
    before = await counts(engine)
    await go_to(engine, revision)
    after = await counts(engine)
    assert {name: after.get(name) for name in before} == before
    await migrate.downgrade(engine, below)
    assert await counts(engine) == before


START = """
import asyncio, sys
from bot.store.engine import make_engine
from bot.store.migrate import upgrade

async def main():
    engine = make_engine(sys.argv[1])
    async with asyncio.timeout(60):
        print("ready", flush=True)
        sys.stdin.readline()
        await upgrade(engine)
    await engine.dispose()

asyncio.run(main())
"""


async def test_processes_starting_at_once_migrate_once_and_all_start(empty_url: str, engine: AsyncEngine) -> None:
    """Real processes: Alembic keeps its state in module globals."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    starting = [subprocess.Popen([sys.executable, "-c", START, empty_url], **pipes) for _ in range(3)]
    for process in starting:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in starting:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    outputs = [process.communicate(timeout=60) for process in starting]
    assert [process.returncode for process in starting] == [0, 0, 0], outputs
    assert await migrate.current(engine) == migrate.head()
    assert await migrate.differences(engine) == []


async def test_the_copy_is_made_before_a_migration_and_never_for_an_empty_database(engine: AsyncEngine) -> None:
    made: list[tuple[str | None, str]] = []
    await migrate.upgrade(engine, before=lambda old, new: made.append((old, new)))
    assert made == []
    await pretend_version(engine, "0000")
    with pytest.raises(Exception, match="0000"):
        await migrate.upgrade(engine, before=lambda old, new: made.append((old, new)))
    assert made == [("0000", migrate.head())]


async def test_no_migration_runs_when_the_copy_fails(engine: AsyncEngine) -> None:
    await migrate.upgrade(engine)
    await pretend_version(engine, "0000")

    def no_room(_old: str | None, _new: str) -> None:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        await migrate.upgrade(engine, before=no_room)
    assert await migrate.current(engine) == "0000"


async def pretend_version(engine: AsyncEngine, version: str) -> None:
    async with engine.begin() as connection:
        await connection.execute(sa.text("UPDATE alembic_version SET version_num = :v"), {"v": version})


async def test_what_was_withdrawn_is_not_confirmed_again_by_going_back(engine: AsyncEngine) -> None:
    """The older program knows nothing of withdrawals: what it finds, it shows as confirmed."""
    await go_to(engine, "0010")
    rows = (await tables(engine))["entry_confirmation"]
    now = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    kept = {"digest": "d", "version": 1, "confirmed_at": now, "confirmed_by": "王律师", "note": ""}
    async with engine.begin() as connection:
        for topic, at in (("wage.arrears", None), ("wage.proof", now)):
            await connection.execute(sa.insert(rows), {**kept, "topic": topic, "withdrawn_at": at})
    await migrate.downgrade(engine, "0009")
    assert await confirmed(engine) == ["wage.arrears"]
    await go_to(engine, "0010")
    assert await confirmed(engine) == ["wage.arrears"]
