"""Drafts of FAQ entries, who wrote in them, and what staff made of recorded questions."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.knowledge.drafts import OPEN, DraftChanged, DraftState, EntryDraft, UnknownDraft
from bot.store.knowledge_tables import EntryDraftRow, EntryWriterRow, QuestionMarkRow
from bot.store.tables import QuestionRow
from bot.store.upsert import take_turns, upsert

_DRAFTS = EntryDraftRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_WRITERS = EntryWriterRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_MARKS = QuestionMarkRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_QUESTIONS = QuestionRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_BEGINNING = 4_703_217


class EntryDrafts:
    """The rows of `entry_draft`, `entry_writer` and `question_mark`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, draft: EntryDraft) -> None:
        """Keep a new draft."""
        await self._connection.execute(insert(_DRAFTS).values(**_values(draft)))
        await self.note_writer(draft.id, draft.author)

    async def take_turn(self) -> None:
        """Let nobody else begin a draft until this transaction ends."""
        await take_turns(self._connection, _BEGINNING)

    async def find(self, id: str) -> EntryDraft | None:
        """The draft of that id."""
        row = (await self._connection.execute(select(_DRAFTS).where(_DRAFTS.c.id == id))).one_or_none()
        return None if row is None else _draft(row)

    async def open_of(self, topic: str) -> EntryDraft | None:
        """The draft of a topic that has not come to its end, the latest if there are several."""
        query = (
            select(_DRAFTS)
            .where(_DRAFTS.c.topic == topic, _DRAFTS.c.state.in_([state.value for state in OPEN]))
            .order_by(_DRAFTS.c.changed_at.desc(), _DRAFTS.c.id)
            .limit(1)
        )
        row = (await self._connection.execute(query)).one_or_none()
        return None if row is None else _draft(row)

    async def list(self, states: Collection[DraftState] = OPEN, limit: int = 200) -> list[EntryDraft]:
        """Drafts in those states, those changed last first."""
        query = (
            select(_DRAFTS)
            .where(_DRAFTS.c.state.in_([state.value for state in states]))
            .order_by(_DRAFTS.c.changed_at.desc(), _DRAFTS.c.id)
            .limit(limit)
        )
        return [_draft(row) for row in await self._connection.execute(query)]

    async def change(self, draft: EntryDraft, now: datetime, **fields: Any) -> EntryDraft:
        """Change fields of the draft as it was seen; its version grows. Raises DraftChanged, UnknownDraft."""
        values = {name: value.value if isinstance(value, DraftState) else value for name, value in fields.items()}
        statement = (
            update(_DRAFTS)
            .where(_DRAFTS.c.id == draft.id, _DRAFTS.c.version == draft.version)
            .values(**values, version=draft.version + 1, changed_at=now)
        )
        won = (await self._connection.execute(statement)).rowcount
        found = await self.find(draft.id)
        if found is None:
            raise UnknownDraft(draft.id)
        if not won:
            raise DraftChanged(found)
        if "source" in fields:
            await self.note_writer(found.id, found.author)
        return found

    async def note_writer(self, draft: str, staff: str) -> None:
        """Somebody stands for what the draft says, and so does not agree to it. Safe to repeat."""
        await upsert(self._connection, _WRITERS, {"draft": draft, "staff": staff}, {"wrote": True})

    async def writers(self, id: str) -> frozenset[str]:
        """Everybody who wrote in the draft: none of them may agree to it."""
        query = select(_WRITERS.c.staff).where(_WRITERS.c.draft == id)
        return frozenset((await self._connection.execute(query)).scalars())

    async def writers_since(self, topic: str, since: datetime) -> frozenset[str]:
        """Everybody who wrote in the drafts of that topic that went live at that instant and later."""
        went_live = (_DRAFTS.c.topic == topic, _DRAFTS.c.state == DraftState.LIVE.value, _DRAFTS.c.decided_at >= since)
        query = select(_WRITERS.c.staff).join(_DRAFTS, _DRAFTS.c.id == _WRITERS.c.draft).where(*went_live)
        return frozenset((await self._connection.execute(query)).scalars())

    async def mark(self, questions: Sequence[str], what: str, by: str, now: datetime) -> None:
        """Say what was made of recorded questions (`phrasing`, `entry`, `dismissed`). Safe to repeat."""
        values = {"what": what, "by": by, "at": now}
        for question in questions:
            await upsert(self._connection, _MARKS, {"question": question}, values, waits=True)

    async def forget_marks(self) -> int:
        """Forget the marks of questions that have been deleted; how many."""
        gone = delete(_MARKS).where(_MARKS.c.question.not_in(select(_QUESTIONS.c.id)))
        return (await self._connection.execute(gone)).rowcount


def _values(draft: EntryDraft) -> dict[str, Any]:
    values = {name: getattr(draft, name) for name in EntryDraft.__dataclass_fields__}
    return {**values, "state": draft.state.value}


def _draft(row: Row[Any]) -> EntryDraft:
    values = {name: getattr(row, name) for name in EntryDraft.__dataclass_fields__}
    return EntryDraft(**{**values, "state": DraftState(row.state)})
