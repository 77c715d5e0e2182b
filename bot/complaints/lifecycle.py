"""The life of a case: one table of state x event, and what each step must bring with it.

Pure. Who may take a step stands in `roles`; here stands whether the case takes it. A state without a
next event does not exist: what is final by decision can still be taken up again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.errors import GonghuiError


class State(StrEnum):
    """Where a case stands."""

    REGISTERED = "registered"  # 已登记
    ACCEPTED = "accepted"  # 已受理
    DECLINED = "declined"  # 不予受理
    REFERRED = "referred"  # 已转办
    IN_PROGRESS = "in_progress"  # 办理中
    AWAITING_WORKER = "awaiting_worker"  # 待补充
    RESOLVED = "resolved"  # 已办结
    FOLLOWED_UP = "followed_up"  # 已回访
    WITHDRAWN = "withdrawn"  # 已撤回
    MERGED = "merged"  # 已并案


class Event(StrEnum):
    """What happens to a case."""

    ACCEPT = "accept"  # 受理
    DECLINE = "decline"  # 不予受理
    REFER = "refer"  # 转办
    RETURN_REFERRAL = "return_referral"  # 承办单位退回
    ANSWER_REFERRAL = "answer_referral"  # 承办单位答复
    START = "start"  # 开始办理
    ASK_WORKER = "ask_worker"  # 请职工补充
    WORKER_ANSWERED = "worker_answered"  # 职工已补充
    GO_ON = "go_on"  # 逾期未补充，继续办理
    RESOLVE = "resolve"  # 办结
    FOLLOW_UP = "follow_up"  # 回访
    REOPEN = "reopen"  # 二次办理
    RECONSIDER = "reconsider"  # 复核不予受理
    WITHDRAW = "withdraw"  # 撤回
    RESTORE = "restore"  # 恢复
    MERGE = "merge"  # 并案
    SPLIT = "split"  # 拆分


class Fact(StrEnum):
    """What a step must bring with it."""

    REASON = "reason"  # a coded reason
    RECIPIENT = "recipient"  # to whom it is referred
    PASSING_ON_ALLOWED = "passing_on_allowed"  # redacted, or the worker's consent is recorded
    OWNER = "owner"  # somebody is responsible
    QUESTION = "question"  # the worker has been told what is missing
    WAIT_OVER = "wait_over"  # the time to answer is over
    OUTCOME = "outcome"  # a coded outcome
    WORKER_TOLD = "worker_told"  # a public note says what came of it
    VERDICT = "verdict"  # the worker's own
    WORKERS_WISH = "workers_wish"  # by receipt, or in a recorded call
    CONTENT_KEPT = "content_kept"  # the content has not been deleted
    TARGET = "target"  # the case that it joins
    TARGET_STANDS = "target_stands"  # see `can_be_joined`


class Verdict(StrEnum):
    """The worker's own word on what came of it."""

    SOLVED = "solved"  # 解决了
    PARTLY = "partly"  # 部分解决
    NOT_SOLVED = "not_solved"  # 没解决


FIRST = State.REGISTERED

_LEAVE = {Event.WITHDRAW: State.WITHDRAWN, Event.MERGE: State.MERGED}

TABLE: Mapping[State, Mapping[Event, State]] = {
    State.REGISTERED: {
        Event.ACCEPT: State.ACCEPTED,
        Event.DECLINE: State.DECLINED,
        Event.REFER: State.REFERRED,
        **_LEAVE,
    },
    State.ACCEPTED: {
        Event.START: State.IN_PROGRESS,
        Event.REFER: State.REFERRED,
        Event.ASK_WORKER: State.AWAITING_WORKER,
        Event.RESOLVE: State.RESOLVED,  # 当场办结
        **_LEAVE,
    },
    State.DECLINED: {Event.RECONSIDER: State.REGISTERED, Event.REFER: State.REFERRED},
    State.REFERRED: {
        Event.ANSWER_REFERRAL: State.IN_PROGRESS,  # what the other body says is looked at before anything is closed
        Event.RETURN_REFERRAL: State.ACCEPTED,
        Event.REFER: State.REFERRED,  # on to another body
        **_LEAVE,
    },
    State.IN_PROGRESS: {
        Event.ASK_WORKER: State.AWAITING_WORKER,
        Event.REFER: State.REFERRED,
        Event.RESOLVE: State.RESOLVED,
        **_LEAVE,
    },
    State.AWAITING_WORKER: {
        Event.WORKER_ANSWERED: State.IN_PROGRESS,
        Event.GO_ON: State.IN_PROGRESS,
        **_LEAVE,
    },
    State.RESOLVED: {Event.FOLLOW_UP: State.FOLLOWED_UP, Event.REOPEN: State.IN_PROGRESS},
    State.FOLLOWED_UP: {
        Event.FOLLOW_UP: State.FOLLOWED_UP,  # asked again later; the last word counts
        Event.REOPEN: State.IN_PROGRESS,
    },
    State.WITHDRAWN: {Event.RESTORE: State.REGISTERED},
    State.MERGED: {Event.SPLIT: State.ACCEPTED, Event.WITHDRAW: State.WITHDRAWN},
}

