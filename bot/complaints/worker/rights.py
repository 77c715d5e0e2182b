"""What a worker with the receipt may do with a case as it stands. Pure."""

from collections.abc import Mapping

from bot.complaints.cases import Case
from bot.complaints.lifecycle import Event, next_state
from bot.complaints.roles import Action, Viewer, may
from bot.complaints.worker.tracking import Can
from bot.roles import Role

REGISTERED = "registered"
DELETION_ASKED = "deletion_asked"
FILES_ADDED = "files_added"
CORRECTED = "corrected"
CONSENTED = "consented"
NOTICES_CHOSEN = "notices_chosen"
RECALLED = "recalled"
DISSATISFIED = "dissatisfied"
VERDICT_ASKED = "verdict_asked"
CALL_BACK = "call_back"
"""Kinds of lines of the timeline that are no events of the lifecycle."""

ACTIONS: Mapping[Can, Action] = {
    Can.SAY: Action.WRITE_AS_WORKER,
    Can.ADD_FILES: Action.ADD_FILE,
    Can.CORRECT: Action.CORRECT,
    Can.CHANGE_PASSING_ON: Action.CHANGE_PASSING_ON,
    Can.COPY: Action.TAKE_COPY,
    Can.WITHDRAW: Action.WITHDRAW,
    Can.RESTORE: Action.RESTORE,
    Can.ASK_DELETION: Action.ASK_DELETION,
    Can.GIVE_VERDICT: Action.GIVE_VERDICT,
}
"""Each act is an action of the role table."""

_EVENTS: Mapping[Can, Event] = {
    Can.WITHDRAW: Event.WITHDRAW,
    Can.RESTORE: Event.RESTORE,
    Can.GIVE_VERDICT: Event.FOLLOW_UP,
}
_NEEDS_CONTENT = frozenset(Can) - {Can.WITHDRAW, Can.GIVE_VERDICT}


def cans(case: Case) -> frozenset[Can]:
    """What the worker may do with it now."""
    viewer = Viewer(role=Role.WORKER, receipt_for=case.id)
    return frozenset(can for can in Can if may(viewer, ACTIONS[can], case.facts) and _takes(case, can))


def _takes(case: Case, can: Can) -> bool:
    if can in _NEEDS_CONTENT and case.content_deleted_at is not None:
        return False
    return can not in _EVENTS or next_state(case.state, _EVENTS[can]) is not None
