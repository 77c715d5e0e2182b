"""The audit log: read by the supervisor, checked by supervisor and administrator."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.audit import AuditEntry
from bot.clock import SHANGHAI
from bot.complaints.cases import Case
from bot.complaints.roles import Action, may
from bot.console.case_words import CaseWords
from bot.console.pages import Page, clean, get_member
from bot.staff.members import StaffMember

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

PAGE = 50
KINDS = ("case.", "statistics.", "call.", "staff.", "entry.", "audit.")
BAD, FORBIDDEN = 400, 403
NO_SUBJECT = "-"
"""No subject is called so: nothing is found."""


class AuditPage(Page):
    """Who looked at what and who changed what."""

    menu_label = "审计记录"
    icon = "fa-solid fa-clipboard-list"
    path = "/audit"
    group = "系统"

    def allows(self, member: StaffMember) -> bool:
        """Who may read the log, or check that it is whole."""
        return may(member.viewer(), Action.SEE_AUDIT) or may(member.viewer(), Action.VERIFY_AUDIT)

    @route("", name="audit")
    async def index(self, request: Request) -> Response:
        """A page of the log; that it was looked at stands in it too."""
        member = get_member(request)
        reads = may(member.viewer(), Action.SEE_AUDIT)
        context: dict[str, object] = {
            "may_verify": may(member.viewer(), Action.VERIFY_AUDIT),
            "may_read": reads,
            "verdict": None,
            "kinds": KINDS,
        }
        if reads:
            context |= await self._page(request, member)
        return self.show(request, "audit.html", context)

    @route("/verify", methods=["POST"], name="audit-verify")
    async def verify(self, request: Request) -> Response:
        """Check the whole chain now."""
        member = get_member(request)
        if not may(member.viewer(), Action.VERIFY_AUDIT):
            raise HTTPException(FORBIDDEN)
        # read first: a long log takes seconds, and a transaction that writes would hold everybody else up
        async with self.parts.read() as work:
            verdict = await work.audit.verify([self.parts.known_head()])
        async with self.parts.write() as work:
            whole = "yes" if verdict.is_whole else "no"
            await work.audit.append(AuditEntry(member.id, "audit.verified", data={"whole": whole}))
            await work.commit()
        context = {"may_verify": True, "may_read": False, "verdict": verdict, "kinds": KINDS}
        return self.show(request, "audit.html", context)

    async def _page(self, request: Request, member: StaffMember) -> dict[str, object]:
        asked = {name: clean(request.query_params.get(name, ""))[:64] for name in _FIELDS}
        try:
            since, before = _from(asked["since"]), _from(asked["until"], days=1)
            page = max(int(request.query_params.get("page", "1")), 1)
        except ValueError as error:
            raise HTTPException(BAD) from error
        async with self.parts.write() as work:
            subject = await _subject_of(work, member, asked["number"])
            records, total = await work.audit.page(
                offset=(page - 1) * PAGE,
                limit=PAGE,
                actor=asked["actor"],
                action=asked["action"],
                subject=subject,
                since=since,
                before=before,
            )
            staff = {one.id: one.name for one in await work.staff.all()}
            cases = await work.cases.find_many({record.subject for record in records if record.subject})
            records = [record for record in records if record.subject not in _about(member, cases)]
            numbers = {case.id: case.number for case in cases}
            codes = asked | {"number": asked["number"] if subject not in ("", NO_SUBJECT) else ""}
            data = {name: value for name, value in codes.items() if value} | {"page": str(page)}
            await work.audit.append(AuditEntry(member.id, "audit.read", data=data))
            await work.commit()
        pages = max(-(-total // PAGE), 1)
        words = CaseWords(self.parts.wording, self.parts.words, self.parts.templates, staff, {})
        return {
            "code_word": words.code_word, "audit_word": words.audit_word,
            "records": records, "total": total, "page": page, "pages": pages, "staff": staff, "numbers": numbers,
            "asked": {name: value for name, value in asked.items() if value},
        }  # fmt: skip


_FIELDS = ("actor", "action", "number", "since", "until")


def _from(text: str, days: int = 0) -> datetime | None:
    if not text:
        return None
    return datetime.combine(date.fromisoformat(text) + timedelta(days=days), time(), SHANGHAI).astimezone(UTC)


async def _subject_of(work: "UnitOfWork", member: StaffMember, number: str) -> str:
    if not number:
        return ""
    case = await work.cases.find_number(number.upper())
    return case.id if case and not _about(member, [case]) else NO_SUBJECT


def _about(member: StaffMember, cases: Iterable[Case]) -> set[str]:
    """The cases that are about the member: nobody reads there who looked into them."""
    return {case.id for case in cases if member.id in case.concerns}
