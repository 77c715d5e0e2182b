"""The register of employers: found, entered, corrected, two entries made one. Names are in no address."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.complaints.case_filter import CaseFilter
from bot.complaints.cases import Employer
from bot.complaints.desk.refusals import Faulty
from bot.complaints.roles import Action, may
from bot.console.pages import Page, get_member, read_fields
from bot.console.views.cases import list_context
from bot.staff.members import StaffMember

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

NOT_FOUND, INVALID = 404, 422
MOST_ROWS, MOST_ALIKE, MOST_CASES = 100, 8, 20


class EmployerPages(Page):
    """The register."""

    menu_label = "用人单位"
    icon = "fa-solid fa-building"
    path = "/employers"
    group = "维权"

    def allows(self, member: StaffMember) -> bool:
        """Who looks after the register."""
        return may(member.viewer(), Action.EDIT_EMPLOYERS)

    @route("", methods=["GET", "POST"], name="employers")
    async def register(self, request: Request) -> Response:
        """The entries that hold what was looked for; the first of all of them without."""
        text = (await read_fields(request)).get("text", "")[:100] if request.method == "POST" else ""
        async with self.parts.read() as work:
            viewer = get_member(request).viewer()
            found = await self.parts.desk.employers(work, viewer, text, limit=MOST_ROWS + 1)
        context = {
            "title": self.menu_label,
            "found": found[:MOST_ROWS],
            "more": len(found) > MOST_ROWS,
            "text": text,
        }
        return self.show(request, "employers/list.html", context)

    @route("/new", methods=["GET", "POST"], name="employers-new")
    async def new(self, request: Request) -> Response:
        """A new entry."""
        title = self.parts.wording("console.employers.new")
        if request.method != "POST":
            return self.show(request, "employers/form.html", _form(title, {}))
        fields = await read_fields(request)
        try:
            async with self.parts.write() as work:
                added = await self.parts.desk.add_employer(
                    work,
                    get_member(request).viewer(),
                    fields.get("name", ""),
                    now=self.parts.now(),
                    aliases=_lines(fields.get("aliases", "")),
                    credit_code=fields.get("credit_code", ""),
                )
                await work.commit()
        except Faulty as faulty:
            context = _form(title, fields, self._why(faulty))
            return self.show(request, "employers/form.html", context, status=INVALID)
        self.say(request, "employers.saved")
        return self.go(request, f"/employers/entry/{added.id}")

    @route("/entry/{id}", methods=["GET", "POST"], name="employers-one")
    async def one(self, request: Request) -> Response:
        """One entry with its cases, and entries that may be the same."""
        if request.method != "POST":
            return await self._one(request)
        fields = await read_fields(request)
        try:
            async with self.parts.write() as work:
                await self.parts.desk.change_employer(
                    work,
                    get_member(request).viewer(),
                    str(request.path_params["id"]),
                    now=self.parts.now(),
                    name=fields.get("name", ""),
                    aliases=_lines(fields.get("aliases", "")),
                    credit_code=fields.get("credit_code", ""),
                )
                await work.commit()
        except Faulty as faulty:
            return await self._one(request, typed=fields, problem=self._why(faulty))
        self.say(request, "employers.saved")
        return self.go(request, f"/employers/entry/{request.path_params['id']}")

    @route("/entry/{id}/alike", methods=["POST"], name="employers-alike")
    async def alike(self, request: Request) -> Response:
        """The entry with others to merge it with, looked for by name or code."""
        return await self._one(request, text=(await read_fields(request)).get("text", "")[:100])

    @route("/entry/{id}/merge", methods=["POST"], name="employers-merge")
    async def merge(self, request: Request) -> Response:
        """Make this entry part of another: its cases and names go there."""
        into = (await read_fields(request)).get("into", "")
        try:
            async with self.parts.write() as work:
                await self.parts.desk.merge_employers(
                    work, get_member(request).viewer(), str(request.path_params["id"]), into, now=self.parts.now()
                )
                await work.commit()
        except Faulty as faulty:
            return await self._one(request, problem=self._why(faulty))
        self.say(request, "employers.merged")
        return self.go(request, f"/employers/entry/{into}")

    async def _one(
        self, request: Request, *, typed: Mapping[str, str] | None = None, problem: str = "", text: str = ""
    ) -> Response:
        member, id = get_member(request), str(request.path_params["id"])
        viewer = member.viewer()
        async with self.parts.write() as work:
            employer = await work.employers.find(id)
            if employer is None:
                raise HTTPException(NOT_FOUND)
            if employer.merged_into:
                return self.go(request, f"/employers/entry/{employer.merged_into}")
            cases = await self.parts.desk.rows(
                work,
                viewer,
                CaseFilter(employer=id),
                now=self.parts.now(),
                sort="registered_at",
                descending=True,
                limit=MOST_CASES,
            )
            alike = await self._alike(work, member, employer, text)
            extra = await list_context(work, member)
            await work.commit()
        kept = {
            "name": employer.name,
            "aliases": "\n".join(employer.aliases),
            "credit_code": employer.credit_code,
        }
        context = _form(employer.name, typed or kept, problem) | {
            "employer": employer,
            "cases": cases,
            "alike": alike,
            "text": text,
            "staff": extra["staff"],
        }
        return self.show(request, "employers/form.html", context, status=INVALID if problem else 200)

    async def _alike(self, work: "UnitOfWork", member: StaffMember, employer: Employer, text: str) -> list[Employer]:
        """Other entries that hold the text; without one those that may be the same."""
        found = await self.parts.desk.employers(work, member.viewer(), text or employer.name, limit=MOST_ALIKE + 1)
        return [one for one in found if one.id != employer.id][:MOST_ALIKE]

    def _why(self, faulty: Faulty) -> str:
        wording = self.parts.wording
        for key in (f"console.employers.fault.{faulty.field}_{faulty.code}", f"handling.fault.{faulty.code}"):
            if wording.has(key):
                return wording(key)
        return wording("console.problem.other")


def _form(title: str, typed: Mapping[str, str], problem: str = "") -> dict[str, object]:
    return {"title": title, "typed": typed, "problem": problem, "employer": None}


def _lines(text: str) -> list[str]:
    """One alias a line, or between 、 and ；."""
    for mark in "、；;":
        text = text.replace(mark, "\n")
    return [line for raw in text.split("\n") if (line := raw.strip())]
