"""The month: what went out and what will, day by day, with days off and make-up days marked."""

import calendar
from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.clock import local_date
from bot.console.views.newsroom_base import NOT_FOUND, NewsroomPage
from bot.workdays import UnknownYear

if TYPE_CHECKING:
    from bot.publishing.planned import Planned

FIRST_YEAR, LAST_YEAR = 2020, 2100
MONTHS = 12


class CalendarPage(NewsroomPage):
    """A month at a time; on a phone as a list of its days."""

    menu_label = "发布日历"
    icon = "fa-regular fa-calendar-days"
    path = "/publishing-calendar"

    @route("", name="publishing-calendar")
    async def month(self, request: Request) -> Response:
        """The month of `?month=2026-12`, this one without."""
        first = _month(request.query_params.get("month", ""), self.parts.today())
        weeks = calendar.Calendar(calendar.MONDAY).monthdatescalendar(first.year, first.month)
        async with self.parts.read() as work:
            planned = await self.room.planner.calendar(work, weeks[0][0], weeks[-1][-1])
        days: dict[date, list[Planned]] = defaultdict(list)
        for each in planned:
            days[local_date(each.at)].append(each)
        context = {
            "first": first,
            "before": (first - timedelta(days=1)).replace(day=1),
            "after": (first + timedelta(days=31)).replace(day=1),
            "weeks": weeks,
            "days": days,
            "off": {day: self._is_off(day) for week in weeks for day in week},
            "known": first.year in self._known(weeks),
        }
        return self.show(request, "calendar.html", context)

    def _is_off(self, day: date) -> str:
        """`off` for a day off, `makeup` for a weekend day that is worked, else nothing."""
        try:
            working = self.room.workdays.is_working(day)
        except UnknownYear:
            return ""
        weekend = day.weekday() >= calendar.SATURDAY
        if working:
            return "makeup" if weekend else ""
        return "off"

    def _known(self, weeks: list[list[date]]) -> set[int]:
        years = set()
        for year in {day.year for week in weeks for day in week}:
            try:
                self.room.workdays.is_working(date(year, 1, 4))
            except UnknownYear:
                continue
            years.add(year)
        return years


def _month(text: str, today: date) -> date:
    if not text:
        return today.replace(day=1)
    year, _, month = text.partition("-")
    if not (year.isdecimal() and month.isdecimal() and len(year) == 4 and len(month) <= 2):  # noqa: PLR2004 - 2026-12
        raise HTTPException(NOT_FOUND)
    if not (FIRST_YEAR <= int(year) <= LAST_YEAR and 1 <= int(month) <= MONTHS):
        raise HTTPException(NOT_FOUND)
    return date(int(year), int(month), 1)
