"""What every page and act of one case has in common: opening it for the viewer, and showing what went wrong."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.complaints.cases import Nature
from bot.complaints.clocks.deadlines import ClockRefused
from bot.complaints.desk.codes import ContactWay, DeletionReason, MoveReason, RevealReason
from bot.complaints.desk.refusals import CaseHidden, Conflict, Faulty, NotAllowed
from bot.complaints.desk.values import CasePage, ReferralProposal, Revealed, Seen
from bot.complaints.errors import ContentGone
from bot.complaints.files.kinds import FileRefused
from bot.complaints.lifecycle import StepRefused
from bot.complaints.roles import Action
from bot.console.case_words import CaseWords
from bot.console.pages import Page, can_ever, get_member
from bot.console.words import local
from bot.errors import LostRace
from bot.roles import Role
from bot.staff.members import StaffMember

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

NOT_ALLOWED, NOT_FOUND, CONFLICT, INVALID = 403, 404, 409, 422
MEGA = 2**20

PROBLEMS = (Faulty, StepRefused, ClockRefused, FileRefused, ContentGone)
"""What a form may be answered with, to be put right by whoever sent it."""


@dataclass(frozen=True, slots=True)
class Act:
    """One form that was sent about a case."""

    viewer: StaffMember
    case: str
    seen: Seen
    fields: Mapping[str, str]
    now: datetime

    def text(self, name: str) -> str:
        """What was typed there."""
        return self.fields.get(name, "")

    def ticked(self, name: str) -> bool:
        """Whether that box was ticked."""
        return name in self.fields

    def day(self, name: str) -> date | None:
        """The day that was chosen there. Raises Faulty for what is none."""
        try:
            return date.fromisoformat(self.text(name)) if self.text(name) else None
        except ValueError:
            raise Faulty(name, "unknown") from None


@dataclass(slots=True)
class Shown:
    """What a page of a case shows beside the case itself."""

    problem: str = ""
    conflict: Conflict | None = None
    revealed: Revealed | None = None
    proposal: ReferralProposal | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


Do = Callable[["UnitOfWork", Act], Awaitable[object]]


class CaseBase(Page):
    """Base of the pages below `/case/<number>`."""

    path = "/case"

    def allows(self, member: StaffMember) -> bool:
        """Who may see any case at all; which one, the desk says."""
        return can_ever(member, Action.SEE_ROW)

    async def run(self, request: Request, fields: Mapping[str, str], do: Do, told: str) -> Response:
        """Do it in one transaction and come back to the case."""
        if answer := await self.attempt(request, fields, do):
            return answer
        return await self.done(request, told)

    async def done(self, request: Request, told: str) -> Response:
        """Say that it is done, and lead back to the case, or to the list where it is out of the member's reach now."""
        self.say(request, f"done.{told}")
        number = str(request.path_params["number"])
        try:
            async with self.parts.read() as work:
                await self.parts.desk.find_number(work, get_member(request).viewer(), number)
        except CaseHidden:
            return self.go(request, "/cases/list")
        return self.go(request, f"/case/{number}")

    async def attempt(self, request: Request, fields: Mapping[str, str], do: Do) -> Response | None:
        """Do it in one transaction; None when it is done, else the case with what was refused and what was typed."""
        member, number = get_member(request), str(request.path_params["number"])
        try:
            seen = Seen.parse(fields.get("seen") or "0")
        except ValueError:
            raise HTTPException(NOT_FOUND) from None
        try:
            async with self.parts.write() as work:
                case = await self.parts.desk.find_number(work, member.viewer(), number)
                await do(work, Act(member, case, seen, fields, self.parts.now()))
                await work.commit()
        except Conflict as conflict:
            return await self.open(request, Shown(conflict=conflict, typed=fields, status=CONFLICT))
        except PROBLEMS as problem:
            return await self.open(request, Shown(problem=self.why(problem), typed=fields, status=INVALID))
        except (CaseHidden, NotAllowed, LostRace) as refused:
            raise _refusal(refused) from None
        return None

    async def open(self, request: Request, shown: Shown | None = None) -> Response:
        """The page of the case. A case that the viewer may not see is not found."""
        shown, member = shown or Shown(), get_member(request)
        now, desk = self.parts.now(), self.parts.desk
        try:
            async with self.parts.write() as work:
                case = await desk.find_number(work, member.viewer(), str(request.path_params["number"]))
                page = await desk.page(work, member.viewer(), case, now=now)
                staff = await work.staff.all()
                await work.commit()
        except (CaseHidden, NotAllowed) as refused:
            raise _refusal(refused) from None
        clocks = desk.startable_clocks(now=now)
        words = self.words_of(page, {one.id: one.name for one in staff})
        context = {
            "title": page.row.number,
            "page": page,
            "accounts": [(one.id, one.name) for one in staff if one.active],
            "cadres": [(one.id, one.name) for one in staff if _can_own(one, page)],
            "startable_clocks": list(clocks.items()),
            **_forms(words),
            **_state(shown),
            **words.globals(),
            "natures": [(nature.value, self.parts.words.label("nature", nature)) for nature in Nature],
            "most_megabytes": self.parts.evidence.most_bytes // MEGA,
        }
        return self.show(request, "case/show.html", context, status=shown.status)

    def words_of(self, page: CasePage, staff: Mapping[str, str]) -> CaseWords:
        """The words for a page of that case."""
        federation, words = self.parts.federation, self.parts.words
        filled = {
            "number": page.row.number,
            "federation": federation.name,
            "hotline": federation.hotline,
            "office_hours": federation.office_hours,
            "category": words.label("category", page.row.category),
            "date": local(self.parts.now(), "%Y年%m月%d日"),
            "recipient": words.label("body", page.progress.recipient) if page.progress.recipient else "",
        }
        return CaseWords(self.parts.wording, words, self.parts.templates, staff, filled)

    def why(self, problem: Exception) -> str:
        """What was wrong with a form, in words."""
        wording = self.parts.wording
        if isinstance(problem, Faulty):
            return self._worded(f"handling.fault.{problem.code}", field=problem.field)
        if isinstance(problem, FileRefused):
            return self._worded(f"files.fault.{problem.fault}")
        if isinstance(problem, ClockRefused):
            return self._worded(f"handling.fault.{problem.code}")
        if isinstance(problem, StepRefused):
            lacking = "、".join(self.parts.words.label("lacking", fact) for fact in sorted(problem.missing))
            return wording("console.problem.missing", what=lacking) if lacking else wording("console.problem.step")
        return wording("console.problem.gone")

    def _worded(self, key: str, **fields: str) -> str:
        wording = self.parts.wording
        return wording(key, **fields) if wording.has(key) else wording("console.problem.other")


def _refusal(refused: Exception) -> HTTPException:
    if isinstance(refused, NotAllowed):
        return HTTPException(NOT_ALLOWED)
    return HTTPException(CONFLICT if isinstance(refused, LostRace) else NOT_FOUND)


def _can_own(member: StaffMember, page: CasePage) -> bool:
    here = member.role is Role.CADRE and page.row.district in member.districts
    return member.active and (here or member.role is Role.SUPERVISOR)


def _forms(words: CaseWords) -> dict[str, object]:
    return {
        "reveal_reasons": words.choices(RevealReason),
        "contact_ways": words.choices(ContactWay),
        "move_reasons": words.choices(MoveReason),
        "deletion_reasons": words.choices(DeletionReason),
    }


def _state(shown: Shown) -> dict[str, object]:
    typed = shown.typed

    def typed_in(act: str, name: str) -> str:
        return typed.get(name, "") if typed.get("act") == act else ""

    return {
        "problem": shown.problem,
        "conflict": shown.conflict,
        "revealed": shown.revealed,
        "proposal": shown.proposal,
        "typed": typed,
        "typed_in": typed_in,
    }