NEEDS: Mapping[Event, frozenset[Fact]] = {
    Event.ACCEPT: frozenset(),
    Event.DECLINE: frozenset({Fact.REASON, Fact.WORKER_TOLD}),
    Event.REFER: frozenset({Fact.RECIPIENT, Fact.PASSING_ON_ALLOWED}),
    Event.RETURN_REFERRAL: frozenset({Fact.REASON}),
    Event.ANSWER_REFERRAL: frozenset(),
    Event.START: frozenset({Fact.OWNER}),
    Event.ASK_WORKER: frozenset({Fact.QUESTION}),
    Event.WORKER_ANSWERED: frozenset(),
    Event.GO_ON: frozenset({Fact.WAIT_OVER}),
    Event.RESOLVE: frozenset({Fact.OUTCOME, Fact.WORKER_TOLD}),
    Event.FOLLOW_UP: frozenset({Fact.VERDICT}),
    Event.REOPEN: frozenset({Fact.REASON}),
    Event.RECONSIDER: frozenset({Fact.REASON}),
    Event.WITHDRAW: frozenset({Fact.WORKERS_WISH}),
    Event.RESTORE: frozenset({Fact.WORKERS_WISH, Fact.CONTENT_KEPT}),
    Event.MERGE: frozenset({Fact.TARGET, Fact.TARGET_STANDS}),
    Event.SPLIT: frozenset({Fact.REASON}),
}

FINAL_BY_DECISION = frozenset({State.DECLINED, State.FOLLOWED_UP, State.WITHDRAWN, State.MERGED})
"""Nothing more is due here, though each can be taken up again. RESOLVED still waits for the worker's word."""

CLOSED = FINAL_BY_DECISION | {State.RESOLVED}
"""The work is over."""


class StepRefused(GonghuiError):
    """The case does not take this step.

    `missing` names the facts that it lacks; it is empty where the state does not know the event.
    """

    def __init__(self, state: State, event: Event, missing: frozenset[Fact] = frozenset()) -> None:
        self.state = state
        self.event = event
        self.missing = missing
        lacking = f" without {', '.join(sorted(missing))}" if missing else ""
        super().__init__(f"{event} in {state}{lacking}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One event with what it brings. Texts are codes or numbers of cases; what people write stands elsewhere."""

    event: Event
    reason: str = ""
    recipient: str = ""
    outcome: str = ""
    verdict: Verdict | None = None
    target: str = ""
    facts: frozenset[Fact] = frozenset()

    @property
    def brings(self) -> frozenset[Fact]:
        """The facts, those that the fields show among them."""
        shown = {
            Fact.REASON: self.reason,
            Fact.RECIPIENT: self.recipient,
            Fact.OUTCOME: self.outcome,
            Fact.VERDICT: self.verdict,
            Fact.TARGET: self.target,
        }
        return (self.facts - shown.keys()) | {fact for fact, value in shown.items() if value}


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """Where a case stands and what of its way still matters. No step forgets a case that it was merged into."""

    state: State = FIRST
    reason: str = ""
    recipient: str = ""
    outcome: str = ""
    verdict: Verdict | None = None
    merged_into: str = ""
    merged_before: tuple[str, ...] = ()
    reopened: int = 0


def next_state(state: State, event: Event) -> State | None:
    """The state that the event leads to; None where the state does not know it."""
    return TABLE[state].get(event)


def events_from(state: State) -> tuple[Event, ...]:
    """What may happen next."""
    return tuple(TABLE[state])


def missing_facts(step: Step) -> frozenset[Fact]:
    """What the step lacks."""
    return NEEDS[step.event] - step.brings


def take(progress: Progress, step: Step) -> Progress:
    """The case after the step. Raises StepRefused when the state does not know the event or facts are missing."""
    state = next_state(progress.state, step.event)
    if state is None:
        raise StepRefused(progress.state, step.event)
    if missing := missing_facts(step):
        raise StepRefused(progress.state, step.event, missing)
    merged = state is State.MERGED
    left = () if merged or not progress.merged_into else (progress.merged_into,)
    return Progress(
        state=state,
        reason=step.reason,
        recipient=step.recipient if state is State.REFERRED else "",
        outcome=(step.outcome or progress.outcome) if state in {State.RESOLVED, State.FOLLOWED_UP} else "",
        verdict=step.verdict if state is State.FOLLOWED_UP else None,
        merged_into=step.target if merged else "",
        merged_before=(*progress.merged_before, *left),
        reopened=progress.reopened + (step.event is Event.REOPEN),
    )


def replay(steps: Iterable[Step]) -> Progress:
    """The case after all the steps from its registration on. Raises StepRefused at the first that it does not take."""
    progress = Progress()
    for step in steps:
        progress = take(progress, step)
    return progress


def can_be_joined(number: str, target: str, target_state: State) -> bool:
    """Whether a case may be merged into another: not into itself, and only into one whose work goes on.

    As nothing joins a merged case, following `merged_into` always ends.
    """
    return target != number and target_state not in CLOSED


def leading_case(number: str, merged_into: Mapping[str, str]) -> str:
    """The case in which a case is handled in the end; itself when it was not merged."""
    seen = {number}
    while target := merged_into.get(number, ""):
        if target in seen:
            raise ValueError("cases are merged in a circle")
        seen.add(target)
        number = target
    return number


def state_label(state: State) -> str:
    """Key of the word for a state."""
    return f"complaint.state.{state}"


def event_label(event: Event) -> str:
    """Key of the word for an event."""
    return f"complaint.event.{event}"


def verdict_label(verdict: Verdict) -> str:
    """Key of the word for a verdict."""
    return f"complaint.verdict.{verdict}"


def render_table(word: Callable[[str], str]) -> str:
    """The table as Markdown: events down, states across, in each cell the next state, and what the event needs."""
    head = ["event", *(f"{state} {word(state_label(state))}" for state in State), "needs"]
    lines = [_row(head), _row(["---"] * len(head))]
    for event in Event:
        cells = [next_state(state, event) or "" for state in State]
        needs = ", ".join(fact for fact in Fact if fact in NEEDS[event])
        lines.append(_row([f"{event} {word(event_label(event))}", *cells, needs]))
    return "\n".join(lines) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
