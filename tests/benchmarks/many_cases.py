"""A federation after some years: as many cases as are wanted, put into the database without the services.

The same number gives the same cases. Most are closed, a few thousand are open, and of the open ones some are due soon
or overdue; each has its clocks, its statement, its phone number in the blind index and now and then an employer.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text

from bot.app import Program
from bot.clock import SHANGHAI, local_date
from bot.complaints.cases import Case, Employer, Nature
from bot.complaints.clocks.deadlines import Clock, Standing, Stop, next_due, standing
from bot.complaints.clocks.rules import ClockRule, Start
from bot.complaints.lifecycle import Progress, State, Verdict
from bot.complaints.quantities.typed import Bounds
from bot.complaints.roles import Confidentiality
from bot.complaints.statement_json import statement_to_json
from bot.complaints.vault import new_record_key, sealed_context
from bot.store.case_rows import columns_of
from bot.store.case_tables import BlindIndexRow, CaseClockRow, CaseRow, CaseStatementRow
from bot.store.clocks import _columns as clock_columns
from tests.cases import a_statement

BATCH = 2000
YEARS = 3
RECENT = timedelta(days=60)
EMPLOYERS = 800

_OPEN = (State.REGISTERED, State.ACCEPTED, State.IN_PROGRESS, State.REFERRED, State.AWAITING_WORKER)
_CLOSED = (State.FOLLOWED_UP, State.FOLLOWED_UP, State.RESOLVED, State.DECLINED, State.WITHDRAWN)


@dataclass
class Maker:
    """Makes cases for a program with these members of staff."""

    program: Program
    now: datetime
    cadres: Sequence[str] = ()
    employers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(20261122)
        self.said = statement_to_json(a_statement()).encode()
        self.categories = [category.id for category in self.program.desk.categories if not category.union_staff]
        self.districts = [district.id for district in self.program.configuration.settings.complaints.districts]
        calendar = self.program.desk.calendar

        @cache
        def stands(rule: ClockRule, began: date, stopped: date | None) -> tuple[Clock, Standing]:
            clock = Clock(rule, began, (Stop(stopped),) if stopped else ())
            return clock, standing(clock, local_date(self.now), calendar)

        self.stands = stands

    async def make(self, count: int) -> None:
        """Put so many into the database, and let it learn what its tables look like now."""
        await self._make_employers()
        engine = self.program.store.engine
        for first in range(0, count, BATCH):
            made = [self._rows(number) for number in range(first, min(first + BATCH, count))]
            async with engine.begin() as connection:
                for position, row in enumerate((CaseRow, CaseStatementRow, BlindIndexRow, CaseClockRow)):
                    rows = [one for rows in made for one in rows[position]]
                    await connection.execute(insert(row.__table__), rows)  # type: ignore[attr-defined]
        if engine.dialect.name == "postgresql":
            async with engine.connect() as plain:  # as its own housekeeping does before long
                connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
                await connection.execute(text("VACUUM ANALYZE"))

    async def _make_employers(self) -> None:
        async with self.program.store.write() as work:
            for number in range(EMPLOYERS):
                employer = Employer(id=self._id(), name=f"菏泽第{number}建筑劳务有限公司")
                await work.employers.add(employer, self.now)
                self.employers.append(employer.id)
            await work.commit()

    def _rows(self, number: int) -> tuple[list[dict[str, Any]], ...]:
        """Rows of the case, its statement, its phone number and its clocks."""
        keys, case_id = self.program.keys, self._id()
        key, wrapped = new_record_key(keys, sealed_context("complaint_case", "key", case_id))
        case, clocks = self._case(number, case_id)
        phone = f"13{number:09}"
        row_id = self._id()
        sealed = key.seal(self.said, sealed_context("case_statement", "content", row_id))
        receipt = keys.index("receipt", f"{number:016}")
        hashed = keys.index("phone", phone)
        return (
            [{**columns_of(case), "receipt": receipt, "key": wrapped, "receipt_used_at": self._used(case)}],
            [
                {
                    "id": row_id,
                    "case": case_id,
                    "position": 1,
                    "said_at": case.registered_at,
                    "by": "worker",
                    "content": sealed,
                }
            ],
            [{"kind": "phone", "hash": hashed, "version": keys.index_version, "subject": case_id}],
            list(self._clock_rows(case_id, clocks)),
        )

    def _case(self, number: int, case_id: str) -> tuple[Case, list[tuple[Clock, Standing]]]:
        chance = self.chance
        age = timedelta(seconds=chance.randrange(YEARS * 365 * 86400))
        registered = self.now - age
        is_open = chance.random() < (0.5 if age < RECENT else 0.01)
        state = chance.choice(_OPEN if is_open else _CLOSED)
        accepted = registered + timedelta(days=chance.randint(0, 7)) if state is not State.REGISTERED else None
        closed = None if is_open else min(self.now, registered + timedelta(days=chance.randint(3, 40)))
        category = chance.choice(self.categories)
        case = Case(
            id=case_id,
            number=f"HZ{registered.astimezone(SHANGHAI):%y%m%d}-{number:06}",
            version=chance.randint(1, 9),
            registered_at=registered,
            changed_at=closed or accepted or registered,
            channel=chance.choice(("site", "wechat", "hotline")),
            nature=chance.choice(tuple(Nature)),
            category=category,
            district=chance.choice(self.districts),
            confidentiality=chance.choice(tuple(Confidentiality)),
            progress=Progress(
                state=state, verdict=chance.choice(tuple(Verdict)) if state is State.FOLLOWED_UP else None
            ),
            owner="" if state is State.REGISTERED else chance.choice(self.cadres),
            helpers=frozenset({chance.choice(self.cadres)}) if chance.random() < 0.03 else frozenset(),
            employer=chance.choice(self.employers) if chance.random() < 0.5 else "",
            people=Bounds(1, chance.randint(1, 30)),
            money=Bounds(chance.randint(100, 10**7), None),
            urgent=chance.random() < 0.02,
            collective=chance.random() < 0.02,
            about_union_staff=chance.random() < 0.005,
            quarantined=is_open and chance.random() < 0.01,
            call_back_due=chance.random() < 0.002,
            accepted_at=accepted,
            closed_at=closed,
        )
        clocks = self._clocks(case)
        due = next_due(one for _, one in clocks)
        fields = {name: getattr(case, name) for name in Case.__dataclass_fields__}
        if due is not None and due.due is not None:
            fields |= {"next_due": due.due.not_before, "next_rule": due.rule.id, "warn_on": due.warn_on}
        return Case(**fields), clocks

    def _clocks(self, case: Case) -> list[tuple[Clock, Standing]]:
        """The clocks of the registration: those of open cases may still run, and few of the others ran too long."""
        began = local_date(case.registered_at)
        found = []
        for rule in self.program.desk.clocks.rules_of(Start.REGISTERED, case, began):
            met = began + timedelta(days=self.chance.choice((0, 1, 1, 2, 3, 5, 8)))
            runs = case.closed_at is None and self.chance.random() < 0.5
            found.append(self.stands(rule, began, None if runs else min(met, local_date(self.now))))
        return found

    def _clock_rows(self, case_id: str, clocks: list[tuple[Clock, Standing]]) -> Iterator[dict[str, Any]]:
        for clock, stands in clocks:
            row = {"case": case_id, "rule": clock.rule.id, "started_on": clock.started_on, "warned": ""}
            yield row | clock_columns(clock, stands)

    def _used(self, case: Case) -> datetime | None:
        return case.registered_at + timedelta(hours=1) if self.chance.random() < 0.4 else None

    def _id(self) -> str:
        return UUID(int=self.chance.getrandbits(128)).hex
