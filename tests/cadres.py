"""The cadres' desk on a real store, with the shipped rules and a few members of staff."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from inspect import signature
from typing import Any

from bot.clock import local_date
from bot.complaints.cases import Case, Statement
from bot.complaints.clocks.case_clocks import CaseClocks
from bot.complaints.clocks.holidays import load_calendar
from bot.complaints.clocks.rule_files import load_clock_rules
from bot.complaints.clocks.rules import Start
from bot.complaints.desk.collective import Radar
from bot.complaints.desk.door import DeskParts
from bot.complaints.desk.handling import Handler
from bot.complaints.desk.sweep import Sweep
from bot.complaints.desk.template_texts import load_templates
from bot.complaints.desk.values import CasePage, Seen
from bot.complaints.lifecycle import Event, Step
from bot.complaints.roles import Viewer
from bot.keyring import KeyRing
from bot.roles import Role
from bot.staff.members import StaffMember
from bot.store.unit_of_work import SqlStore
from tests.builders import ROOT
from tests.cases import a_case, put
from tests.fakes import FakeClock

MONDAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""A working day with nothing but working weeks behind it."""

CONTENT = ROOT / "content" / "complaints"
RULES = load_clock_rules(CONTENT / "deadlines.yaml")
CALENDAR = load_calendar(CONTENT / "holidays.yaml")
CLOCKS = CaseClocks(RULES, CALENDAR, ("全国", "山东"))
TEMPLATES = load_templates(CONTENT / "templates.yaml")
BODIES = {"inspection": "劳动保障监察支队", "court": "人民法院"}

STAFF = {
    "anna": (Role.CADRE, {"mudan"}),
    "amy": (Role.CADRE, {"mudan"}),
    "bert": (Role.CADRE, {"caoxian"}),
    "sue": (Role.SUPERVISOR, set()),
    "sam": (Role.SUPERVISOR, set()),
    "ole": (Role.OPERATOR, set()),
    "leo": (Role.LEADER, set()),
    "pia": (Role.PUBLICIST, set()),
    "adam": (Role.ADMINISTRATOR, set()),
}


def viewer(name: str, **fields: Any) -> Viewer:
    """That member of staff, asking."""
    role, districts = STAFF[name]
    return Viewer(**{"role": role, "id": name, "districts": frozenset(districts), **fields})


@dataclass
class Bureau:
    """The desk and who works at it."""

    store: SqlStore
    keys: KeyRing
    clock: FakeClock = field(default_factory=lambda: FakeClock(MONDAY))

    def __post_init__(self) -> None:
        self.store = SqlStore(self.store.engine, self.keys, clock=self.clock, rules=RULES)
        self.handler = Handler(
            DeskParts(
                keys=self.keys,
                rules=RULES,
                calendar=CALENDAR,
                clocks=CLOCKS,
                templates=TEMPLATES,
                categories={"wage", "hours", "union_staff"},
                about_staff={"union_staff"},
                districts=("mudan", "caoxian"),
                bodies=BODIES,
                regions=("全国", "山东"),
            )
        )
        self.sweep = Sweep(CALENDAR, CLOCKS)
        self.radar = Radar()

    async def hire(self) -> None:
        """Let everybody of `STAFF` have an account."""
        async with self.store.write() as work:
            for name, (role, districts) in STAFF.items():
                member = StaffMember(id=name, login=name, name=name, role=role, districts=frozenset(districts))
                await work.staff.add(member, "no password", self.clock.now())
            await work.commit()

    async def file(self, statement: Statement | None = None, **fields: Any) -> Case:
        """A case registered now, its clocks running."""
        now = self.clock.now()
        case = a_case(**{"registered_at": now, "changed_at": now, **fields})
        async with self.store.write() as work:
            await put(work, case, statement)
            await CLOCKS.begin(work, case, Start.REGISTERED, local_date(now))
            case = await work.cases.change(case, now, **await CLOCKS.due(work, case.id, local_date(now)))
            await work.commit()
        return case

    async def do(self, act: str, who: str | Viewer, /, *args: Any, **fields: Any) -> Any:
        """Call that method of the desk as somebody, and make it durable."""
        asking, method = viewer(who) if isinstance(who, str) else who, getattr(self.handler, act)
        if "now" in signature(method).parameters:
            fields["now"] = self.clock.now()
        async with self.store.write() as work:
            result = await method(work, asking, *args, **fields)
            await work.commit()
        return result

    async def page(self, who: str | Viewer, case: Case) -> CasePage:
        page: CasePage = await self.do("page", who, case.id)
        return page

    async def seen(self, case: Case) -> Seen:
        """The present state of the case, as somebody sees it who has just opened it."""
        return Seen((await self.case(case)).version, self.clock.now())

    async def case(self, case: Case) -> Case:
        async with self.store.read() as work:
            found = await work.cases.find(case.id)
        assert found is not None
        return found

    async def step(self, who: str, case: Case, event: Event, **fields: Any) -> Case:
        """Take a step from the present state. Fields of `Step` and of `take_step`."""
        step = {name: fields.pop(name) for name in ("reason", "outcome", "verdict", "facts") if name in fields}
        after: Case = await self.do(
            "take_step", who, case.id, await self.seen(case), Step(event=event, **step), **fields
        )
        return after

    async def clocks(self, case: Case) -> dict[str, str]:
        """Where the clocks of the case stand, by rule."""
        page = await self.page("sue", case)
        return {clock.rule: clock.state.value for clock in page.clocks}

    async def log(self, case: Case) -> list[tuple[str, str, str]]:
        """Who did what and why with the case, the first first."""
        async with self.store.read() as work:
            records = await work.audit.of(case.id)
        return [(record.actor, record.action, record.reason) for record in reversed(records)]

    async def notices(self, who: str) -> list[tuple[str, str]]:
        """What waits in the console for somebody: kind and case number."""
        async with self.store.read() as work:
            return [(stored.notice.kind, stored.notice.number) for stored in await work.notices.unseen(who)]
