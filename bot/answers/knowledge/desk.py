"""The use cases of the knowledge desk. A service takes the unit of work first and never commits.

An entry goes live when a second person agrees: nobody who wrote in it or submitted it, and not over a version that
has gone live since the draft was begun. Whoever may be that person is told when it is submitted. What was typed is
kept even when it has faults; with them it cannot be submitted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from bot.answers.content import CONSOLE, skeleton
from bot.answers.entries import LONGEST_TOPIC, TOPIC, Entry, parse_entry, render_entry
from bot.answers.knowledge.checking import EntryChecker
from bot.answers.knowledge.drafts import (
    DraftChanged,
    DraftEvent,
    DraftFaulty,
    DraftState,
    EntryDraft,
    KnowledgeRefused,
    MadeOf,
    UnknownDraft,
    take,
)
from bot.answers.knowledge.form import EntryForm, read_source, write_source
from bot.answers.redact import without_marks
from bot.audit import AuditEntry
from bot.clock import local_date
from bot.errors import ContentError
from bot.laws.front_matter import one_line
from bot.rights import Actor, Right, may

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

LONGEST_SOURCE = 60_000
LONGEST_COMMENT = 2000
LONGEST_CATEGORY, LONGEST_TITLE = 32, 120
"""What the tables hold."""

MOST_NEW_A_DAY = 1000


class Reviewers(Protocol):
    """Those who may agree to drafts."""

    async def tell(self, work: "UnitOfWork", draft: EntryDraft) -> None:
        """Tell each of them but its writers that it waits, in this transaction. Safe to repeat."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class KnowledgeDesk:
    """Drafts of entries, from the first word to the live base. reviewers: None where nobody is told."""

    checker: EntryChecker
    reviewers: Reviewers | None = None

    async def begin(self, work: "UnitOfWork", actor: Actor, topic: str, now: datetime) -> EntryDraft:
        """The open draft of that topic, or a new one from what is live, or from a skeleton for a new topic.

        Raises KnowledgeRefused for no right and for what is no topic.
        """
        check_right(actor, Right.EDIT_KNOWLEDGE)
        if not TOPIC.fullmatch(topic) or len(topic) > LONGEST_TOPIC:
            raise KnowledgeRefused("no_topic", topic=topic)
        await work.entry_drafts.take_turn()  # or two who begin at once would write two drafts side by side
        open_one = await work.entry_drafts.open_of(topic)
        if open_one is not None:
            return open_one
        base = await work.entries.live_version(topic)
        source = await work.entries.source(topic, base) or skeleton(topic, self.checker.regions[0], local_date(now))
        return await self._add(work, actor, topic, source, base, now)

    async def write_new(  # noqa: PLR0913, PLR0917 - who begins what about which matter, and when
        self, work: "UnitOfWork", actor: Actor, category: str, title: str, ask: Sequence[str], now: datetime
    ) -> EntryDraft:
        """A draft of an entry that is not there yet, with a topic of its own below that category; see `rename`.

        Raises KnowledgeRefused for no right and for what is no category.
        """
        check_right(actor, Right.EDIT_KNOWLEDGE)
        await work.entry_drafts.take_turn()
        day = local_date(now)
        names = (f"{category}.new-{day:%m%d}-{number}" for number in range(1, MOST_NEW_A_DAY))
        topic = await _first_free(work, names) if _is_category(category) else ""
        if not topic:
            raise KnowledgeRefused("no_topic", topic=category)
        form = replace(
            read_source(skeleton(topic, self.checker.regions[0], day)) or EntryForm(),
            title=one_line(title),
            ask="\n".join(dict.fromkeys(map(clean_phrasing, ask))),
        )
        return await self._add(work, actor, topic, write_source(topic, form), 0, now)

    async def rename(  # noqa: PLR0913, PLR0917 - who gives which version what topic, and when
        self, work: "UnitOfWork", actor: Actor, draft_id: str, version: int, topic: str, now: datetime
    ) -> EntryDraft:
        """Give an entry that was never live another topic: later that is its address for good.

        Raises KnowledgeRefused (`no_topic`, `taken`, `not_now`), UnknownDraft, DraftChanged.
        """
        check_right(actor, Right.EDIT_KNOWLEDGE)
        draft = await _get(work, draft_id, version)
        if topic == draft.topic:
            return draft
        if not TOPIC.fullmatch(topic) or len(topic) > LONGEST_TOPIC:
            raise KnowledgeRefused("no_topic", topic=topic)
        await work.entry_drafts.take_turn()
        if not await _is_free(work, topic) or await work.entries.versions(draft.topic):
            raise KnowledgeRefused("taken", topic=topic)
        state = take(draft.state, DraftEvent.SAVE)
        form = read_source(draft.source)
        source = draft.source if form is None else write_source(topic, form)
        return await self._change(
            work, actor, draft, now, "entry.renamed", state=state, topic=topic, source=source, author=actor.id
        )

    async def save(  # noqa: PLR0913, PLR0917 - who saves what over which version, and when
        self, work: "UnitOfWork", actor: Actor, draft_id: str, version: int, source: str, now: datetime
    ) -> EntryDraft:
        """Keep what was typed. Raises KnowledgeRefused, UnknownDraft, DraftChanged."""
        check_right(actor, Right.EDIT_KNOWLEDGE)
        draft = await _get(work, draft_id, version)
        if len(source) > LONGEST_SOURCE:
            raise KnowledgeRefused("too_long", most=str(LONGEST_SOURCE))
        source = source.replace("\r\n", "\n")
        if source == draft.source:
            return draft
        state = take(draft.state, DraftEvent.SAVE)
        title = _title(source) or draft.title
        return await self._change(
            work, actor, draft, now, "entry.draft_saved", state=state, source=source, title=title, author=actor.id
        )

    async def add_phrasing(
        self, work: "UnitOfWork", actor: Actor, topic: str, phrasing: str, now: datetime
    ) -> EntryDraft:
        """Put a way of asking into the draft of that topic, which is begun if there is none. Safe to repeat.

        Raises KnowledgeRefused when the draft is in review or cannot be read.
        """
        draft = await self.begin(work, actor, topic, now)
        try:
            entry = parse_entry(draft.source, topic)
        except ContentError:
            raise KnowledgeRefused("unreadable", topic=topic) from None
        wording = clean_phrasing(phrasing)
        if not wording or wording in entry.ask:
            return draft
        source = render_entry(replace(entry, ask=(*entry.ask, wording)))
        return await self.save(work, actor, draft.id, draft.version, source, now)

    async def mark(
        self, work: "UnitOfWork", actor: Actor, questions: Sequence[str], made: MadeOf, now: datetime
    ) -> None:
        """Say what was made of recorded questions: they are not listed any more. Safe to repeat."""
        check_right(actor, Right.EDIT_KNOWLEDGE)
        await work.entry_drafts.mark(questions, made.value, actor.id, now)
        await work.audit.append(
            AuditEntry(actor.id, "entry.questions", reason=made.value, data={"count": str(len(questions))})
        )

    async def submit(self, work: "UnitOfWork", actor: Actor, draft_id: str, version: int, now: datetime) -> EntryDraft:
        """Ask a second person to agree. Raises KnowledgeRefused, UnknownDraft, DraftChanged, DraftFaulty."""
        check_right(actor, Right.EDIT_KNOWLEDGE)
        draft = await _get(work, draft_id, version)
        state = take(draft.state, DraftEvent.SUBMIT)
        self._ready(draft, now)
        await work.entry_drafts.note_writer(draft.id, actor.id)  # whoever asks another to agree is not that other
        waiting = await self._change(
            work, actor, draft, now, "entry.submitted", state=state, submitted_at=now, comment=""
        )
        if self.reviewers is not None:
            await self.reviewers.tell(work, waiting)
        return waiting

    async def take_back(
        self, work: "UnitOfWork", actor: Actor, draft_id: str, version: int, now: datetime
    ) -> EntryDraft:
        """Go on writing instead of waiting. Raises KnowledgeRefused, UnknownDraft, DraftChanged."""
        check_right(actor, Right.EDIT_KNOWLEDGE)
        draft = await _get(work, draft_id, version)
        state = take(draft.state, DraftEvent.TAKE_BACK)
        return await self._change(work, actor, draft, now, "entry.taken_back", state=state, submitted_at=None)

    async def return_(  # noqa: PLR0913, PLR0917 - who says what to which version, and when
        self, work: "UnitOfWork", actor: Actor, draft_id: str, version: int, comment: str, now: datetime
    ) -> EntryDraft:
        """Give it back with what has to change. Raises KnowledgeRefused, UnknownDraft, DraftChanged."""
        check_right(actor, Right.APPROVE_KNOWLEDGE)
        draft = await _get(work, draft_id, version)
        comment = comment.strip()[:LONGEST_COMMENT]
        if not comment:
            raise KnowledgeRefused("comment_needed")
        state = take(draft.state, DraftEvent.RETURN)
        return await self._change(
            work, actor, draft, now, "entry.returned", state=state, comment=comment, decided_by=actor.id, decided_at=now
        )

    async def agree(self, work: "UnitOfWork", actor: Actor, draft_id: str, version: int, now: datetime) -> EntryDraft:
        """A second person agrees, and workers read it from now on.

        Raises KnowledgeRefused (`own` for one's own words, `stale` when another version has gone live since),
        UnknownDraft, DraftChanged, DraftFaulty.
        """
        check_right(actor, Right.APPROVE_KNOWLEDGE)
        draft = await _get(work, draft_id, version)
        state = take(draft.state, DraftEvent.AGREE)
        if actor.id in await work.entry_drafts.writers(draft.id):
            raise KnowledgeRefused("own")
        entry = self._ready(draft, now)
        await work.entries.take_turn()  # nothing may go live between the look and the saving
        if await work.entries.live_version(draft.topic) != draft.base:
            raise KnowledgeRefused("stale", topic=draft.topic)
        await work.entries.save(draft.topic, render_entry(entry), f"{CONSOLE}{draft.author}", now)
        return await self._change(
            work, actor, draft, now, "entry.agreed", state=state, decided_by=actor.id, decided_at=now
        )

    async def drop(self, work: "UnitOfWork", actor: Actor, draft_id: str, version: int, now: datetime) -> EntryDraft:
        """Give the draft up; the live entry stays as it is. Raises KnowledgeRefused, UnknownDraft, DraftChanged."""
        check_right(actor, Right.EDIT_KNOWLEDGE)
        draft = await _get(work, draft_id, version)
        state = take(draft.state, DraftEvent.DROP)
        return await self._change(work, actor, draft, now, "entry.draft_dropped", state=state)

    async def renew(self, work: "UnitOfWork", actor: Actor, draft_id: str, version: int, now: datetime) -> EntryDraft:
        """Say that the draft has been compared with what is live now, so that it is no longer stale."""
        check_right(actor, Right.EDIT_KNOWLEDGE)
        draft = await _get(work, draft_id, version)
        state = take(draft.state, DraftEvent.SAVE)
        base = await work.entries.live_version(draft.topic)
        return await self._change(work, actor, draft, now, "entry.draft_renewed", state=state, base=base)

    def _ready(self, draft: EntryDraft, now: datetime) -> Entry:
        checked = self.checker.check(draft.topic, draft.source, now)
        if checked.entry is None or checked.faults:
            raise DraftFaulty([str(fault) for fault in checked.faults])
        return checked.entry

    async def _add(  # noqa: PLR0913, PLR0917 - the fields of one draft
        self, work: "UnitOfWork", actor: Actor, topic: str, source: str, base: int, now: datetime
    ) -> EntryDraft:
        draft = EntryDraft(
            id=uuid4().hex,
            topic=topic,
            title=_title(source),
            source=source,
            base=base,
            state=DraftState.DRAFT,
            author=actor.id,
            version=1,
            made_at=now,
            changed_at=now,
        )
        await work.entry_drafts.add(draft)
        await _log(work, actor, "entry.draft_begun", draft)
        return draft

    async def _change(
        self, work: "UnitOfWork", actor: Actor, draft: EntryDraft, now: datetime, action: str, **fields: object
    ) -> EntryDraft:
        changed = await work.entry_drafts.change(draft, now, **fields)
        await _log(work, actor, action, changed)
        return changed


