"""`gonghui doctor` on the live base: what has to be reviewed, and what was not looked into."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from bot.answers.entries import render_entry
from bot.ops.doctor.findings import Mark
from bot.store.engine import make_engine
from bot.store.migrate import downgrade
from tests.builders import an_entry
from tests.fakes import FakeClock
from tests.integration.test_ops_doctor import examine, installed, quick, texts
from tests.operating import a_program, small_content

__all__ = ["quick"]  # a fixture: the doctor asks no network


async def reviewed_by(folder: Path, clock: FakeClock, days: Mapping[str, str]) -> None:
    """An installation whose live entries have to be reviewed on those days."""
    small_content(folder)
    program = a_program(folder, clock)
    async with program.maintained(), program.store.write() as work:
        for topic, day in days.items():
            entry = an_entry(topic, checked_on=date(2025, 1, 1), review_by=date.fromisoformat(day))
            await work.entries.save(topic, render_entry(entry), "editor", clock.now())
        await work.commit()


async def test_entries_past_their_review_are_counted(tmp_path: Path, clock: FakeClock) -> None:
    await reviewed_by(tmp_path, clock, {"wage.arrears": "2026-01-01"})
    warnings = texts(await examine(tmp_path), Mark.WARNING)
    assert any("1 个条目已过复核日期：wage.arrears" in text for text in warnings), warnings


async def test_entries_to_be_reviewed_soon_are_told_the_earliest_first(tmp_path: Path, clock: FakeClock) -> None:
    await reviewed_by(
        tmp_path, clock, {"wage.arrears": "2027-01-01", "wage.proof": "2026-12-31", "wage.far": "2027-06-01"}
    )
    sections = await examine(tmp_path)
    told = "2 个条目60天内要复核，最早 2026-12-31：wage.proof、wage.arrears；gonghui faq list --due 逐条列出"
    assert told in texts(sections, Mark.NOTE)
    assert not any("复核" in text for text in texts(sections, Mark.WARNING))


async def test_a_base_that_was_not_looked_into_is_not_called_empty(tmp_path: Path, clock: FakeClock) -> None:
    """Before an update has migrated the database nothing is read from it."""
    await installed(tmp_path, clock)
    engine = make_engine(f"sqlite+aiosqlite:///{tmp_path}/data/gonghui.db")
    await downgrade(engine, "0009")
    await engine.dispose()
    sections = await examine(tmp_path)
    assert any("下次启动时先备份再升级" in text for text in texts(sections, Mark.NOTE))
    assert not any("现用问答" in text for text in texts(sections, Mark.WARNING))
