"""The list of cases as a file: rows without anything personal, and for who may, with name and telephone number."""

from collections.abc import Iterable, Iterator, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.complaints.case_filter import CaseFilter
from bot.complaints.desk.codes import RevealReason
from bot.complaints.desk.exporting import Identity
from bot.complaints.desk.refusals import Faulty, NotAllowed
from bot.complaints.desk.values import CaseRowView
from bot.complaints.quantities.ranges import Bounds
from bot.complaints.roles import Action
from bot.console.pages import Page, can_ever, get_member, read_fields
from bot.console.sheets import MEDIA_TYPES, Sheet, Value
from bot.console.views.cases import asked_for, filter_of
from bot.console.views.dashboard import as_file
from bot.console.words import FEN, local
from bot.staff.members import StaffMember

BAD, FORBIDDEN = 400, 403
COLUMNS = (
    "number",
    "registered",
    "nature",
    "confidentiality",
    "channel",
    "category",
    "district",
    "state",
    "employer",
    "people_low",
    "people_high",
    "money_low",
    "money_high",
    "due",
    "rule",
    "owner",
    "urgent",
    "collective",
)
PERSONAL = ("name", "phone", "contact")


class CaseExport(Page):
    """Takes the form of the list; it has no page of its own."""

    path = "/case-export"

    def allows(self, member: StaffMember) -> bool:
        """Who may take rows along."""
        return can_ever(member, Action.EXPORT)

    @route("", methods=["POST"], name="case-export")
    async def export(self, request: Request) -> Response:
        """The cases of the filter in that format."""
        member, fields = get_member(request), await read_fields(request)
        kind, asked = fields.get("format", ""), asked_for(fields)
        if kind not in MEDIA_TYPES:
            raise HTTPException(BAD)
        try:
            wanted = self._wanted(member, asked)
            sheet = await self._sheet(member, wanted, fields)
        except NotAllowed:
            raise HTTPException(FORBIDDEN) from None
        except Faulty as fault:
            why = "too_many" if fault.code == "too_many" else "reason"
            self.say(request, "export.refused", "warning", why=self.parts.wording(f"console.export.{why}"))
            return self.go(request, "/cases/list")
        except (KeyError, ValueError) as error:
            raise HTTPException(BAD) from error
        name = self.parts.wording("console.export.file", today=self.parts.today())
        return await as_file(kind, [sheet], name, self.parts.federation.name)

    def _wanted(self, member: StaffMember, asked: Mapping[str, str]) -> CaseFilter:
        if view := asked.get("view"):
            return self.parts.desk.view(view, member.viewer(), self.parts.now())
        return filter_of(asked, self.parts.today())

    async def _sheet(self, member: StaffMember, wanted: CaseFilter, fields: Mapping[str, str]) -> Sheet:
        viewer, personal = member.viewer(), "with_identity" in fields
        people: Mapping[str, Identity] = {}
        async with self.parts.write() as work:
            rows = await self.parts.desk.export(work, viewer, wanted, now=self.parts.now())
            if personal:
                chosen = fields.get("reason", "")
                reason = RevealReason(chosen) if chosen else None
                people = await self.parts.desk.export_identities(
                    work, viewer, rows, reason, fields.get("explanation", "")
                )
            staff = {one.id: one.name for one in await work.staff.all()}
            await work.commit()
        names = (*COLUMNS, *(PERSONAL if personal else ()))
        head = [self.parts.wording(f"console.export.{name}") for name in names]
        written = [[*self._row(row, staff), *(_person(people.get(row.id)) if personal else ())] for row in rows]
        return Sheet(self.parts.wording("console.export.cases"), head, written)

    def _row(self, row: CaseRowView, staff: Mapping[str, str]) -> Iterator[Value]:
        label = self.parts.words.label
        yield row.number
        yield local(row.registered_at)
        for kind in ("nature", "confidentiality", "channel", "category", "district", "state"):
            yield label(kind, getattr(row, kind))
        yield row.employer_name
        yield from _ends(row.people, 1)
        yield from _ends(row.money, FEN)
        yield row.next_due.isoformat() if row.next_due else ""
        yield row.next_title
        yield staff.get(row.owner, "")
        for flag in (row.urgent, row.collective):
            yield self.parts.wording("console.export.ticked") if flag else ""


def _ends(bounds: Bounds | None, unit: int) -> Iterator[Value]:
    for end in (bounds.low, bounds.high) if bounds else (None, None):
        yield "" if end is None else (end // unit if end % unit == 0 else end / unit)


def _person(person: Identity | None) -> Iterable[Value]:
    return (person.name, person.phone, person.contact) if person else ("", "", "")
