"""Backups: whole, private, few; and a database brought back from one."""

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from bot.app import Program
from bot.clock import Clock
from bot.errors import BackupFailed
from bot.messages import Reply
from bot.ops import backup
from bot.ops.backup import Backups
from bot.store import migrate
from bot.store.engine import make_engine
from bot.store.snapshot import PostgresSnapshots, SqliteSnapshots, make_snapshots
from bot.store.unit_of_work import SqlStore
from tests.builders import a_message
from tests.fakes import FakeClock
from tests.operating import a_program
from tests.postgres import postgres_database


def some_backups(folder: Path, clock: Clock, keep: int = 14) -> Backups:
    return Backups(folder=folder / "backups", keep=keep, snapshots=SqliteSnapshots(folder / "gonghui.db"), clock=clock)


def a_database(folder: Path, rows: int = 3) -> Path:
    folder.mkdir(exist_ok=True)
    with closing(sqlite3.connect(folder / "gonghui.db")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE alembic_version (version_num)")
        connection.execute("CREATE TABLE t (n)")
        connection.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(rows)])
        connection.commit()
    return folder / "gonghui.db"


def rows_in(path: Path) -> int:
    path = path / "database.db" if path.is_dir() else path
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        return int(connection.execute("SELECT count(*) FROM t").fetchone()[0])


