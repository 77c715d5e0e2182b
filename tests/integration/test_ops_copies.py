"""Files in copies: together with the rows that name them, whatever is added and deleted meanwhile; and back."""

import os
import secrets
import shutil
import stat
import subprocess
import threading
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL

from bot.complaints.files.file_store import Part
from bot.errors import BackupFailed
from bot.ops import file_copies
from bot.ops.checksums import SUMS
from bot.store.snapshot import SqliteSnapshots, make_snapshots
from tests.copies import Place, held
from tests.fakes import FakeClock
from tests.operating import logged
from tests.postgres import postgres_database


@pytest.fixture
def place(tmp_path: Path, clock: FakeClock) -> Place:
    return Place(tmp_path, clock)


def test_a_copy_has_the_files_of_its_rows_and_nothing_else(place: Place) -> None:
    both, one = place.add(reading=True), place.add()
    place.execute("INSERT INTO case_file VALUES (?, 'waiting')", uuid4().hex)  # to be fetched yet
    place.store.write(uuid4().hex, Part.ORIGINAL, b"an orphan")
    copy = place.backups.make("daily")
    assert held(copy) == {both: {"original", "reading"}, one: {"original"}}
    assert place.backups.contents(copy).files == 2
    assert place.backups.check(copy) == []
    modes = {stat.S_IMODE(path.stat().st_mode) for path in copy.rglob("*")}
    assert modes == {0o600, 0o700}


def test_a_copy_shares_the_bytes_and_outlives_their_deletion(place: Place) -> None:
    id = place.add(b"evidence")
    copy = place.backups.make("daily")
    original = f"files/{id[:2]}/{id}.original"
    assert (copy / original).samefile(place.folder / original)
    place.delete(id)
    assert (copy / original).read_bytes() == b"evidence"
    assert place.backups.check(copy) == []


def test_the_sums_can_be_checked_with_what_every_system_has(place: Place) -> None:
    place.add()
    copy = place.backups.make("daily")
    done = subprocess.run(["sha256sum", "--check", "--strict", SUMS], cwd=copy, capture_output=True, check=False)
    assert done.returncode == 0
    assert done.stdout.count(b": OK") == 3


def test_a_file_deleted_between_database_and_files_makes_another_copy_of_the_database(place: Place) -> None:
    """Otherwise the copy would have a row without its bytes."""
    stays, goes = place.add(), place.add(reading=True)
    place.snapshots.then = [lambda: place.delete(goes)]
    copy = place.backups.make("daily")
    assert place.snapshots.written == 2
    assert place.named_in(copy) == {stays} == set(held(copy))
    assert place.backups.contents(copy).lost == ()


def test_a_file_deleted_after_it_was_taken_leaves_no_bytes_behind(place: Place) -> None:
    goes, also = place.add(), place.add()
    place.snapshots.then = [lambda: place.delete(goes), lambda: place.delete(also)]
    copy = place.backups.make("daily")
    assert place.named_in(copy) == set(held(copy))


def test_files_that_vanish_without_end_fail_the_copy_instead_of_spoiling_it(place: Place) -> None:
    there = [place.add()]

    def replace() -> None:
        place.delete(there.pop())
        there.append(place.add())

    place.snapshots.then = [replace] * 9
    with pytest.raises(BackupFailed, match="faster"):
        place.backups.make("daily")
    assert list((place.folder / "backups").iterdir()) == []


