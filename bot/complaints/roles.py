"""Who may do what: one table of role x action, and what a case itself forbids. What is not granted is refused.

Pure. A grant says within which reach it holds: the districts of a cadre, the cases assigned to one, the
receipt that was shown. Over every grant stands what no role overrides: a case about union staff is the
supervisor's alone, nobody sees a case about themselves, and names follow what the worker chose.
A receipt may be found by somebody else: it opens the case and lets name and number be replaced, but shows neither.
Exporting, importing and searching are actions like the others; lists and figures hold only what each
viewer may see.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.complaints.lifecycle import Event
from bot.roles import Role


class Confidentiality(StrEnum):
    """What the worker chose."""

    ANONYMOUS = "anonymous"  # 匿名
    CONFIDENTIAL = "confidential"  # 保密
    NAMED = "named"  # 实名


class Action(StrEnum):
    """What may be done: with one case, or (from FILE on) without one."""

    SEE_STATE = "see_state"  # number, state, public notes
    SEE_ROW = "see_row"  # the case in a list, without anything personal
    SEE_CONTENT = "see_content"  # what happened, messages, answers
    SEE_FILES = "see_files"
    SEE_NOTES = "see_notes"  # internal ones
    SEE_CONTACT = "see_contact"  # how to reach the worker, the anonymous one too who left a number
    SEE_IDENTITY = "see_identity"  # who the worker is
    WRITE_AS_WORKER = "write_as_worker"
    RELAY_MESSAGE = "relay_message"  # the operator takes down what the caller adds
    WRITE_TO_WORKER = "write_to_worker"
    WRITE_NOTE = "write_note"
    ADD_FILE = "add_file"
    CORRECT = "correct"
    TAKE_COPY = "take_copy"  # the worker's own copy and proof of filing
    CHANGE_CONFIDENTIALITY = "change_confidentiality"
    CHANGE_PASSING_ON = "change_passing_on"  # the consent to pass the matter on
    ASK_DELETION = "ask_deletion"
    DELETE_CONTENT = "delete_content"
    WITHDRAW = "withdraw"
    RECORD_WITHDRAWAL = "record_withdrawal"  # said in a recorded call
    RESTORE = "restore"
    GIVE_VERDICT = "give_verdict"
    RECORD_VERDICT = "record_verdict"  # given in a call-back
    TRIAGE = "triage"  # category, employer, urgency
    TAKE_ON = "take_on"  # an unassigned case becomes one's own
    ASSIGN = "assign"
    MOVE_DISTRICT = "move_district"
    ACCEPT = "accept"
    DECLINE = "decline"
    HANDLE = "handle"  # begin, ask, go on, take in what other bodies answer
    REFER = "refer"  # redacted
    REFER_WITH_IDENTITY = "refer_with_identity"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    RECONSIDER = "reconsider"
    MERGE = "merge"
    SPLIT = "split"
    PRINT = "print"
    PRINT_IDENTITY = "print_identity"
    EXPORT = "export"  # rows without anything personal
    EXPORT_IDENTITY = "export_identity"
    RELEASE_QUARANTINE = "release_quarantine"
    FILE = "file"  # register one's own case
    LOG_CALL = "log_call"  # register what a caller or visitor says
    SEARCH = "search"
    SEARCH_BY_PHONE = "search_by_phone"
    IMPORT = "import"
    SEE_STATISTICS = "see_statistics"
    EXPORT_STATISTICS = "export_statistics"
    EDIT_EMPLOYERS = "edit_employers"
    EDIT_RULES = "edit_rules"  # deadlines, template texts
    APPROVE_RETENTION = "approve_retention"
    SEE_AUDIT = "see_audit"
    VERIFY_AUDIT = "verify_audit"
    MANAGE_STAFF = "manage_staff"
    RUN_BACKUP = "run_backup"


class Reach(StrEnum):
    """Within what a grant holds."""

    ALWAYS = "always"  # actions without a case
    EVERY = "every"  # every case
    DISTRICT = "district"  # the viewer's districts
    UNASSIGNED = "unassigned"  # the viewer's districts, and nobody has it yet
    ASSIGNED = "assigned"  # the viewer handles it
    RECEIPT = "receipt"  # its receipt was shown
    CALL_BACK = "call_back"  # it waits for a call-back
    LOGGED = "logged"  # the viewer took it down, and nobody has it yet


WITHOUT_CASE = frozenset(list(Action)[list(Action).index(Action.FILE) :])
"""Actions that concern no single case."""

IDENTITY = frozenset({Action.SEE_IDENTITY, Action.PRINT_IDENTITY, Action.EXPORT_IDENTITY, Action.REFER_WITH_IDENTITY})
"""Actions that show who the worker is: refused for the anonymous, whatever the table says."""

CLOSELY_HELD = frozenset({Action.SEE_CONTENT, Action.SEE_FILES, Action.SEE_NOTES, Action.SEE_IDENTITY, Action.PRINT})
"""Of confidential cases these are for those who handle them, not for the whole district."""

_NAMED_ONLY = frozenset({Action.PRINT_IDENTITY, Action.EXPORT_IDENTITY})


def _reach(reach: Reach, *actions: Action) -> dict[Action, frozenset[Reach]]:
    return dict.fromkeys(actions, frozenset({reach}))


TABLE: Mapping[Role, Mapping[Action, frozenset[Reach]]] = {
    Role.WORKER: _reach(
        Reach.RECEIPT,
        Action.SEE_STATE,
        Action.SEE_CONTENT,
        Action.SEE_FILES,
        Action.WRITE_AS_WORKER,
        Action.ADD_FILE,
        Action.CORRECT,
        Action.TAKE_COPY,
        Action.CHANGE_CONFIDENTIALITY,
        Action.CHANGE_PASSING_ON,
        Action.ASK_DELETION,
        Action.WITHDRAW,
        Action.RESTORE,
        Action.GIVE_VERDICT,
    )
    | _reach(Reach.ALWAYS, Action.FILE),
    Role.OPERATOR: _reach(Reach.RECEIPT, Action.RELAY_MESSAGE, Action.RECORD_WITHDRAWAL)
    | _reach(Reach.CALL_BACK, Action.SEE_ROW, Action.SEE_CONTACT)
    | _reach(Reach.LOGGED, Action.SEE_CONTENT, Action.CORRECT)
    | {Action.SEE_STATE: frozenset({Reach.RECEIPT, Reach.CALL_BACK, Reach.LOGGED})}
    # whoever calls with the receipt may say what came of it as well as whoever is called back
    | dict.fromkeys((Action.RECORD_VERDICT, Action.REOPEN), frozenset({Reach.RECEIPT, Reach.CALL_BACK}))
    | _reach(Reach.ALWAYS, Action.LOG_CALL),
    Role.CADRE: dict.fromkeys(
        (
            Action.SEE_STATE,
            Action.SEE_ROW,
            Action.SEE_CONTENT,
            Action.SEE_FILES,
            Action.SEE_NOTES,
            Action.SEE_IDENTITY,
            Action.PRINT,
            Action.EXPORT,
        ),
        frozenset({Reach.DISTRICT, Reach.ASSIGNED}),
    )
    | _reach(
        Reach.ASSIGNED,
        Action.SEE_CONTACT,
        Action.WRITE_TO_WORKER,
        Action.WRITE_NOTE,
        Action.ADD_FILE,
        Action.TRIAGE,
        Action.ACCEPT,
        Action.DECLINE,
        Action.HANDLE,
        Action.REFER,
        Action.REFER_WITH_IDENTITY,
        Action.RESOLVE,
        Action.REOPEN,
        Action.MERGE,
        Action.SPLIT,
        Action.PRINT_IDENTITY,
        Action.RECORD_WITHDRAWAL,
    )
    | _reach(Reach.UNASSIGNED, Action.TAKE_ON)
    | _reach(
        Reach.ALWAYS,
        Action.LOG_CALL,
        Action.SEARCH,
        Action.SEARCH_BY_PHONE,
        Action.SEE_STATISTICS,
        Action.EDIT_EMPLOYERS,
    ),
    Role.SUPERVISOR: _reach(
        Reach.EVERY,
        Action.SEE_STATE,
        Action.SEE_ROW,
        Action.SEE_CONTENT,
        Action.SEE_FILES,
        Action.SEE_NOTES,
        Action.SEE_CONTACT,
        Action.SEE_IDENTITY,
        Action.WRITE_TO_WORKER,
        Action.WRITE_NOTE,
        Action.ADD_FILE,
        Action.DELETE_CONTENT,
        Action.RECORD_WITHDRAWAL,
        Action.RECORD_VERDICT,
        Action.TRIAGE,
        Action.ASSIGN,
        Action.MOVE_DISTRICT,
        Action.ACCEPT,
        Action.DECLINE,
        Action.HANDLE,
        Action.REFER,
        Action.REFER_WITH_IDENTITY,
        Action.RESOLVE,
        Action.REOPEN,
        Action.RECONSIDER,
        Action.MERGE,
        Action.SPLIT,
        Action.PRINT,
        Action.PRINT_IDENTITY,
        Action.EXPORT,
        Action.EXPORT_IDENTITY,
        Action.RELEASE_QUARANTINE,
    )
    | _reach(
        Reach.ALWAYS,
        Action.LOG_CALL,
        Action.SEARCH,
        Action.SEARCH_BY_PHONE,
        Action.IMPORT,
        Action.SEE_STATISTICS,
        Action.EXPORT_STATISTICS,
        Action.EDIT_EMPLOYERS,
        Action.EDIT_RULES,
        Action.APPROVE_RETENTION,
        Action.SEE_AUDIT,
        Action.VERIFY_AUDIT,
    ),
    Role.LEADER: _reach(Reach.ALWAYS, Action.SEE_STATISTICS, Action.EXPORT_STATISTICS),
    Role.PUBLICIST: {},
    Role.ADMINISTRATOR: _reach(
        Reach.ALWAYS, Action.EDIT_RULES, Action.VERIFY_AUDIT, Action.MANAGE_STAFF, Action.RUN_BACKUP
    ),
}

EVENT_ACTIONS: Mapping[Event, frozenset[Action]] = {
    Event.ACCEPT: frozenset({Action.ACCEPT}),
    Event.DECLINE: frozenset({Action.DECLINE}),
    Event.REFER: frozenset({Action.REFER}),
    Event.RETURN_REFERRAL: frozenset({Action.HANDLE}),
    Event.ANSWER_REFERRAL: frozenset({Action.HANDLE}),
    Event.START: frozenset({Action.HANDLE}),
    Event.ASK_WORKER: frozenset({Action.HANDLE}),
    Event.WORKER_ANSWERED: frozenset({Action.WRITE_AS_WORKER, Action.RELAY_MESSAGE, Action.HANDLE}),
    Event.GO_ON: frozenset({Action.HANDLE}),
    Event.RESOLVE: frozenset({Action.RESOLVE}),
    Event.FOLLOW_UP: frozenset({Action.GIVE_VERDICT, Action.RECORD_VERDICT}),
    Event.REOPEN: frozenset({Action.REOPEN}),
    Event.RECONSIDER: frozenset({Action.RECONSIDER}),
    Event.WITHDRAW: frozenset({Action.WITHDRAW, Action.RECORD_WITHDRAWAL}),
    Event.RESTORE: frozenset({Action.RESTORE}),
    Event.MERGE: frozenset({Action.MERGE}),
    Event.SPLIT: frozenset({Action.SPLIT}),
}
"""Any one of these lets a viewer bring the event about."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Viewer:
    """Who asks. `receipt_for` is the case whose receipt was shown, by the worker or by a caller to the operator."""

    role: Role
    id: str = ""
    districts: frozenset[str] = frozenset()
    receipt_for: str = ""
    active: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFacts:
    """What of a case decides who may see it. `concerns`: the accounts of those it is about."""

    id: str
    district: str
    confidentiality: Confidentiality
    handlers: frozenset[str] = frozenset()
    about_union_staff: bool = False
    concerns: frozenset[str] = frozenset()
    quarantined: bool = False
    call_back_due: bool = False
    passing_on_consented: bool = False
    logged_by: str = ""


