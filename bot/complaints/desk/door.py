"""The door of the cadres' desk: a case is opened for a viewer here or not at all.

What is not for the viewer and what does not exist are refused alike. Whoever changes a case says which state of
it they had before their eyes; when somebody was quicker they are told what happened, and nothing is written.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from unicodedata import normalize
from uuid import uuid4

import structlog

from bot.audit import AuditEntry
from bot.clock import local_date
from bot.complaints.cases import Case, CaseMessage, Direction, TimelineEntry
from bot.complaints.clocks.case_clocks import CaseClocks
from bot.complaints.clocks.rules import RuleTable
from bot.complaints.desk.refusals import CaseHidden, Conflict, Faulty, NotAllowed
from bot.complaints.desk.template_texts import TemplateTexts, has_gap
from bot.complaints.desk.values import ChangeView, Seen
from bot.complaints.errors import Changed
from bot.complaints.notices import Road
from bot.complaints.roles import Action, Viewer, may
from bot.keyring import KeyRing
from bot.roles import Role
from bot.workdays import WorkCalendar

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

LONGEST_TEXT = 4000
"""Characters of a message, a note or a referral."""

NO_DATA: Mapping[str, str] = {}

JOINS, JOINED = "joins", "joined"
"""Kinds of lines of the timeline: into which case this one was merged, and which one joined it. For staff alone."""

LINKS = frozenset({JOINS, JOINED})
_NUMBER = "number"


@dataclass(frozen=True, kw_only=True)
class DeskParts:
    """What the desk works with: values of the configuration and of `content/`, and the clocks of cases.

    categories: ids; about_staff: those about people of the union. districts: ids, none where every case is the whole
    federation's. bodies: names of the bodies to whom cases are referred, by code. ask_again_days: when the worker is
    asked again for a verdict. answer_days: how long the worker may take to answer when the form names no day. places:
    names of areas, which are no sites. roads: by what staff are told.
    """

    keys: KeyRing
    rules: RuleTable
    calendar: WorkCalendar
    clocks: CaseClocks
    templates: TemplateTexts
    categories: Collection[str]
    about_staff: Collection[str] = ()
    districts: Collection[str] = ()
    bodies: Mapping[str, str] = field(default_factory=dict)
    regions: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    ask_again_days: int = 7
    answer_days: int = 15
    roads: frozenset[Road] = frozenset({Road.CONSOLE})


class DeskPart:
    """What every part of the desk does the same way: opening, holding, saving and logging a case."""

    def __init__(self, parts: DeskParts) -> None:
        self._parts = parts

    async def _open(self, work: "UnitOfWork", viewer: Viewer, case_id: str, *actions: Action) -> Case:
        """The case, for a viewer who may do one of these with it. Raises CaseHidden, NotAllowed."""
        case = await work.cases.find(case_id)
        if case is None or not is_visible(viewer, case):
            log.warning("desk.hidden", staff=viewer.id, role=viewer.role.value, exists=case is not None)
            raise CaseHidden
        self._check(viewer, case, *actions)
        return case

    def _check(self, viewer: Viewer, case: Case, *actions: Action) -> None:
        """That the viewer may do one of these. Raises NotAllowed."""
        if actions and not any(may(viewer, action, case.facts) for action in actions):
            log.warning("desk.refused", staff=viewer.id, role=viewer.role.value, case=case.id, action=actions[0].value)
            raise NotAllowed(actions[0])

    async def _hold(
        self, work: "UnitOfWork", viewer: Viewer, case_id: str, seen: Seen | None, now: datetime, *actions: Action
    ) -> Case:
        """The case, kept from everybody else until the unit of work ends. Raises as `_open`, and Conflict.

        `seen` None: whatever its state is, for what cannot contradict anything.
        """
        case = await self._open(work, viewer, case_id)
        # Before the rights: who finds that a case has just been taken on by somebody else is to be told so.
        if seen is not None and seen.version != case.version:
            raise await self._conflict(work, viewer, case, seen)
        self._check(viewer, case, *actions)
        try:
            return await work.cases.change(case, now)
        except Changed:
            present = await self._open(work, viewer, case_id)
            raise await self._conflict(work, viewer, present, Seen(case.version, seen.at if seen else None)) from None

    async def _save(self, work: "UnitOfWork", case: Case, now: datetime, **fields: object) -> Case:
        """The held case with these fields, and with what follows from its clocks."""
        due = await self._parts.clocks.due(work, case.id, local_date(now))
        return await work.cases.change(case, now, **{**due, **fields})

    async def _enter(  # noqa: PLR0913 - one line of the timeline, all but the place named
        self,
        work: "UnitOfWork",
        case: Case,
        kind: str,
        *,
        by: str,
        now: datetime,
        data: Mapping[str, str] = NO_DATA,
        note: str = "",
        public: bool = False,
    ) -> None:
        """Write a line of the timeline."""
        entry = TimelineEntry(
            id=uuid4().hex,
            happened_at=now,
            by=by,
            kind=kind,
            data={name: value for name, value in data.items() if value},
            note=note,
            public=public,
        )
        await work.timeline.add(case.id, entry)

    async def _log(  # noqa: PLR0913 - one entry of the log, all but its action named
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        action: str,
        *,
        case: str = "",
        reason: str = "",
        data: Mapping[str, str] = NO_DATA,
        text: str = "",
    ) -> None:
        """Write a look or a change into the audit log."""
        kept = {name: value for name, value in data.items() if value}
        await work.audit.append(AuditEntry(viewer.id, action, case, reason, kept, text))

    async def _tell_worker(self, work: "UnitOfWork", case: Case, text: str, by: str, now: datetime) -> CaseMessage:
        """Send the worker a message, and plan a neutral notice wherever one was granted.

        Raises Faulty for a text that names another case of the same matter: whose it is is not this worker's business.
        """
        check_names_none(text, await others_of(work, case))
        message = CaseMessage(id=uuid4().hex, sent_at=now, by=by, direction=Direction.TO_WORKER, text=text)
        await work.messages.add(case.id, message)
        for link in await work.links.of(case.id):
            if link.grants:
                await work.worker_notices.add(case.id, link.id, NEWS, now)
        await self._parts.clocks.stop(work, case.id, local_date(now), *ANSWERED_BY_A_MESSAGE)
        return message

    async def _write_note(self, work: "UnitOfWork", case: Case, text: str, by: str, now: datetime) -> CaseMessage:
        message = CaseMessage(id=uuid4().hex, sent_at=now, by=by, direction=Direction.NOTE, text=text)
        await work.messages.add(case.id, message)
        return message

    async def _conflict(self, work: "UnitOfWork", viewer: Viewer, case: Case, seen: Seen) -> Conflict:
        """What somebody else did since the viewer looked."""
        changes = await changes_of(work, viewer, case)
        if seen.at is not None:
            since = [change for change in changes if change.happened_at > seen.at]
        else:
            since = changes[-max(case.version - seen.version, 1) :]
        return Conflict(case.id, case.version, tuple(since))


NEWS = "news"
"""The kind of the neutral notice to a worker: there is news."""

ANSWERED_BY_A_MESSAGE = ("own.first_contact", "own.message", "own.call_back")
"""Clocks that a message to the worker meets."""


def is_visible(viewer: Viewer, case: Case) -> bool:
    """Whether the case exists for this member of staff. Workers come by receipt and through another door."""
    if viewer.role is Role.WORKER:
        return False
    return may(viewer, Action.SEE_STATE, case.facts) or may(viewer, Action.SEE_ROW, case.facts)


def sees_all_changes(viewer: Viewer, case: Case) -> bool:
    """Whether the whole timeline is for the viewer, not only what the worker sees of it."""
    return may(viewer, Action.SEE_NOTES, case.facts) or may(viewer, Action.SEE_CONTENT, case.facts)


async def changes_of(work: "UnitOfWork", viewer: Viewer, case: Case) -> list[ChangeView]:
    """The timeline and what was written, as far as the viewer may see it, in the order of time."""
    public_only = not sees_all_changes(viewer, case)
    changes = await change_views(work, viewer, await work.timeline.of(case.id, public_only=public_only))
    directions = {Direction.NOTE} if may(viewer, Action.SEE_NOTES, case.facts) else set()
    if may(viewer, Action.SEE_CONTENT, case.facts):
        directions |= {Direction.FROM_WORKER, Direction.TO_WORKER}
    if directions:
        changes += [_written(message) for message in await work.messages.of(case.id, directions)]
    return sorted(changes, key=lambda change: change.happened_at)


async def change_views(work: "UnitOfWork", viewer: Viewer, entries: Sequence[TimelineEntry]) -> list[ChangeView]:
    """Lines of the timeline; of cases merged with this one the viewer reads the number only where they may see them."""
    named = {entry.data[_NUMBER] for entry in entries if entry.kind in LINKS and _NUMBER in entry.data}
    found = {number: await work.cases.find_number(number) for number in sorted(named)}
    hidden = {number for number, case in found.items() if case is None or not is_visible(viewer, case)}
    return [_change_view(entry, hidden) for entry in entries]


async def others_of(work: "UnitOfWork", case: Case) -> frozenset[str]:
    """The numbers of the other cases that are, or this one once was, handled together with this one."""
    lead = case.progress.merged_into
    together = [*await work.cases.joined(case.number), *(await work.cases.joined(lead) if lead else ())]
    return frozenset({lead, *case.progress.merged_before, *(one.number for one in together)}) - {"", case.number}


def check_names_none(text: str, numbers: Collection[str]) -> None:
    """That the text names none of these cases. Raises Faulty."""
    folded = normalize("NFKC", text).upper()
    if any(number in folded for number in numbers):
        raise Faulty("text", "other_case")


def _change_view(entry: TimelineEntry, hidden: Collection[str]) -> ChangeView:
    return ChangeView(
        id=entry.id,
        happened_at=entry.happened_at,
        by=entry.by,
        kind=entry.kind,
        data={name: value for name, value in entry.data.items() if name != _NUMBER or value not in hidden},
        note=entry.note,
        public=entry.public,
    )


def check_text(text: str, field_name: str, *, needed: bool = True) -> str:
    """That text without blanks around it. Raises Faulty when it is missing, too long, or a template with gaps."""
    text = text.strip()
    if needed and not text:
        raise Faulty(field_name, "missing")
    if len(text) > LONGEST_TEXT:
        raise Faulty(field_name, "too_long")
    if has_gap(text):
        raise Faulty(field_name, "gap")
    return text


def _written(message: CaseMessage) -> ChangeView:
    kinds = {
        Direction.FROM_WORKER: "message_from_worker",
        Direction.TO_WORKER: "message_to_worker",
        Direction.NOTE: "note",
    }
    return ChangeView(
        id=message.id,
        happened_at=message.sent_at,
        by=message.by,
        kind=kinds[message.direction],
        data={},
        note="",
        public=message.direction is not Direction.NOTE,
    )
