"""Telling who may agree to an entry that it waits, by badge, mail and group: its title, and nobody's name.

Where nobody may, supervisors are told: what nobody was told is forgotten.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from bot.answers.knowledge.drafts import EntryDraft
from bot.clock import Clock
from bot.complaints.desk.staff_telling import roster, tell_staff
from bot.complaints.notices import Road
from bot.rights import Right, may

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

KIND = "entry_review"
"""Of these notices: `notices.line.entry_review` has the words."""


class EntryReviewers:
    """The port `Reviewers`. roads: by what staff are told here."""

    def __init__(self, roads: Collection[Road], clock: Clock) -> None:
        self._roads = frozenset(roads)
        self._clock = clock

    async def tell(self, work: "UnitOfWork", draft: EntryDraft) -> None:
        """Tell each of them but its writers that it waits, in this transaction. Safe to repeat."""
        staff, writers = await roster(work), await work.entry_drafts.writers(draft.id)
        may_agree = [one for one in staff.members if may(one.role, Right.APPROVE_KNOWLEDGE) and one.id not in writers]
        data = {"title": draft.title or draft.topic, "entry": draft.topic}
        key, now = f"entry_review:{draft.id}:{draft.version}", self._clock.now()
        await tell_staff(work, may_agree or staff.supervisors(), KIND, key=key, now=now, roads=self._roads, data=data)