def may(viewer: Viewer, action: Action, case: CaseFacts | None = None) -> bool:
    """Whether the viewer may do that, to that case where the action needs one. Anything unforeseen is refused."""
    reaches = TABLE[viewer.role].get(action, frozenset())
    if not viewer.active or not reaches:
        return False
    if action in WITHOUT_CASE:
        return case is None and Reach.ALWAYS in reaches
    if case is None or not any(_reaches(reach, viewer, case) for reach in reaches):
        return False
    if viewer.role is Role.WORKER:
        return True
    return not _is_withheld(viewer, case) and _is_compatible(viewer, action, case)


def may_bring_about(viewer: Viewer, event: Event, case: CaseFacts) -> bool:
    """Whether the viewer may cause that event; whether the case takes it is for the lifecycle to say."""
    return any(may(viewer, action, case) for action in EVENT_ACTIONS[event])


def _reaches(reach: Reach, viewer: Viewer, case: CaseFacts) -> bool:
    holds: Mapping[Reach, bool] = {
        Reach.EVERY: True,
        Reach.DISTRICT: case.district in viewer.districts,
        Reach.UNASSIGNED: case.district in viewer.districts and not case.handlers,
        Reach.ASSIGNED: _is_own(viewer, case),
        Reach.RECEIPT: bool(case.id) and viewer.receipt_for == case.id,
        Reach.CALL_BACK: case.call_back_due,
        Reach.LOGGED: bool(viewer.id) and case.logged_by == viewer.id and not case.handlers,
    }
    return holds.get(reach, False)


