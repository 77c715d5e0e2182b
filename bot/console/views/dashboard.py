"""The dashboard: figures of a range of days as charts and tables, and as a file to take along."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.complaints.desk.statistics import Report, quarter_of, quarters, sees_figures_only
from bot.complaints.roles import Action, Viewer, may
from bot.console.charts import week_columns
from bot.console.figures import TABLES, FigureWords
from bot.console.pages import Page, clean, get_member, read_fields
from bot.console.sheets import MEDIA_TYPES, Sheet, write
from bot.staff.members import SavedView, StaffMember

BAD, FORBIDDEN = 400, 403
WIDE, NARROW = 1040, 340
FEW_DAYS = 6
LONGEST_NAME, MOST_RANGES, LISTED_QUARTERS = 40, 20, 12
MARK = "figures:"
"""Begins the names of saved ranges among the saved views of a member."""

Range = tuple[date, date]


class Dashboard(Page):
    """Statistics."""

    menu_label = "统计"
    icon = "fa-solid fa-chart-column"
    path = "/statistics"
    group = "维权"

    def allows(self, member: StaffMember) -> bool:
        """Who may see statistics."""
        return may(member.viewer(), Action.SEE_STATISTICS)

    @route("", name="statistics")
    async def index(self, request: Request) -> Response:
        """The figures of the range that was asked for."""
        member = get_member(request)
        asked = chosen(request.query_params, member.viewer(), self.parts.today())
        report = await self._report(member, asked)
        async with self.parts.write() as work:
            await self.parts.desk.log_report(work, member.viewer(), report)
            saved = [view for view in await work.views.of(member.id) if is_range(view)]
            await work.commit()
        words = self._words(report)
        context = {
            "report": report,
            "figures": words,
            "tables": {table: words.lines(report, table) for table in TABLES},
            "wide": week_columns(report.weeks, width=WIDE),
            "narrow": week_columns(report.weeks, width=NARROW, most_days=FEW_DAYS),
            "presets": presets(self.parts.today(), member.viewer()),
            "quarters": [*listed_quarters(self.parts.today())],
            "saved": [(view.id, view.name.removeprefix(MARK), view.filter) for view in saved],
            "may_export": may(member.viewer(), Action.EXPORT_STATISTICS),
        }
        return self.show(request, "dashboard.html", context)

    @route("/export", methods=["POST"], name="statistics-export")
    async def export(self, request: Request) -> Response:
        """The same figures as a file."""
        member, fields = get_member(request), await read_fields(request)
        if not may(member.viewer(), Action.EXPORT_STATISTICS):
            raise HTTPException(FORBIDDEN)
        kind = fields.get("format", "")
        if kind not in MEDIA_TYPES:
            raise HTTPException(BAD)
        report = await self._report(member, chosen(fields, member.viewer(), self.parts.today()))
        async with self.parts.write() as work:
            await self.parts.desk.log_report(work, member.viewer(), report, export=kind)
            await work.commit()
        name = self.parts.wording("console.figures.file", first=report.first, last=report.last)
        return await as_file(kind, [*self._words(report).sheets(report)], name, self.parts.federation.name)

    @route("/save", methods=["POST"], name="statistics-save")
    async def save(self, request: Request) -> Response:
        """Keep the range under a name."""
        member, fields = get_member(request), await read_fields(request)
        first, last = chosen(fields, member.viewer(), self.parts.today())
        name = fields.get("name", "")[:LONGEST_NAME]
        async with self.parts.write() as work:
            full = len([view for view in await work.views.of(member.id) if is_range(view)]) >= MOST_RANGES
            if name and not full:
                kept = {"since": first.isoformat(), "until": last.isoformat()}
                await work.views.save(member.id, f"{MARK}{name}", kept)
                await work.commit()
        saved = bool(name) and not full
        self.say(request, "views.saved" if saved else "views.not_saved", "success" if saved else "warning")
        return self.go(request, f"/statistics?since={first}&until={last}")

    @route("/drop", methods=["POST"], name="statistics-drop")
    async def drop(self, request: Request) -> Response:
        """Forget one of the own ranges."""
        member, id = get_member(request), (await read_fields(request)).get("id", "")
        async with self.parts.write() as work:
            own = [view.id for view in await work.views.of(member.id) if is_range(view)]
            if id.isdecimal() and int(id) in own and await work.views.drop(member.id, int(id)):
                await work.commit()
        return self.go(request, "/statistics")

    async def _report(self, member: StaffMember, asked: Range) -> Report:
        # Counted apart from what is written: a transaction that writes would hold everybody else up.
        async with self.parts.read() as work:
            return await self.parts.desk.report(work, member.viewer(), *asked, now=self.parts.now())

    def _words(self, report: Report) -> FigureWords:
        titles = self.parts.desk.rule_titles((kept.rule for kept in report.kept), report.last)
        return FigureWords(self.parts.wording, self.parts.words, titles)


def is_range(view: SavedView) -> bool:
    """Whether a saved view is a range of the dashboard and not a filter of the list of cases."""
    return view.name.startswith(MARK)


def presets(today: date, viewer: Viewer) -> Mapping[str, Range]:
    """The ranges that are offered, the first one where none was asked for."""
    quarter = quarter_of(today)
    before = quarter_of(quarter - timedelta(days=1))
    years = {
        "year": (date(today.year, 1, 1), today),
        "last_year": (date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
    }
    if sees_figures_only(viewer):
        return {"quarter": (quarter, today), "last_quarter": (before, quarter - timedelta(days=1)), **years}
    monday = today - timedelta(days=today.weekday())
    return {
        "weeks12": (monday - timedelta(weeks=11), today),
        "month": (today.replace(day=1), today),
        "quarter": (quarter, today),
        **years,
    }


def chosen(given: Mapping[str, str], viewer: Viewer, today: date) -> Range:
    """The range that was asked for. Raises HTTPException 400 for days that are none."""
    offered = presets(today, viewer)
    since, until = (clean(given.get(name, ""))[:10] for name in ("since", "until"))
    try:
        first, last = next(iter(offered.values()))
        if until:
            last = date.fromisoformat(until)
            first = min(first, last)
        return (date.fromisoformat(since) if since else first), last
    except ValueError as error:
        raise HTTPException(BAD) from error


def listed_quarters(today: date) -> Iterator[tuple[date, date, int, int]]:
    """The quarters that can be chosen, the last one first: first and last day, year and number."""
    found = list(quarters(date(today.year - LISTED_QUARTERS // 4, 1, 1), today))
    for first, last in reversed(found[-LISTED_QUARTERS:]):
        yield first, last, first.year, (first.month + 2) // 3


async def as_file(kind: str, sheets: list[Sheet], name: str, creator: str) -> Response:
    """The tables as a download of that name."""
    content = await asyncio.to_thread(write, kind, sheets, creator=creator)
    disposition = f"attachment; filename=\"export.{kind}\"; filename*=UTF-8''{quote(f'{name}.{kind}')}"
    return Response(content, media_type=MEDIA_TYPES[kind], headers={"Content-Disposition": disposition})
