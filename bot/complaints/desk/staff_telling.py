"""Telling staff: one notice by each road that is switched on. Case number and what is due only."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from bot.complaints.cases import Case
from bot.complaints.notices import GROUPS, Road, StaffNotice
from bot.roles import Role

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

GROUP = "group"


class Member(Protocol):
    """What has to be known of a member of staff to tell them something."""

    @property
    def id(self) -> str:
        """The account."""
        ...

    @property
    def role(self) -> Role:
        """What they are."""
        ...

    @property
    def districts(self) -> frozenset[str]:
        """Where."""
        ...

    @property
    def mail(self) -> str:
        """The address of mail, or nothing."""
        ...

    @property
    def wecom(self) -> str:
        """The name by which the group robot mentions them, or nothing."""
        ...


def notices_for(  # noqa: PLR0913 - a notice and who gets it, named
    members: Iterable[Member],
    kind: str,
    *,
    key: str,
    roads: Collection[Road],
    case: Case | None = None,
    data: Mapping[str, str] | None = None,
) -> list[StaffNotice]:
    """The notice for each of them, by each road.

    The group robot mentions those whose name there is known; where it is nobody's, the group gets the notice as such,
    and so does a group in which nobody is mentioned. Of a case that concerns union staff no group hears anything: who
    reads there is not for us to know.
    """
    members = list(members)
    if case is not None and (case.about_union_staff or case.concerns):
        roads = frozenset(roads) - GROUPS
    planned = [(member.id, road) for member in members for road in _roads_of(member, roads)]
    for group in sorted(GROUPS & set(roads)):
        if members and not any(road is group for _, road in planned):
            planned.append(("", group))
    return [
        StaffNotice(
            key=f"{key}:{staff or GROUP}:{road}",
            road=road,
            kind=kind,
            staff=staff,
            number=case.number if case else "",
            case=case.id if case else "",
            data=data or {},
        )
        for staff, road in planned
    ]


async def tell_staff(  # noqa: PLR0913 - a notice and who gets it, named
    work: "UnitOfWork",
    members: Iterable[Member],
    kind: str,
    *,
    key: str,
    now: datetime,
    roads: Collection[Road],
    case: Case | None = None,
    data: Mapping[str, str] | None = None,
) -> None:
    """Plan the notice for each of them, unless one of that key was made before. Safe to repeat."""
    await work.notices.add_all(notices_for(members, kind, key=key, roads=roads, case=case, data=data), now)


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody who can be told something, read once."""

    members: tuple[Member, ...]

    def of_role(self, role: Role) -> list[Member]:
        """Those of a role."""
        return [member for member in self.members if member.role is role]

    def supervisors(self, case: Case | None = None) -> list[Member]:
        """The supervisors, without those whom the case is about."""
        concerned = case.concerns if case else frozenset()
        return [member for member in self.of_role(Role.SUPERVISOR) if member.id not in concerned]

    def responsible(self, case: Case) -> list[Member]:
        """Who has to act: the owner; without one the cadres of the district, and without them the supervisors.

        A case that is the supervisor's alone is told to nobody else.
        """
        if case.about_union_staff or case.quarantined:
            return self.supervisors(case)
        owner = [member for member in self.members if member.id == case.owner and member.id not in case.concerns]
        cadres = [member for member in self.of_role(Role.CADRE) if case.district in member.districts]
        return owner or [one for one in cadres if one.id not in case.concerns] or self.supervisors(case)


async def roster(work: "UnitOfWork") -> Roster:
    """The active accounts."""
    return Roster(tuple(await work.staff.all(active_only=True)))


def _roads_of(member: Member, roads: Collection[Road]) -> list[Road]:
    can = {Road.CONSOLE: True, Road.MAIL: bool(member.mail), Road.WECOM: bool(member.wecom)}
    return [road for road in Road if road in roads and can.get(road)]