def _is_own(viewer: Viewer, case: CaseFacts) -> bool:
    return bool(viewer.id) and viewer.id in case.handlers


def _is_withheld(viewer: Viewer, case: CaseFacts) -> bool:
    """What no grant opens: a case about the viewer, and for all but the supervisor one about staff or held back."""
    if viewer.id in case.concerns:
        return True
    return viewer.role is not Role.SUPERVISOR and (case.about_union_staff or case.quarantined)


def _is_compatible(viewer: Viewer, action: Action, case: CaseFacts) -> bool:
    """Whether what the worker chose allows it."""
    if action is Action.REFER_WITH_IDENTITY and not case.passing_on_consented:
        return False
    if case.confidentiality is Confidentiality.ANONYMOUS:
        return action not in IDENTITY
    if case.confidentiality is Confidentiality.CONFIDENTIAL:
        closely = action in CLOSELY_HELD and viewer.role is Role.CADRE
        return action not in _NAMED_ONLY and (not closely or _is_own(viewer, case))
    return True


def role_label(role: Role) -> str:
    """Key of the word for a role."""
    return f"complaint.role.{role}"


def confidentiality_label(confidentiality: Confidentiality) -> str:
    """Key of the word for what the worker chose."""
    return f"complaint.confidentiality.{confidentiality}"
