"""Lists of cases for one viewer: filtered, sorted, counted, exported. Each look is logged, with codes only."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from bot.clock import local_date
from bot.complaints.case_filter import AMBER, OVERDUE, SORTS, CaseFilter
from bot.complaints.desk.door import DeskPart
from bot.complaints.desk.refusals import Faulty, NotAllowed
from bot.complaints.desk.rows import row_views
from bot.complaints.desk.values import Badges, CaseList, CaseRowView
from bot.complaints.lifecycle import CLOSED, State
from bot.complaints.roles import TABLE, Action, Viewer, may
from bot.complaints.worker.phones import phone_digits

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

OPEN_STATES = tuple(state for state in State if state not in CLOSED)
LONGEST_PAGE = 200
LARGEST_EXPORT = 20_000

EVERYTHING = CaseFilter()

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}|[0-9a-f]{32}|[0-9]{1,4}:[0-9a-f]{16,64}")
"""What an id or a number of a case looks like. A filter is typed, and may be anything."""

VIEWS: Mapping[str, Callable[[str, date], CaseFilter]] = {
    "mine": lambda staff, _: CaseFilter(mine=staff, states=OPEN_STATES),
    "unassigned": lambda *_: CaseFilter(unassigned=True, states=OPEN_STATES, quarantined=False),
    "due": lambda _, today: CaseFilter(due=AMBER, today=today),
    "overdue": lambda _, today: CaseFilter(due=OVERDUE, today=today),
    "urgent": lambda *_: CaseFilter(urgent=True, states=OPEN_STATES),
    "collective": lambda *_: CaseFilter(collective=True, states=OPEN_STATES),
    "quarantined": lambda *_: CaseFilter(quarantined=True),
    "call_back": lambda *_: CaseFilter(call_back_due=True),
}
"""The views that everybody has, by name."""


class Caseload(DeskPart):
    """Lists."""

    def view(self, name: str, viewer: Viewer, now: datetime) -> CaseFilter:
        """The filter of one of `VIEWS`. Raises KeyError."""
        return VIEWS[name](viewer.id, local_date(now))

    async def rows(  # noqa: PLR0913 - what a page of a list is made of, named
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        wanted: CaseFilter = EVERYTHING,
        *,
        now: datetime,
        sort: str = "next_due",
        descending: bool = False,
        offset: int = 0,
        limit: int = 50,
        phone: str = "",
    ) -> CaseList:
        """One page of the cases that the viewer may see and wants, at most 200 of them.

        phone: a whole number as people write it; found exactly. Raises NotAllowed for a role that sees no cases, or
        may not search by number or phone, and Faulty for a phone or a sort that is none.
        """
        check_sees_lists(viewer)
        if sort not in SORTS:
            raise Faulty("sort", "unknown")
        wanted = self._searched(viewer, wanted, phone, now)
        cases, total = await work.cases.list(
            viewer,
            wanted,
            sort=sort,
            descending=descending,
            offset=max(offset, 0),
            limit=min(max(limit, 1), LONGEST_PAGE),
        )
        await self._log(work, viewer, "case.list", data=_logged(wanted) | {"total": str(total), "offset": str(offset)})
        return CaseList(await row_views(work, viewer, cases, self._parts.rules, local_date(now)), total)

    async def badges(self, work: "UnitOfWork", viewer: Viewer, *, now: datetime) -> Badges:
        """How many cases each view holds for the viewer; nothing for a role that sees no cases. Not logged."""
        if not TABLE[viewer.role].get(Action.SEE_ROW):
            return Badges(**dict.fromkeys(VIEWS, 0))
        counts = {name: await work.cases.count(viewer, self.view(name, viewer, now)) for name in VIEWS}
        return Badges(**counts)

    async def export(
        self, work: "UnitOfWork", viewer: Viewer, wanted: CaseFilter = EVERYTHING, *, now: datetime
    ) -> list[CaseRowView]:
        """The rows that the viewer may take along, the first registered first; logged with how many they were.

        Raises NotAllowed for a role that exports nothing, and Faulty when there are too many.
        """
        if not TABLE[viewer.role].get(Action.EXPORT) or not viewer.active:
            raise NotAllowed(Action.EXPORT)
        wanted = self._searched(viewer, wanted, "", now)
        found: list[CaseRowView] = []
        offset, total = 0, 1
        while offset < total:
            cases, total = await work.cases.list(
                viewer, wanted, sort="registered_at", descending=False, offset=offset, limit=LONGEST_PAGE
            )
            if total > LARGEST_EXPORT:
                raise Faulty("filter", "too_many")
            allowed = [case for case in cases if may(viewer, Action.EXPORT, case.facts)]
            found += await row_views(work, viewer, allowed, self._parts.rules, local_date(now))
            offset += LONGEST_PAGE
        await self._log(work, viewer, "case.export", data=_logged(wanted) | {"total": str(len(found))})
        return found

    def _searched(self, viewer: Viewer, wanted: CaseFilter, phone: str, now: datetime) -> CaseFilter:
        """The filter with today and the hashes of the phone, for a viewer who may search so."""
        if wanted.number and not may(viewer, Action.SEARCH):
            raise NotAllowed(Action.SEARCH)
        if (phone or wanted.phone_hashes) and not may(viewer, Action.SEARCH_BY_PHONE):
            raise NotAllowed(Action.SEARCH_BY_PHONE)
        if phone:
            digits = phone_digits(phone)
            if not digits:
                raise Faulty("phone", "unknown")
            wanted = replace(wanted, phone_hashes=self._parts.keys.index_all("phone", digits))
        return replace(wanted, today=local_date(now))


def check_sees_lists(viewer: Viewer) -> None:
    """Raises NotAllowed for a role that sees no cases at all."""
    if not viewer.active or not TABLE[viewer.role].get(Action.SEE_ROW):
        raise NotAllowed(Action.SEE_ROW)


def _logged(wanted: CaseFilter) -> dict[str, str]:
    """What was asked for, in codes; that a phone was searched, but not which."""
    codes = {
        "states": wanted.states,
        "categories": wanted.categories,
        "districts": wanted.districts,
        "natures": wanted.natures,
        "confidentiality": wanted.confidentiality,
    }
    data = {name: ",".join(sorted(_code(str(value)) for value in values)) for name, values in codes.items()}
    data |= {name: _code(getattr(wanted, name)) for name in ("owner", "mine", "due", "employer", "site", "number")}
    flags = {name: "yes" for name in ("unassigned", "urgent", "collective", "call_back_due") if getattr(wanted, name)}
    return data | flags | ({"phone": "yes"} if wanted.phone_hashes else {})


def _code(value: str) -> str:
    """The value where it is a code; of what is none only that there was something."""
    return value if not value or _CODE.fullmatch(value) else "other"
