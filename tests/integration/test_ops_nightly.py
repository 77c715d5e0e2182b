"""The copy of the night: once a night, whoever looks first, and told of when it fails."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import Program
from bot.audit import AuditEntry, parse_head
from bot.errors import BackupFailed, StorageFull
from bot.keeping import make_nightly
from bot.operations import make_audit_heads, make_health, make_housekeeping
from bot.ops import backup
from bot.ops.health import State
from bot.ops.jobs import run_job
from bot.ops.nightly import Nightly
from bot.roles import Role
from bot.staff.members import StaffMember
from tests.cases import a_case, a_file, put
from tests.fakes import FakeClock
from tests.operating import a_program, logged

EVENING = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
"""Eight in the evening in China."""


async def add_staff(program: Program) -> None:
    async with program.store.write() as work:
        for name, role in (("adam", Role.ADMINISTRATOR), ("sue", Role.SUPERVISOR)):
            member = StaffMember(id=name, login=name, name=name, role=role, districts=frozenset())
            await work.staff.add(member, "no password", program.clock.now())
        await work.commit()


async def told(program: Program, staff: str) -> list[str]:
    async with program.store.read() as work:
        return [stored.notice.kind for stored in await work.notices.unseen(staff)]


async def copy_job(program: Program) -> bool:
    job = next(job for job in make_housekeeping(program).jobs() if job.name == "daily_copy")
    return await run_job(job, program.metrics)


async def test_a_copy_is_made_each_night_after_three_and_not_again(tmp_path: Path) -> None:
    clock = FakeClock(EVENING)
    program = a_program(tmp_path, clock)
    async with program.maintained():
        made = []
        for _ in range(48):
            before = len(program.backups.copies())
            assert await copy_job(program)
            if len(program.backups.copies()) > before:
                made.append(f"{clock.now():%d %H}")
            clock.advance(hours=1)
    assert made == ["22 12", "22 19", "23 19"]  # at once, as there was none, and then at three in China


async def test_a_copy_made_by_hand_in_the_day_does_not_stand_for_that_of_the_night(tmp_path: Path) -> None:
    clock = FakeClock(EVENING)
    program = a_program(tmp_path, clock)
    async with program.maintained():
        await copy_job(program)
        clock.advance(hours=2)
        program.backups.make("by-hand")
        clock.advance(hours=6)
        await copy_job(program)
        assert [copy.path.name.rpartition("-")[2] for copy in program.backups.copies()] == ["daily", "hand", "daily"]


async def test_a_failing_copy_is_logged_counted_and_told_once_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock(EVENING)
    program = a_program(tmp_path, clock)
    async with program.maintained():
        await add_staff(program)
        monkeypatch.setattr(backup.shutil, "disk_usage", lambda _: backup.shutil._ntuple_diskusage(10, 5, 5))
        with logged() as log:
            for _ in range(3):
                assert not await copy_job(program)
                clock.advance(hours=1)
        assert len(log.events("backup.failed")) == 3
        assert await told(program, "adam") == ["backup_failed"]
        assert await told(program, "sue") == []
        clock.advance(hours=24)
        assert not await copy_job(program)
        assert await told(program, "adam") == ["backup_failed"] * 2
        monkeypatch.undo()
        assert await copy_job(program)  # made as soon as it can be


async def test_a_full_disk_that_takes_no_notice_either_does_not_hide_the_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = a_program(tmp_path, FakeClock(EVENING))

    async def full(_: str) -> None:
        raise StorageFull("ENOSPC")

    async def keep() -> None:
        raise StorageFull("ENOSPC")

    def fail(_: str) -> Path:
        raise BackupFailed("no room")

    monkeypatch.setattr(program.backups, "make", fail)
    nightly = Nightly(backups=program.backups, clock=program.clock, hour=3, keep_head=keep, tell=full)
    with logged() as log, pytest.raises(BackupFailed):
        await nightly.run()
    assert log.events("backup.not_told")
    assert log.events("audit.head_not_kept")
    await program.store.close()


async def test_a_lost_file_is_told_and_the_copy_made(tmp_path: Path) -> None:
    program = a_program(tmp_path, FakeClock(EVENING))
    async with program.maintained():
        await add_staff(program)
        async with program.store.write() as work:
            case = a_case()
            await put(work, case)
            await work.files.add(*a_file(program.keys, case=case.id))
            await work.commit()
        assert await copy_job(program)
        assert await told(program, "adam") == ["files_lost"]
        assert len(program.backups.copies()) == 1


async def test_the_copy_holds_an_end_of_the_audit_log_that_its_own_log_reaches(tmp_path: Path) -> None:
    program = a_program(tmp_path, FakeClock(EVENING))
    async with program.maintained():
        async with program.store.write() as work:
            await work.audit.append(AuditEntry("adam", "staff.added", "sue"))
            await work.commit()
        assert not (tmp_path / "data" / "audit-head.json").exists()
        await make_nightly(program, make_audit_heads(program).keep).run()
        known = make_audit_heads(program).known()
        assert parse_head(str(known)).seq == 1
        (copy,) = program.backups.copies()
        assert (copy.path / "audit-head.json").read_bytes() == (tmp_path / "data" / "audit-head.json").read_bytes()


async def test_health_warns_of_a_copy_that_is_too_old_and_stays_well(tmp_path: Path) -> None:
    clock = FakeClock(EVENING)
    async with a_program(tmp_path, clock).running() as program:
        health = make_health(program)
        assert (await health.check()).checks["backup"].state is State.WARN
        program.backups.make("daily")
        assert (await health.check()).checks["backup"].state is State.OK
        clock.advance(seconds=timedelta(hours=37).total_seconds())
        result = await health.check()
        assert result.checks["backup"].state is State.WARN
        assert result.is_well
    other = a_program(tmp_path, clock, {"backup": {"daily": False}})
    assert "backup" not in (await make_health(other).check()).checks
    await other.store.close()