def test_a_copy_is_whole_private_and_named_by_its_time(tmp_path: Path, clock: FakeClock) -> None:
    a_database(tmp_path)
    before = os.umask(0)
    try:
        path = some_backups(tmp_path, clock).make("by-hand")
    finally:
        os.umask(before)
    assert path.name == "gonghui-20261122T020000Z-by-hand"
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.iterdir()} == {
        "database.db": 0o600,
        "manifest.json": 0o600,
        "SHA256SUMS": 0o600,
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert rows_in(path) == 3
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_copy_holds_what_was_committed_while_the_database_is_in_use(tmp_path: Path, clock: FakeClock) -> None:
    path = a_database(tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO t VALUES (99)")
        copy = some_backups(tmp_path, clock).make("daily")
        other.execute("COMMIT")
    assert rows_in(copy) == 3


def test_only_the_newest_copies_are_kept(tmp_path: Path, clock: FakeClock) -> None:
    a_database(tmp_path)
    backups = some_backups(tmp_path, clock, keep=3)
    made = []
    for _ in range(5):
        made.append(backups.make("daily"))
        clock.advance(days=1)
    assert [copy.path for copy in backups.copies()] == made[:1:-1]
    assert made[0].exists() is False


def test_files_of_others_in_the_folder_are_left_alone(tmp_path: Path, clock: FakeClock) -> None:
    a_database(tmp_path)
    (tmp_path / "backups").mkdir()
    for name in ("notes.txt", "gonghui-old.db", "gonghui-20261122T020000Z-daily.db.gz"):
        (tmp_path / "backups" / name).write_text("x")
    backups = some_backups(tmp_path, clock, keep=1)
    backups.make("daily")
    clock.advance(days=1)
    backups.make("daily")
    assert len(list((tmp_path / "backups").iterdir())) == 4


def test_two_copies_within_a_second_do_not_overwrite_one_another(tmp_path: Path, clock: FakeClock) -> None:
    a_database(tmp_path)
    backups = some_backups(tmp_path, clock)
    assert backups.make("daily") != backups.make("daily")
    assert len(backups.copies()) == 2


def test_a_copy_is_due_when_none_was_made_since_whoever_made_it(tmp_path: Path, clock: FakeClock) -> None:
    a_database(tmp_path)
    backups, another = some_backups(tmp_path, clock), some_backups(tmp_path, clock)
    assert backups.is_due(clock.now())
    another.make("by-hand")
    assert not backups.is_due(clock.now())
    clock.advance(seconds=1)
    assert backups.is_due(clock.now())


def test_without_room_nothing_is_made_and_older_copies_stay(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_database(tmp_path)
    backups = some_backups(tmp_path, clock, keep=1)
    first = backups.make("daily")
    monkeypatch.setattr(backup.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 5, 5))
    with pytest.raises(BackupFailed, match="0 MB free"):
        backups.make("daily")
    assert [copy.path for copy in backups.copies()] == [first]


def test_a_database_that_is_damaged_is_not_taken_for_a_copy(tmp_path: Path, clock: FakeClock) -> None:
    path = a_database(tmp_path, rows=20_000)
    content = bytearray(path.read_bytes())
    content[8192:12288] = os.urandom(4096)
    path.write_bytes(content)
    backups = some_backups(tmp_path, clock)
    with pytest.raises(BackupFailed):
        backups.make("daily")
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_failing_copy_leaves_no_half_file(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    a_database(tmp_path)
    backups = some_backups(tmp_path, clock)

    def fail(_: Path) -> None:
        raise BackupFailed("no room")

    monkeypatch.setattr(backups._snapshots, "check", fail)
    with pytest.raises(BackupFailed):
        backups.make("daily")
    assert list((tmp_path / "backups").iterdir()) == []


def test_what_a_killed_process_left_is_cleared_after_a_day(tmp_path: Path, clock: FakeClock) -> None:
    a_database(tmp_path)
    (tmp_path / "backups").mkdir()
    drafts = {}
    for name, hours in (("old", 25), ("fresh", 1)):
        drafts[name] = tmp_path / "backups" / f".gonghui-20261101T000000Z-{name}.db.part"
        drafts[name].write_text("x")
        written = (clock.now() - timedelta(hours=hours)).timestamp()
        os.utime(drafts[name], (written, written))
    some_backups(tmp_path, clock).make("daily")
    assert not drafts["old"].exists()
    assert drafts["fresh"].exists()


def test_without_a_database_there_is_nothing_to_copy(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(BackupFailed, match="no database"):
        some_backups(tmp_path, clock).make("daily")


@pytest.mark.parametrize("content", [b"", b"hello" * 1000], ids=["empty", "other"])
def test_what_is_no_copy_is_not_restored(tmp_path: Path, clock: FakeClock, content: bytes) -> None:
    path = a_database(tmp_path)
    before = path.read_bytes()
    (tmp_path / "copy.db").write_bytes(content)
    with pytest.raises(BackupFailed):
        some_backups(tmp_path, clock).restore(tmp_path / "copy.db")
    assert path.read_bytes() == before


def test_restoring_the_oldest_copy_works_though_one_more_is_made_of_the_present(
    tmp_path: Path, clock: FakeClock
) -> None:
    path = a_database(tmp_path)
    backups = some_backups(tmp_path, clock, keep=1)
    first = backups.make("daily")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM t")
        connection.commit()
    clock.advance(days=1)
    before = backups.restore(first)
    assert rows_in(path) == 3
    assert before is not None
    assert rows_in(before) == 0


async def asked(program: Program) -> int:
    async with program.store.read() as work:
        return await work.questions.count()


async def test_a_lost_database_comes_back_from_a_copy_with_its_sealed_texts(tmp_path: Path, clock: FakeClock) -> None:
    """The whole way an operator goes: a copy and the key ring are all that is left."""
    async with a_program(tmp_path, clock).running() as program:
        await program.inbox.receive(a_message("老板三个月没发工资"))
        copy = program.backups.make("by-hand")
        await program.inbox.receive(a_message("asked after the copy"))
        assert await asked(program) == 2
    saved = shutil.copytree(copy, tmp_path / "elsewhere")
    keys = shutil.copy(tmp_path / "data" / "keys.json", tmp_path / "keys.json")
    shutil.rmtree(tmp_path / "data")

    (tmp_path / "data").mkdir(mode=0o700)
    shutil.copy(keys, tmp_path / "data" / "keys.json")
    restored = a_program(tmp_path, clock)
    assert restored.backups.restore(Path(saved)) is None
    assert stat.S_IMODE((tmp_path / "data" / "gonghui.db").stat().st_mode) == 0o600
    async with restored.running(), restored.store.read() as work:
        assert [question.text for question in await work.questions.recent(9)] == ["老板三个月没发工资"]


async def test_restoring_under_a_running_service_harms_nothing(tmp_path: Path, clock: FakeClock) -> None:
    """The operator is told to stop it first, and forgets."""
    async with a_program(tmp_path, clock).running() as program:
        await program.inbox.receive(a_message("first"))
        copy = program.backups.make("by-hand")
        await program.inbox.receive(a_message("second"))
        clock.advance(minutes=1)
        a_program(tmp_path, clock).backups.restore(copy)
        assert await asked(program) == 1
        assert isinstance(await program.inbox.receive(a_message("工资")), Reply)
        assert await asked(program) == 2


async def set_version(program: Program, version: str) -> None:
    async with program.store.engine.begin() as connection:
        await connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")


async def test_a_copy_is_made_before_each_migration_and_holds_the_old_version(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = a_program(tmp_path, clock)
    await program.migrate()
    assert program.backups.copies() == []
    monkeypatch.setattr(migrate, "head", lambda: "9999")
    monkeypatch.setattr(migrate.command, "upgrade", lambda *_: None)
    await program.migrate()
    (copy,) = program.backups.copies()
    assert copy.path.name.endswith("-before-9999")
    with closing(sqlite3.connect(f"{copy.database.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() != ("9999",)
    await program.store.close()


@pytest.mark.parametrize(("wanted", "migrates"), [(True, False), (False, True)], ids=["wanted", "done elsewhere"])
async def test_no_migration_without_its_copy_unless_the_operator_says_so(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, wanted: bool, migrates: bool
) -> None:
    program = a_program(tmp_path, clock, {"backup": {"before_migration": wanted}})
    await program.migrate()
    ran = []
    monkeypatch.setattr(migrate, "head", lambda: "9999")
    monkeypatch.setattr(migrate.command, "upgrade", lambda *_: ran.append(True))
    monkeypatch.setattr(backup.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 5, 5))
    if migrates:
        await program.migrate()
    else:
        with pytest.raises(BackupFailed, match=r"backup\.before_migration"):
            await program.migrate()
    assert bool(ran) is migrates
    await program.store.close()


def test_a_missing_pg_dump_is_told_by_the_package_that_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    snapshots = make_snapshots("postgresql+psycopg://user:secret@localhost/gonghui")
    with pytest.raises(BackupFailed, match="postgresql-client") as caught:
        snapshots.write(tmp_path / "copy.dump")
    assert "secret" not in str(caught.value)


def test_the_password_is_handed_to_pg_dump_where_nobody_sees_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "pg_dump"
    tool.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\nenv > {tmp_path}/environment\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    make_snapshots("postgresql+psycopg://worker:s3cret@db.example:5433/gonghui").write(tmp_path / "copy.dump")
    assert "s3cret" not in (tmp_path / "arguments").read_text()
    told = (tmp_path / "environment").read_text().splitlines()
    expected = ["PGHOST=db.example", "PGPORT=5433", "PGUSER=worker", "PGDATABASE=gonghui", "PGPASSWORD=s3cret"]
    assert [line for line in expected if line not in told] == []


@pytest.mark.postgres
@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="pg_dump is not installed (Debian: postgresql-client)")
async def test_a_postgres_database_comes_back_from_its_dump(postgres: URL, tmp_path: Path, clock: FakeClock) -> None:
    keys = a_program(tmp_path, clock).keys
    with postgres_database(postgres) as url:
        store = SqlStore(make_engine(url), keys)
        await migrate.upgrade(store.engine)
        async with store.write() as work:
            await work.values.save("kept", "值", clock.now())
            await work.commit()
        snapshots = make_snapshots(url)
        assert isinstance(snapshots, PostgresSnapshots)
        backups = Backups(folder=tmp_path / "backups", keep=5, snapshots=snapshots, clock=clock)
        copy = backups.make("by-hand")
        assert stat.S_IMODE((copy / "database.dump").stat().st_mode) == 0o600
        async with store.write() as work:
            await work.values.delete("kept")
            await work.commit()
        await store.close()
        clock.advance(minutes=1)
        backups.restore(copy)
        store = SqlStore(make_engine(url), keys)
        async with store.read() as work:
            assert await work.values.find("kept", clock.now()) == "值"
        await store.close()
