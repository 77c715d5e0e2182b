"""The collective radar: cases that may be one matter, found by the machine, decided on by people.

The same employer three times in 30 days, ten people, or three on one site. What is found is flagged and told; to
handle the cases as one is proposed. Cases held back as a flood and those about union staff are left out.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.audit import SYSTEM, AuditEntry
from bot.clock import local_date
from bot.complaints.cases import Case, TimelineEntry
from bot.complaints.desk.staff_telling import Member, roster, tell_staff
from bot.complaints.errors import Changed
from bot.complaints.kept import RadarFinding
from bot.complaints.lifecycle import State
from bot.complaints.notices import Road

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork


class FindingKind(StrEnum):
    """What cases have in common."""

    EMPLOYER = "employer"
    SITE = "site"
    PEOPLE = "people"


@dataclass(frozen=True, kw_only=True, slots=True)
class RadarLimits:
    """From how many on cases are taken for one matter."""

    days: int = 30
    same_employer: int = 3
    same_site: int = 3
    people: int = 10


@dataclass(frozen=True, slots=True)
class Cluster:
    """Cases that have something in common."""

    kind: FindingKind
    subject: str
    cases: tuple[Case, ...]

    @property
    def district(self) -> str:
        """The district of all of them; empty when they lie in several."""
        districts = {case.district for case in self.cases}
        return districts.pop() if len(districts) == 1 else ""


class Radar:
    """Looks for collective matters."""

    def __init__(
        self, limits: RadarLimits | None = None, *, roads: Collection[Road] = frozenset({Road.CONSOLE})
    ) -> None:
        self._limits = limits or RadarLimits()
        self._roads = roads

    async def run(self, work: "UnitOfWork", now: datetime) -> int:
        """Flag what is new, and tell those who have to act and the supervisors; how many findings. Safe to repeat."""
        found = 0
        for cluster in await self._clusters(work, now):
            finding = await work.radar.open(
                cluster.kind,
                cluster.subject,
                district=cluster.district,
                cases=[case.id for case in cluster.cases],
                today=local_date(now),
            )
            if finding is not None:
                await self._flag(work, finding, cluster, now)
                found += 1
        return found

    async def _clusters(self, work: "UnitOfWork", now: datetime) -> list[Cluster]:
        since, limits = now - timedelta(days=self._limits.days), self._limits
        employers = await work.cases.clusters("employer", since, 2)
        sites = await work.cases.clusters("site", since, limits.same_site)
        large = counted(await work.cases.large(since, limits.people))
        shared = [_of_employer(employer, counted(cases), limits) for employer, cases in employers.items()]
        found = [cluster for cluster in shared if cluster is not None]
        found += [
            Cluster(FindingKind.SITE, site, counted(cases))
            for site, cases in sites.items()
            if matters(counted(cases)) >= limits.same_site
        ]
        return found + [Cluster(FindingKind.PEOPLE, case.id, (case,)) for case in large]

    async def _flag(self, work: "UnitOfWork", finding: RadarFinding, cluster: Cluster, now: datetime) -> None:
        staff = await roster(work)
        members: dict[str, Member] = {member.id: member for member in staff.supervisors()}
        for case in cluster.cases:
            members |= {member.id: member for member in staff.responsible(case)}
            if not case.collective:
                await flag(work, case, finding, together=True, by=SYSTEM, now=now)
        await tell_staff(
            work,
            members.values(),
            "collective",
            key=f"collective:{finding.id}:{len(finding.cases)}",
            now=now,
            roads=self._roads,
            data={"kind": cluster.kind.value, "cases": str(len(finding.cases))},
        )


async def flag(  # noqa: PLR0913 - what is marked, how and by whom, named
    work: "UnitOfWork", case: Case, finding: RadarFinding, *, together: bool, by: str, now: datetime
) -> None:
    """Set or take the mark of a collective matter, in the timeline and the log too."""
    try:
        await work.cases.change(case, now, collective=together)
    except Changed:
        present = await work.cases.find(case.id)
        if present is None:
            return
        await work.cases.change(present, now, collective=together)
    kind = "collective_flagged" if together else "collective_unflagged"
    entry = TimelineEntry(id=uuid4().hex, happened_at=now, by=by, kind=kind, data={"finding": finding.kind})
    await work.timeline.add(case.id, entry)
    await work.audit.append(AuditEntry(by, f"case.{kind}", case.id, data={"finding": finding.id}))


def counted(cases: Iterable[Case]) -> tuple[Case, ...]:
    """The cases that count: not those held back, about union staff, or taken back."""
    return tuple(
        case
        for case in cases
        if not case.quarantined and not case.about_union_staff and case.state is not State.WITHDRAWN
    )


def matters(cases: Collection[Case]) -> int:
    """How many complaints there are, when at least two of them are handled apart; else none is left to be united."""
    apart = {case.progress.merged_into or case.number for case in cases}
    return len(cases) if len(apart) > 1 else 0


def _of_employer(employer: str, cases: tuple[Case, ...], limits: RadarLimits) -> Cluster | None:
    if matters(cases) >= limits.same_employer:
        return Cluster(FindingKind.EMPLOYER, employer, cases)
    people = sum(case.people.low if case.people else 1 for case in cases)
    if matters(cases) and people >= limits.people:
        return Cluster(FindingKind.PEOPLE, employer, cases)
    return None
