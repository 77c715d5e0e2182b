"""Registering a complaint: everything of it in one transaction, or nothing."""

import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog

from bot.audit import WORKER, AuditEntry
from bot.clock import SHANGHAI, local_date
from bot.complaints.cases import Case, Consent, Filing, TimelineEntry
from bot.complaints.categories import Categories
from bot.complaints.clocks.case_clocks import CaseClocks
from bot.complaints.lifecycle import Progress
from bot.complaints.limits.guarding import Guard
from bot.complaints.receipts import Receipt, new_receipt
from bot.complaints.worker.acts import total
from bot.complaints.worker.floods import FloodGuard
from bot.complaints.worker.numbers import DeskNumbers
from bot.complaints.worker.rights import REGISTERED
from bot.complaints.worker.search_index import index_first_statement, said_site
from bot.complaints.worker.tracking import Registered
from bot.keyring import KeyRing

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

_DIGITS = 6
_TOPIC = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_LONGEST_TOPIC = 64
"""A topic stands in the open and comes out of a button that can be forged: what is none is left out."""


class Registrar:
    """Takes complaints in.

    A handler in the inbox calls `prepare`, tells the worker what it says, and hands `register` to
    `turn.then`; the site calls both inside one transaction. `below` draws a number from zero up to its argument.
    """

    def __init__(  # noqa: PLR0913 - the parts are named and handed in by the assembly
        self,
        keys: KeyRing,
        clocks: CaseClocks,
        guard: Guard,
        categories: Categories,
        numbers: DeskNumbers,
        *,
        below: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        self._keys = keys
        self._clocks = clocks
        self._guard = guard
        self._categories = categories
        self._numbers = numbers
        self._floods = FloodGuard(keys, numbers.floods)
        self._below = below

    def new_number(self, now: datetime) -> str:
        """A case number nobody can foretell, such as HZ261122-048213. Another case may have it: see NumberTaken."""
        day = now.astimezone(SHANGHAI)
        return f"{self._numbers.number_prefix}{day:%y%m%d}-{self._below(10**_DIGITS):0{_DIGITS}}"

    def new_receipt(self) -> Receipt:
        """A receipt nobody can foretell."""
        return new_receipt(self._below)

    def prepare(self, filing: Filing, now: datetime) -> Registered:
        """Draw number and receipt and work out what the worker is told. Writes nothing."""
        today = local_date(now)
        return Registered(
            case_id=uuid4().hex,
            number=self.new_number(now),
            receipt=self.new_receipt(),
            registered_at=now,
            next_steps=self._clocks.foreseen(filing, today),
            guard=self._guard.guarding(filing.statement, filing.category, today, topic=filing.topic),
            receipt_until=now + timedelta(hours=self._numbers.receipt_hours),
        )

    async def register(  # noqa: PLR0913 - what belongs to a registration, all named
        self,
        work: "UnitOfWork",
        filing: Filing,
        *,
        case_id: str,
        number: str,
        receipt: Receipt,
        now: datetime,
        source: str = "",
    ) -> Case:
        """Write the case with clocks, timeline, blind indexes, files, link, waiting receipt and audit.

        source: who files, as the channel knows it (person or address), for floods; `filing.person` without one.
        Does not commit. Raises NumberTaken when number or receipt are another case's: prepare anew.
        """
        if filing.category in self._categories and self._categories.get(filing.category).union_staff:
            filing = replace(filing, about_union_staff=True)  # whatever the form said: for the supervisor alone
        if len(filing.topic) > _LONGEST_TOPIC or not _TOPIC.fullmatch(filing.topic):
            filing = replace(filing, topic="")
        is_flood = await self._count(work, filing, source, now)
        case = self._case(filing, case_id=case_id, number=number, now=now)
        receipt_hash = self._keys.index("receipt", receipt.reveal())
        by = filing.logged_by or WORKER
        await work.cases.add(case, filing.statement, receipt_hash, by=by)
        if is_flood():  # counted with the case: a flood is rare, and a trip for each is not
            case = await work.cases.hold_back(case)
        await self._clocks.begin_first(work, case, local_date(now))
        await work.timeline.add(case_id, _first_entry(filing, by, now))
        await index_first_statement(work, self._keys, case_id, filing.statement)
        await work.files.attach(filing.files, case_id)
        if filing.draft:
            await work.files.attach_draft(filing.draft, case_id)
        await self._keep_addresses(work, filing, case_id, receipt, now)
        await work.audit.append(AuditEntry(by, "case.registered", case_id, data=_logged(case)))
        log.info("case.registered", case=case_id, channel=filing.channel, held=case.quarantined)
        return case

    async def _count(self, work: "UnitOfWork", filing: Filing, source: str, now: datetime) -> Callable[[], bool]:
        """Count the filing: what says, once the case has been added, whether it comes too fast."""
        if filing.logged_by or filing.quarantined:
            return lambda: False
        return await self._floods.count(work, source or filing.person, now)

    async def _keep_addresses(
        self, work: "UnitOfWork", filing: Filing, case_id: str, receipt: Receipt, now: datetime
    ) -> None:
        """Where news goes, if the worker wants any; and the receipt, as long as it can be shown once more."""
        if _wants_news(filing):
            await work.links.add(case_id, filing.person, filing.channel, filing.notify, filing.grants, now)
        if filing.person:
            until = now + timedelta(hours=self._numbers.receipt_hours)
            await work.receipts.keep(case_id, filing.person, receipt, until)

    def _case(self, filing: Filing, *, case_id: str, number: str, now: datetime) -> Case:
        due = self._clocks.due_from(filing, local_date(now))
        return Case(
            id=case_id,
            number=number,
            version=1,
            registered_at=now,
            changed_at=now,
            channel=filing.channel,
            nature=filing.nature,
            category=filing.category,
            district=filing.district,
            confidentiality=filing.confidentiality,
            progress=Progress(),
            people=filing.statement.people.bounds,
            money=total(filing.statement),
            site=said_site(self._keys, filing.statement, self._numbers.places),
            urgent=filing.urgent,
            about_union_staff=filing.about_union_staff,
            concerns=filing.concerns,
            quarantined=filing.quarantined,
            reachable=_wants_news(filing) and bool(filing.grants),
            passing_on=filing.passing_on if Consent.PASSING_ON in filing.consents else (),
            logged_by=filing.logged_by,
            next_due=due.next_due,
            next_rule=due.next_rule,
            warn_on=due.warn_on,
        )


def _wants_news(filing: Filing) -> bool:
    return bool(filing.person and filing.notify) and Consent.NOTICES in filing.consents


def _first_entry(filing: Filing, by: str, now: datetime) -> TimelineEntry:
    consents = " ".join(sorted(filing.consents))
    data = {"channel": filing.channel, "consents": consents, "passing_on": " ".join(filing.passing_on)}
    return TimelineEntry(
        id=uuid4().hex,
        happened_at=now,
        by=by,
        kind=REGISTERED,
        data={name: value for name, value in {**data, "topic": filing.topic}.items() if value},
        public=True,
    )


def _logged(case: Case) -> dict[str, str]:
    data = {"number": case.number, "channel": case.channel, "category": case.category, "district": case.district}
    return data | ({"quarantined": "yes"} if case.quarantined else {})