@pytest.mark.parametrize("_round", range(3))
def test_copies_made_while_files_come_and_go_always_fit_together(place: Place, _round: int) -> None:
    """The promise itself, with two threads that add and delete as fast as they can."""
    stop = threading.Event()
    done: list[int] = []

    def churn() -> None:
        mine: list[str] = []
        while not stop.is_set():
            mine.append(place.add(reading=bool(secrets.randbits(1))))
            if len(mine) > 5:
                place.delete(mine.pop(secrets.randbelow(len(mine))))
                done.append(1)

    threads = [threading.Thread(target=churn) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        copies = [place.backups.make("daily") for _ in range(6)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert done
    for copy in copies:
        assert place.named_in(copy) == set(held(copy))
        assert all("original" in parts for parts in held(copy).values())
        assert place.backups.contents(copy).lost == ()
        assert place.backups.check(copy) == []


def test_a_lost_file_is_told_and_kept_from_an_earlier_copy(tmp_path: Path, clock: FakeClock) -> None:
    """Rotation must not throw away the last bytes of what is lost."""
    place = Place(tmp_path, clock, keep=1)
    id = place.add(b"the only proof", reading=True)
    place.backups.make("daily")
    place.store.delete(id)  # by whatever: its row still names it
    clock.advance(days=1)
    with logged() as log:
        copy = place.backups.make("daily")
    assert [line["first"] for line in log.events("backup.files_lost")] == [id]
    assert place.backups.contents(copy).lost == (id,)
    assert held(copy) == {id: {"original", "reading"}}
    assert len(place.backups.copies()) == 1
    place.backups.restore(copy)
    assert place.store.read(id, Part.ORIGINAL) == b"the only proof"


def test_a_file_of_which_nothing_is_left_does_not_stop_the_copies(place: Place) -> None:
    id = place.add()
    place.store.delete(id)
    copy = place.backups.make("daily")
    assert place.backups.contents(copy).lost == (id,)
    assert place.backups.check(copy) == []


def refuse_links(monkeypatch: pytest.MonkeyPatch, *, within: Path) -> None:
    """Another disk: links from this folder to elsewhere are not to be had."""
    link = os.link

    def linked(source: Path, target: Path) -> None:
        if Path(source).is_relative_to(within):
            raise OSError(18, "Invalid cross-device link")
        link(source, target)

    monkeypatch.setattr(file_copies.os, "link", linked)


def test_on_another_disk_the_first_copy_has_bytes_of_its_own_and_the_next_shares_them(
    place: Place, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_links(monkeypatch, within=place.folder / "files")
    old = place.add(reading=True)
    first = place.backups.make("daily")
    new = place.add()
    clock.advance(days=1)
    second = place.backups.make("daily")
    name = f"files/{old[:2]}/{old}.original"
    assert not (first / name).samefile(place.folder / name)
    assert (second / name).samefile(first / name)
    assert set(held(second)) == {old, new}
    assert place.backups.check(first) == place.backups.check(second) == []


def test_a_disk_without_any_links_gets_whole_copies(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_links(monkeypatch, within=place.folder)
    id = place.add(reading=True)
    copies = [place.backups.make("daily") for _ in range(2)]
    assert [set(held(copy)) for copy in copies] == [{id}, {id}]


def test_copies_with_files_rotate_and_leave_nothing_half_gone(tmp_path: Path, clock: FakeClock) -> None:
    place = Place(tmp_path, clock, keep=2)
    for _ in range(4):
        place.add()
        place.backups.make("daily")
        clock.advance(days=1)
    assert len(list((tmp_path / "backups").iterdir())) == 2
    assert [len(held(copy.path)) for copy in place.backups.copies()] == [4, 3]


def test_what_a_killed_deletion_left_is_no_copy_any_more(tmp_path: Path, clock: FakeClock) -> None:
    place = Place(tmp_path, clock, keep=1)
    place.add()
    old = place.backups.make("daily")
    half = old.rename(old.with_name(f".{old.name}.part"))
    long_ago = (clock.now() - timedelta(days=2)).timestamp()
    os.utime(half, (long_ago, long_ago))
    assert place.backups.copies() == []
    place.backups.make("daily")
    assert not half.exists()


def test_files_come_back_with_their_hashes_and_what_came_since_is_left_for_the_sweep(place: Place) -> None:
    ids = [place.add(reading=True) for _ in range(3)]
    before = place.live()
    copy = place.backups.make("daily")
    shutil.rmtree(place.folder / "files" / ids[0][:2])
    altered = place.folder / "files" / ids[1][:2] / f"{ids[1]}.original"
    if altered.exists():
        altered.unlink()
    altered.parent.mkdir(exist_ok=True)
    altered.write_bytes(b"overwritten by somebody")
    later = place.add()
    saved = place.backups.restore(copy)
    assert {name: digest for name, digest in place.live().items() if later not in name} == before
    assert {id for (id,) in place.execute("SELECT id FROM case_file")} == set(ids)
    assert saved is not None
    assert later in held(saved)
    place.backups.restore(saved)  # a restore can be taken back
    assert {id for (id,) in place.execute("SELECT id FROM case_file")} == {*ids, later}


def test_files_that_come_back_are_young_so_that_nobody_sweeps_them_before_their_rows(
    place: Place, clock: FakeClock
) -> None:
    id = place.add()
    path = place.folder / "files" / id[:2] / f"{id}.original"
    os.utime(path, (0, 0))
    copy = place.backups.make("daily")
    for present in (True, False):
        if not present:
            path.unlink()
        place.backups.restore(copy)
        assert path.stat().st_mtime > 1_700_000_000


@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_a_damaged_file_is_noticed_and_nothing_restored_until_told_to(place: Place, harm: str) -> None:
    whole, broken = place.add(b"whole"), place.add(b"broken")
    copy = Path(shutil.copytree(place.backups.make("daily"), place.folder / "elsewhere"))
    victim = copy / f"files/{broken[:2]}/{broken}.original"
    victim.unlink()
    if harm == "changed":
        victim.write_bytes(b"br0ken")
    for id in (whole, broken):
        place.delete(id)
    assert place.backups.check(copy) == [victim.relative_to(copy).as_posix()]
    with pytest.raises(BackupFailed, match="1 files are damaged"):
        place.backups.restore(copy)
    assert place.execute("SELECT id FROM case_file") == []
    place.backups.restore(copy, despite_damage=True)
    assert place.store.read(whole, Part.ORIGINAL) == b"whole"


@pytest.mark.parametrize("name", ["database.db", "manifest.json", SUMS])
@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_a_copy_without_its_own_parts_is_not_restored(place: Place, name: str, harm: str) -> None:
    place.add()
    copy = place.backups.make("daily")
    (copy / name).unlink()
    if harm == "changed":
        (copy / name).write_bytes(b"something else")
    with pytest.raises(BackupFailed):
        place.backups.restore(copy)
    assert len(place.execute("SELECT id FROM case_file")) == 1


def test_a_list_of_sums_cannot_reach_outside_of_its_copy(place: Place) -> None:
    copy = place.backups.make("daily")
    (copy / SUMS).write_text(f"{'0' * 64}  files/../../../etc/passwd\n")
    with pytest.raises(BackupFailed, match="damaged"):
        place.backups.check(copy)


def test_copies_of_the_database_alone_still_restore_and_rotate(tmp_path: Path, clock: FakeClock) -> None:
    place = Place(tmp_path, clock, keep=2)
    id = place.add()
    (tmp_path / "backups").mkdir(mode=0o700)
    old = tmp_path / "backups" / "gonghui-20261101T020000Z-daily.db"
    SqliteSnapshots(place.database).write(old)
    place.execute("DELETE FROM case_file")
    assert [copy.path for copy in place.backups.copies()] == [old]
    assert place.backups.check(old) == []
    saved = place.backups.restore(old)
    assert place.execute("SELECT id FROM case_file") == [(id,)]
    assert saved is not None
    clock.advance(days=1)
    place.backups.make("daily")
    clock.advance(days=1)
    place.backups.make("daily")
    assert not old.exists()
    assert len(place.backups.copies()) == 2


def test_the_end_of_the_audit_log_goes_along_and_is_taken_where_none_is_known(place: Place) -> None:
    head = place.folder / "audit-head.json"
    head.write_text("the end")
    copy = place.backups.make("daily")
    assert (copy / "audit-head.json").read_text() == "the end"
    head.write_text("a later end")
    place.backups.restore(copy)
    assert head.read_text() == "a later end"  # what is known is never forgotten by itself
    head.unlink()
    place.backups.restore(copy)
    assert head.read_text() == "the end"
    assert stat.S_IMODE(head.stat().st_mode) == 0o600


@pytest.mark.postgres
@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="pg_dump is not installed (Debian: postgresql-client)")
def test_a_dump_of_postgres_says_which_files_there_are(postgres: URL, tmp_path: Path) -> None:
    with postgres_database(postgres) as url:
        snapshots = make_snapshots(url)
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE alembic_version (version_num text)"))
        snapshots.write(tmp_path / "old.dump")
        with engine.begin() as connection:
            connection.execute(text('CREATE TABLE case_file (id text, "case" text, meta bytea, state text)'))
            rows = [{"id": f"{n:032x}", "state": "kept" if n % 2 else "waiting"} for n in range(6)]
            connection.execute(text("INSERT INTO case_file VALUES (:id, E'a\\tb\\nc', '\\x010a0d', :state)"), rows)
        snapshots.write(tmp_path / "new.dump")
        engine.dispose()
        assert snapshots.file_ids(tmp_path / "old.dump") == frozenset()
        assert snapshots.file_ids(tmp_path / "new.dump") == {f"{n:032x}" for n in (1, 3, 5)}
