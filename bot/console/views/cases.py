"""The list of cases: filters, sorting, saved views. Rows come from the desk, for the one who asks."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import StringField, route

from bot.complaints.case_filter import CaseFilter
from bot.complaints.cases import Nature
from bot.complaints.desk.codes import RevealReason, code_label
from bot.complaints.desk.refusals import Faulty
from bot.complaints.lifecycle import State
from bot.complaints.roles import Action, Confidentiality
from bot.console.lists import GuardedList, Listing
from bot.console.pages import Page, can_ever, clean, get_member, read_fields
from bot.console.ports import ConsoleParts
from bot.console.views.dashboard import is_range
from bot.staff.members import SavedView, StaffMember

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

COLUMNS = ("number", "category", "employer", "district", "state", "people", "money", "next_due", "owner")
SORTED_BY = tuple(name for name in COLUMNS if name != "employer")
FIELDS = (
    "view",
    "state",
    "category",
    "district",
    "nature",
    "confidentiality",
    "owner",
    "due",
    "number",
    "since",
    "until",
)
FLAGS = ("urgent", "collective", "call_back_due", "quarantined")
BUILT_IN = ("mine", "unassigned", "due", "overdue", "urgent", "collective", "quarantined", "call_back")
LONGEST, MOST_VIEWS = 40, 20
BAD = 400


class CaseListView(GuardedList):
    """All cases that the viewer may see."""

    menu_label = "案件"
    icon = "fa-solid fa-folder-open"
    key = "cases"
    group = "维权"
    pk_attr = "id"
    list_template = "cases.html"
    sortable_fields = SORTED_BY
    fields_default_sort = ("next_due",)

    def __init__(self, parts: ConsoleParts) -> None:
        self.fields = [StringField(name, label=parts.wording(f"console.column.{name}")) for name in COLUMNS]
        super().__init__(parts)

    def allows(self, member: StaffMember) -> bool:
        """Who may see any case at all."""
        return can_ever(member, Action.SEE_ROW)

    def is_active(self, request: Request) -> bool:
        """The pages of single cases belong to the list."""
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        return bool(path.startswith(("/cases/", "/case/", "/case-views")))

    async def listing(self, request: Request, *, offset: int, limit: int, sort: str, descending: bool) -> Listing:
        """The rows, the views with their counts, and what filters can be set to."""
        member, now = get_member(request), self.parts.now()
        viewer = member.viewer()
        asked = asked_for(request.query_params)
        try:
            wanted = self._wanted(member, asked)
        except (KeyError, ValueError) as error:
            raise HTTPException(BAD) from error
        async with self.parts.write() as work:
            desk = self.parts.desk
            found = await desk.rows(
                work, viewer, wanted, now=now, sort=sort, descending=descending, offset=offset, limit=limit
            )
            badges = await desk.badges(work, viewer, now=now)
            extra = await list_context(work, member)
            await work.commit()
        views = [(name, getattr(badges, name)) for name in BUILT_IN if fits(member, name)]
        extra |= {"asked": asked, "views": views, "may_export": can_ever(member, Action.EXPORT)}
        if can_ever(member, Action.EXPORT_IDENTITY):
            extra["reasons"] = [(reason.value, self.parts.wording(code_label(reason))) for reason in RevealReason]
        return Listing(found.rows, found.total, extra)

    def _wanted(self, member: StaffMember, asked: Mapping[str, str]) -> CaseFilter:
        if name := asked.get("view"):
            return self.parts.desk.view(name, member.viewer(), self.parts.now())
        return filter_of(asked, self.parts.today())


class CaseViews(Page):
    """What belongs to the list: own views, and looking for a telephone number."""

    path = "/case-views"

    def allows(self, member: StaffMember) -> bool:
        """Who may see any case at all."""
        return can_ever(member, Action.SEE_ROW)

    @route("/save", methods=["POST"], name="case-views-save")
    async def save(self, request: Request) -> Response:
        """Keep the filter under a name."""
        member, fields = get_member(request), await read_fields(request)
        name, asked = fields.get("name", "")[:LONGEST], asked_for(fields)
        async with self.parts.write() as work:
            full = len(await own_views(work, member)) >= MOST_VIEWS
            if name and asked and not full:
                await work.views.save(member.id, name, asked)
                await work.commit()
        self.say(request, "views.saved" if name and not full else "views.not_saved", "success" if name else "warning")
        return self.go(request, "/cases/list")

    @route("/drop", methods=["POST"], name="case-views-drop")
    async def drop(self, request: Request) -> Response:
        """Forget one of the own views."""
        member, fields = get_member(request), await read_fields(request)
        id = fields.get("id", "")
        async with self.parts.write() as work:
            if id.isdecimal() and await work.views.drop(member.id, int(id)):
                await work.commit()
        return self.go(request, "/cases/list")

    @route("/phone", methods=["POST"], name="case-views-phone")
    async def phone(self, request: Request) -> Response:
        """Cases of one telephone number. The number is never part of an address."""
        member = get_member(request)
        if not can_ever(member, Action.SEARCH_BY_PHONE):
            raise HTTPException(403)
        phone = (await read_fields(request)).get("phone", "")
        async with self.parts.write() as work:
            try:
                found = await self.parts.desk.rows(work, member.viewer(), now=self.parts.now(), limit=100, phone=phone)
            except Faulty:
                self.say(request, "views.no_phone", "warning")
                return self.go(request, "/cases/list")
            extra = await list_context(work, member)
            await work.commit()
        title = self.parts.wording("console.views.found", count=found.total)
        return self.show(request, "cases_found.html", {"title": title, "rows": found.rows, **extra})


async def list_context(work: "UnitOfWork", member: StaffMember) -> dict[str, Any]:
    """Names of staff and the own views, as every list of cases shows them."""
    staff = {one.id: one.name for one in await work.staff.all()}
    return {
        "staff": staff,
        "own_views": await own_views(work, member),
        "may_search_phone": can_ever(member, Action.SEARCH_BY_PHONE),
        "may_search": can_ever(member, Action.SEARCH),
        "states": tuple(State),
        "natures": tuple(Nature),
        "levels": tuple(Confidentiality),
    }


async def own_views(work: "UnitOfWork", member: StaffMember) -> list[SavedView]:
    """The filters of this list that the member has saved."""
    return [view for view in await work.views.of(member.id) if not is_range(view)]


def fits(member: StaffMember, view: str) -> bool:
    """Whether a view can ever hold something for that member."""
    needed = {
        "quarantined": Action.RELEASE_QUARANTINE,
        "call_back": Action.RECORD_VERDICT,
        "mine": Action.SEE_NOTES,
        "unassigned": Action.SEE_NOTES,
    }
    return can_ever(member, needed.get(view, Action.SEE_CONTENT))


def asked_for(given: Mapping[str, str]) -> dict[str, str]:
    """What of an address or a form is a filter, without what is empty."""
    asked = {name: clean(given.get(name, ""))[:LONGEST] for name in (*FIELDS, *FLAGS)}
    return {name: value for name, value in asked.items() if value}


def filter_of(asked: Mapping[str, str], today: date) -> CaseFilter:
    """The filter that was asked for. Raises ValueError for codes and days that are none."""
    since, until = asked.get("since"), asked.get("until")
    unassigned = asked.get("owner") == "nobody"
    return CaseFilter(
        states=_one(asked, "state", State),
        categories=tuple(filter(None, [asked.get("category", "")])),
        districts=tuple(filter(None, [asked.get("district", "")])),
        natures=_one(asked, "nature", Nature),
        confidentiality=_one(asked, "confidentiality", Confidentiality),
        owner="" if unassigned else asked.get("owner", ""),
        unassigned=unassigned,
        due=asked.get("due", ""),
        number=asked.get("number", "").upper(),
        urgent="urgent" in asked,
        collective="collective" in asked,
        call_back_due="call_back_due" in asked,
        quarantined=True if "quarantined" in asked else None,
        registered_from=date.fromisoformat(since) if since else None,
        registered_to=date.fromisoformat(until) if until else None,
        today=today,
    )


def _one(asked: Mapping[str, str], name: str, kind: Any) -> tuple[Any, ...]:
    return (kind(asked[name]),) if name in asked else ()