def check_right(actor: Actor, right: Right) -> None:
    """Raises KnowledgeRefused where the role does not have the right."""
    if not may(actor.role, right):
        raise KnowledgeRefused("not_allowed")


def clean_phrasing(question: str) -> str:
    """A recorded question as a way of asking: on one line, without the marks of what was taken out of it."""
    return one_line(without_marks(question))


def _is_category(name: str) -> bool:
    return bool(TOPIC.fullmatch(f"{name}.x")) and len(name) <= LONGEST_CATEGORY


async def _is_free(work: "UnitOfWork", topic: str) -> bool:
    """Whether no version and no open draft has that topic."""
    return not await work.entries.versions(topic) and await work.entry_drafts.open_of(topic) is None


async def _first_free(work: "UnitOfWork", names: Iterable[str]) -> str:
    for name in names:
        if await _is_free(work, name):
            return name
    return ""


async def _get(work: "UnitOfWork", draft_id: str, version: int) -> EntryDraft:
    draft = await work.entry_drafts.find(draft_id)
    if draft is None:
        raise UnknownDraft(draft_id)
    if draft.version != version:
        raise DraftChanged(draft)
    return draft


async def _log(work: "UnitOfWork", actor: Actor, action: str, draft: EntryDraft) -> None:
    await work.audit.append(
        AuditEntry(actor.id, action, subject=draft.id, data={"topic": draft.topic, "version": str(draft.version)})
    )


def _title(source: str) -> str:
    """The title of what can be read so far, as far as a list shows it; empty else."""
    form = read_source(source)
    line = next((line for line in source.splitlines() if line.startswith("title:")), "")
    return (form.title if form is not None else line.removeprefix("title:").strip())[:LONGEST_TITLE]
