"""The page of one case for one viewer, and what is hidden on it until somebody asks and says why.

Every look is logged. What a viewer may not see is not in the page; personal data in what the worker wrote is masked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from bot.clock import local_date
from bot.complaints.cases import Case, CaseFile, CaseMessage, Direction, Statement
from bot.complaints.clocks.deadlines import standing
from bot.complaints.desk.clock_work import extendable_by
from bot.complaints.desk.codes import RevealReason
from bot.complaints.desk.door import change_views, check_text, is_visible, sees_all_changes
from bot.complaints.desk.employer_register import EmployerRegister
from bot.complaints.desk.redaction import Mask
from bot.complaints.desk.refusals import CaseHidden, Faulty
from bot.complaints.desk.rows import row_views
from bot.complaints.desk.step_forms import step_forms
from bot.complaints.desk.steps import Steps
from bot.complaints.desk.values import (
    CasePage,
    ClockView,
    EarlierStatement,
    FileView,
    MessageView,
    Personal,
    PrintSheet,
    Revealed,
    Seen,
    StatementView,
)
from bot.complaints.kept import StoredClock
from bot.complaints.roles import WITHOUT_CASE, Action, Viewer, may

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

REVEALED_BY = {
    Personal.IDENTITY: Action.SEE_IDENTITY,
    Personal.CONTACT: Action.SEE_CONTACT,
    Personal.FULL_TEXT: Action.SEE_CONTENT,
}
_CORRESPONDENCE = frozenset({Direction.FROM_WORKER, Direction.TO_WORKER})


@dataclass(frozen=True, slots=True)
class _Content:
    """What of a case the viewer may read."""

    statement: StatementView | None = None
    earlier: tuple[EarlierStatement, ...] = ()
    messages: tuple[MessageView, ...] = ()
    notes: tuple[MessageView, ...] = ()
    files: tuple[FileView, ...] = ()


class Pages(Steps, EmployerRegister):
    """Looking at one case."""

    async def page(self, work: "UnitOfWork", viewer: Viewer, case_id: str, *, now: datetime) -> CasePage:
        """The case for this viewer. Messages of the worker count as read once somebody who may answer has seen them.

        Raises CaseHidden.
        """
        case = await self._open(work, viewer, case_id)
        page = await self._page(work, viewer, case, now)
        if may(viewer, Action.SEE_CONTENT, case.facts) and may(viewer, Action.WRITE_TO_WORKER, case.facts):
            await work.messages.mark_read(case.id, Direction.FROM_WORKER, now)
        seen = "content" if page.statement else "row"
        await self._log(work, viewer, "case.see", case=case.id, data={"number": case.number, "seen": seen})
        return page

    async def find_number(self, work: "UnitOfWork", viewer: Viewer, number: str) -> str:
        """The id of the case of that number. Raises CaseHidden, for one that is not for the viewer as well."""
        case = await work.cases.find_number(number.strip().upper())
        if case is None or not is_visible(viewer, case):
            raise CaseHidden
        return case.id

    async def reveal(  # noqa: PLR0913 - who asks for what of which case, and why
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        case_id: str,
        what: Personal,
        reason: RevealReason,
        *,
        now: datetime,
        explanation: str = "",
    ) -> Revealed:
        """What is hidden on the page. The coded reason is logged; `RevealReason.OTHER` needs an explanation.

        Raises CaseHidden, NotAllowed, Faulty.
        """
        case = await self._open(work, viewer, case_id, REVEALED_BY[what])
        explanation = check_text(explanation, "explanation", needed=reason is RevealReason.OTHER)
        statement = await work.cases.statement(case.id)
        if statement is None:
            raise Faulty("what", "deleted")
        data = {"what": what.value, "number": case.number}
        await self._log(work, viewer, "case.reveal", case=case.id, reason=reason, data=data, text=explanation)
        match what:
            case Personal.IDENTITY:
                return Revealed(what=what, name=statement.name)
            case Personal.CONTACT:
                return Revealed(what=what, phone=statement.phone, contact=statement.contact)
            case Personal.FULL_TEXT:
                messages = await work.messages.of(case.id, _CORRESPONDENCE)
                texts = {message.id: message.text for message in messages}
                return Revealed(what=what, narrative=statement.narrative, wish=statement.wish, texts=texts)

    async def print_sheet(  # noqa: PLR0913 - what is printed and why
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        case_id: str,
        *,
        now: datetime,
        with_identity: bool = False,
        reason: RevealReason | None = None,
    ) -> PrintSheet:
        """The sheet to be printed; with name and contact only with a coded reason. Raises as `reveal`."""
        case = await self._open(work, viewer, case_id, Action.PRINT)
        if with_identity:
            self._check(viewer, case, Action.PRINT_IDENTITY)
            if reason is None:
                raise Faulty("reason", "missing")
        statement = await work.cases.statement(case.id) if with_identity else None
        data = {"number": case.number, "identity": "yes" if with_identity else ""}
        await self._log(work, viewer, "case.print", case=case.id, reason=reason or "", data=data)
        return PrintSheet(
            page=await self._page(work, viewer, case, now),
            printed_at=now,
            printed_by=viewer.id,
            with_identity=with_identity,
            name=statement.name if statement else "",
            phone=statement.phone if statement else "",
            contact=statement.contact if statement else "",
        )

    async def _page(self, work: "UnitOfWork", viewer: Viewer, case: Case, now: datetime) -> CasePage:
        today, parts = local_date(now), self._parts
        allowed = frozenset(
            action for action in Action if action not in WITHOUT_CASE and may(viewer, action, case.facts)
        )
        content = await self._content(work, case, allowed)
        entries = await work.timeline.of(case.id, public_only=not sees_all_changes(viewer, case))
        held = await self.held_facts(work, case, today)
        clocks = await work.clocks.of(case.id) if Action.SEE_ROW in allowed else []
        return CasePage(
            row=(await row_views(work, viewer, [case], parts.rules, today))[0],
            seen=Seen(case.version, now),
            progress=case.progress,
            may=allowed,
            statement=content.statement,
            earlier=content.earlier,
            messages=content.messages,
            notes=content.notes,
            files=content.files,
            timeline=tuple(await change_views(work, viewer, entries)),
            clocks=tuple(self._clock_view(stored, today) for stored in clocks),
            steps=step_forms(case, viewer, held, parts.bodies, parts.templates),
            members=await _members(work, viewer, case),
            employer_hints=await self._employer_hints(work, case) if Action.TRIAGE in allowed else (),
            passing_on=case.passing_on,
            unreachable=not any(link.grants for link in await work.links.of(case.id)),
            logged_by=case.logged_by,
            first_contact_at=case.first_contact_at,
            accepted_at=case.accepted_at,
            closed_at=case.closed_at,
            content_deleted_at=case.content_deleted_at,
        )

    async def _content(self, work: "UnitOfWork", case: Case, allowed: frozenset[Action]) -> _Content:
        if case.content_deleted_at is not None:
            return _Content()
        versions = await work.cases.statements(case.id)
        mask = Mask(*(said.statement for said in versions))
        reads, notes = Action.SEE_CONTENT in allowed, Action.SEE_NOTES in allowed
        files = await work.files.of_case(case.id) if Action.SEE_FILES in allowed else []
        return _Content(
            statement=statement_view(versions[-1].statement, mask) if reads and versions else None,
            earlier=tuple(
                EarlierStatement(said_at=said.said_at, by=said.by, statement=statement_view(said.statement, mask))
                for said in (versions[:-1] if reads else [])
            ),
            messages=_message_views(await work.messages.of(case.id, _CORRESPONDENCE) if reads else [], mask),
            notes=_message_views(await work.messages.of(case.id, {Direction.NOTE}) if notes else [], None),
            files=tuple(_file_view(file, mask) for file in files),
        )

    def _clock_view(self, stored: StoredClock, today: date) -> ClockView:
        clock, rule = stored.clock, stored.clock.rule
        found = standing(clock, today, self._parts.calendar)
        return ClockView(
            id=stored.id,
            rule=rule.id,
            title=rule.title,
            about=rule.about,
            kind=rule.kind,
            statutory=rule.is_statutory,
            verified=rule.is_verified,
            citations=rule.citations,
            source=rule.source,
            started_on=clock.started_on,
            state=found.state,
            colour=found.colour,
            due=found.due.not_before if found.due else None,
            unknown_year=found.due.unknown_year if found.due else None,
            remaining=found.remaining,
            unit=rule.unit,
            overdue_by=found.overdue_by,
            extendable=extendable_by(clock) if found.is_open else None,
        )


def statement_view(statement: Statement, mask: Mask) -> StatementView:
    """What was said, masked."""
    masked = [mask(text) for text in (statement.narrative, statement.wish, statement.employer, statement.site)]
    narrative, wish, employer, site = (one.text for one in masked)
    return StatementView(
        narrative=narrative,
        wish=wish,
        employer=employer,
        site=site,
        since=statement.since,
        employed=statement.employed,
        left=statement.left,
        accident=statement.accident,
        people=statement.people,
        money=statement.money,
        extra={name: mask.text(text) for name, text in statement.extra.items()},
        has_name=bool(statement.name),
        has_phone=bool(statement.phone),
        has_contact=bool(statement.contact),
        masked=any(one.marks for one in masked),
    )


async def _members(work: "UnitOfWork", viewer: Viewer, case: Case) -> tuple[str, ...]:
    """The numbers of the cases merged into this one that the viewer may see."""
    joined = await work.cases.joined(case.number)
    return tuple(member.number for member in joined if is_visible(viewer, member))


def _message_views(messages: Sequence[CaseMessage], mask: Mask | None) -> tuple[MessageView, ...]:
    return tuple(
        MessageView(
            id=message.id,
            sent_at=message.sent_at,
            by=message.by,
            direction=message.direction,
            text=mask.text(message.text) if mask and message.direction is Direction.FROM_WORKER else message.text,
            read_at=message.read_at,
        )
        for message in messages
    )


def _file_view(file: CaseFile, mask: Mask) -> FileView:
    return FileView(
        id=file.id,
        added_at=file.added_at,
        by=file.by,
        state=file.state,
        size=file.size,
        name=mask.text(file.meta.name),
        media_type=file.meta.media_type,
        sha256=file.meta.sha256,
        has_reading=bool(file.meta.reading),
        fault=file.meta.fault,
    )
