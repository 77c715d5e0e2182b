"""The jobs around cases in a whole program: what is due is told, and nothing of it twice."""

from datetime import timedelta
from pathlib import Path

from bot.app import build
from bot.clock import local_date
from bot.complaints.cases import Statement
from bot.complaints.clocks.rules import Start
from bot.operations import make_desk_jobs
from bot.roles import Role
from bot.staff.members import StaffMember
from tests.builders import a_configuration
from tests.cadres import MONDAY
from tests.cases import a_case, put
from tests.fakes import FakeClock


async def test_what_is_due_is_told_once_and_three_of_one_site_are_found(tmp_path: Path) -> None:
    clock = FakeClock(MONDAY)
    program = build(a_configuration(tmp_path), clock=clock)
    async with program.maintained():
        async with program.store.write() as work:
            for name, role in (("anna", Role.CADRE), ("sue", Role.SUPERVISOR)):
                member = StaffMember(id=name, login=name, name=name, role=role, districts=frozenset({"mudan"}))
                await work.staff.add(member, "no password", clock.now())
            for _ in range(3):
                case = a_case(registered_at=clock.now(), changed_at=clock.now(), owner="anna", site="s")
                await put(work, case, Statement(narrative="拖欠工资"))
                await program.desk.clocks.begin(work, case, Start.REGISTERED, local_date(clock.now()))
            await work.commit()
        clock.advance(days=1)
        jobs = {job.name: job for job in make_desk_jobs(program)}
        assert await jobs["sweep_clocks"].run() == {"warned": 3, "recounted": 0}
        assert (await jobs["sweep_clocks"].run())["warned"] == 0
        assert await jobs["collective_radar"].run() == {"findings": 1}
        assert await jobs["ask_verdicts"].run() == {"cases": 0}
        async with program.store.read() as work:
            told = [stored.notice.kind for stored in await work.notices.unseen("anna")]
        assert sorted(told) == ["collective", "due", "due", "due"]
        assert all(timedelta() < job.every <= timedelta(hours=1) for job in jobs.values())
