"""One version of an entry on its way into the live base: its states, and what leads from one to another. Pure.

What workers read is in the live base alone; a draft changes it only when a second person has agreed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.errors import GonghuiError


class DraftState(StrEnum):
    """Where a draft stands."""

    DRAFT = "draft"  # 起草中
    IN_REVIEW = "in_review"  # 待审核
    LIVE = "live"  # 已生效
    DROPPED = "dropped"  # 已放弃


class DraftEvent(StrEnum):
    """What happens to a draft."""

    SAVE = "save"
    SUBMIT = "submit"
    TAKE_BACK = "take_back"
    RETURN = "return"
    AGREE = "agree"
    DROP = "drop"


class MadeOf(StrEnum):
    """What staff made of a recorded question."""

    PHRASING = "phrasing"  # 加为问法
    ENTRY = "entry"  # 新建条目
    DISMISSED = "dismissed"  # 忽略


_S, _E = DraftState, DraftEvent

TABLE: Mapping[DraftState, Mapping[DraftEvent, DraftState]] = {
    _S.DRAFT: {_E.SAVE: _S.DRAFT, _E.SUBMIT: _S.IN_REVIEW, _E.DROP: _S.DROPPED},
    _S.IN_REVIEW: {_E.TAKE_BACK: _S.DRAFT, _E.RETURN: _S.DRAFT, _E.AGREE: _S.LIVE},
    _S.LIVE: {},
    _S.DROPPED: {},
}
"""What each event leads to; an event that is not there is refused."""

OPEN = frozenset({_S.DRAFT, _S.IN_REVIEW})


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryDraft:
    """A draft as it stands. source: the text of the entry's file as it was typed, faults and all.

    base: number of the live version it began with, 0 for a new entry: when another has gone live since, it is stale.
    version grows with every change. author: whoever saved it last; like everybody who wrote in it or submitted it
    they do not agree to it themselves.
    """

    id: str
    topic: str
    title: str
    source: str
    base: int
    state: DraftState
    author: str
    version: int
    made_at: datetime
    changed_at: datetime
    submitted_at: datetime | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    comment: str = ""


class KnowledgeRefused(GonghuiError):
    """The knowledge desk does not do that. `code` says why."""

    def __init__(self, code: str, **data: str) -> None:
        self.code, self.data = code, data
        super().__init__(code)


class UnknownDraft(GonghuiError):
    """There is no such draft."""


class DraftChanged(GonghuiError):
    """Somebody else has changed the draft meanwhile, or what it began with. draft: as it is now, if there is one."""

    def __init__(self, draft: EntryDraft | None) -> None:
        self.draft = draft
        super().__init__(draft.id if draft else "live")


class DraftFaulty(GonghuiError):
    """The text of the draft has faults, so it cannot go on."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(f"- {fault}" for fault in faults))


def take(state: DraftState, event: DraftEvent) -> DraftState:
    """The state after the event. Raises KnowledgeRefused("not_now")."""
    try:
        return TABLE[state][event]
    except KeyError:
        raise KnowledgeRefused("not_now", state=state.value, event=event.value) from None
