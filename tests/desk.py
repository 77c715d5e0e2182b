"""The worker's desk on a real store: its parts, and filings with only the interesting facts shown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from bot.clock import local_date
from bot.complaints.assembly import Desk, make_desk
from bot.complaints.cases import Case, Consent, Filing, Nature
from bot.complaints.desk.step_clocks import apply_step
from bot.complaints.lifecycle import Event, Fact, Step, Verdict, take
from bot.complaints.receipts import Receipt
from bot.complaints.roles import Confidentiality
from bot.complaints.worker.following import Follower
from bot.complaints.worker.registering import Registrar
from bot.complaints.worker.tracking import Registered
from bot.keyring import KeyRing, make_key_ring_document, parse_key_ring
from bot.settings import load_configuration
from bot.wording import load_wording
from tests.builders import ROOT
from tests.cases import a_statement

if TYPE_CHECKING:
    from bot.store.unit_of_work import SqlStore

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
"""A Friday, ten in the morning in China."""


@cache
def _shipped() -> Desk:
    configuration = load_configuration(ROOT / "config.yaml", {})
    wording = load_wording(ROOT / "content" / "replies")
    return make_desk(configuration.settings, parse_key_ring(make_key_ring_document()), wording)


def a_desk(keys: KeyRing) -> Desk:
    """The desk with the shipped content, which is read once for all tests."""
    desk = _shipped()
    return replace(
        desk,
        registrar=Registrar(keys, desk.clocks, desk.guard, desk.categories, desk.numbers),
        follower=Follower(keys, desk.clocks, desk.guard, desk.numbers),
    )


def a_filing(**fields: object) -> Filing:
    """A named complaint about unpaid wages, from a chat."""
    values: dict[str, object] = {
        "nature": Nature.CLAIM,
        "category": "wage",
        "district": "mudan",
        "confidentiality": Confidentiality.NAMED,
        "channel": "test",
        "statement": a_statement(),
        "consents": frozenset({Consent.PERSONAL_DATA}),
        "person": "p1",
    }
    return Filing(**{**values, **fields})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Counter:
    """Files complaints and takes the cadres' steps, each in a transaction of its own."""

    store: "SqlStore"
    desk: Desk

    @property
    def registrar(self) -> Registrar:
        return self.desk.registrar

    @property
    def follower(self) -> Follower:
        return self.desk.follower

    async def file(self, filing: Filing | None = None, *, now: datetime = NOW, source: str = "") -> Registered:
        filing = filing or a_filing()
        made = self.registrar.prepare(filing, now)
        async with self.store.write() as work:
            await self.registrar.register(
                work,
                filing,
                case_id=made.case_id,
                number=made.number,
                receipt=made.receipt,
                now=now,
                source=source,
            )
            await work.commit()
        return made

    async def case(self, case_id: str) -> Case:
        async with self.store.read() as work:
            found = await work.cases.find(case_id)
        assert found is not None
        return found

    async def open(self, receipt: Receipt, source: str = "p1", now: datetime = NOW) -> Case:
        async with self.store.write() as work:
            case = await self.follower.open(work, receipt, source, now)
            await work.commit()
        return case

    async def do(self, act: str, case_id: str, *args: object, now: datetime = NOW, **named: object) -> object:
        """One act of the worker, committed."""
        async with self.store.write() as work:
            done = await getattr(self.follower, act)(work, case_id, *args, now=now, **named)
            await work.commit()
        return done

    async def step(self, case_id: str, *events: Event, now: datetime = NOW, **fields: object) -> Case:
        """Steps of a cadre, with whatever they need, and what they do to the clocks."""
        for event in events:
            async with self.store.write() as work:
                case = await work.cases.find(case_id)
                assert case is not None
                told = {"reason": "r", "recipient": "inspection", "outcome": "paid", "target": "HZ261120-000000"}
                step = Step(event=event, verdict=Verdict.SOLVED, facts=frozenset(Fact), **told)  # type: ignore[arg-type]
                progress = take(case.progress, step)
                case = await work.cases.change(case, now, progress=progress, **fields)
                await apply_step(work, self.desk.clocks, case, event, local_date(now))
                await work.commit()
        return await self.case(case_id)

    async def clocks(self, case_id: str) -> dict[str, bool]:
        """Which clocks the case has, and whether they are still open."""
        async with self.store.read() as work:
            stored = await work.clocks.of(case_id)
        return {one.clock.rule.id: not any(type(e).__name__ == "Stop" for e in one.clock.events) for one in stored}

    async def audited(self, case_id: str) -> Sequence[str]:
        """What the log says of the case."""
        async with self.store.read() as work:
            return [record.action for record in await work.audit.of(case_id)]
