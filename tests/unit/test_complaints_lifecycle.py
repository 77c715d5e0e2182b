"""The life of a case: every cell of state x event, what each step must bring, and any history of steps."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.complaints.lifecycle import (
    CLOSED,
    FINAL_BY_DECISION,
    NEEDS,
    Event,
    Fact,
    Progress,
    State,
    Step,
    StepRefused,
    Verdict,
    can_be_joined,
    event_label,
    events_from,
    leading_case,
    missing_facts,
    next_state,
    render_table,
    replay,
    state_label,
    take,
    verdict_label,
)
from bot.wording import load_wording

REPLIES = Path(__file__).parents[2] / "content" / "replies"

SHORT = {
    "reg": "registered",
    "acc": "accepted",
    "dec": "declined",
    "ref": "referred",
    "pro": "in_progress",
    "awa": "awaiting_worker",
    "res": "resolved",
    "fol": "followed_up",
    "wit": "withdrawn",
    "mer": "merged",
    "-": "-",
}

# Written by hand from the design, not from the code: events down, states across, in each cell the next state.
GRID = """
                reg acc dec ref pro awa res fol wit mer
accept          acc  -   -   -   -   -   -   -   -   -
decline         dec  -   -   -   -   -   -   -   -   -
refer           ref ref ref ref ref  -   -   -   -   -
return_referral  -   -   -  acc  -   -   -   -   -   -
answer_referral  -   -   -  pro  -   -   -   -   -   -
start            -  pro  -   -   -   -   -   -   -   -
ask_worker       -  awa  -   -  awa  -   -   -   -   -
worker_answered  -   -   -   -   -  pro  -   -   -   -
go_on            -   -   -   -   -  pro  -   -   -   -
resolve          -  res  -   -  res  -   -   -   -   -
follow_up        -   -   -   -   -   -  fol fol  -   -
reopen           -   -   -   -   -   -  pro pro  -   -
reconsider       -   -  reg  -   -   -   -   -   -   -
withdraw        wit wit  -  wit wit wit  -   -   -  wit
restore          -   -   -   -   -   -   -   -  reg  -
merge           mer mer  -  mer mer mer  -   -   -   -
split            -   -   -   -   -   -   -   -   -  acc
"""
HEAD, *LINES = GRID.strip("\n").splitlines()
CELLS = [
    (SHORT[state], line.split()[0], SHORT[cell])
    for line in LINES
    for state, cell in zip(HEAD.split(), line.split()[1:], strict=True)
]

NEEDED = {
    "accept": "",
    "decline": "reason worker_told",
    "refer": "recipient passing_on_allowed",
    "return_referral": "reason",
    "answer_referral": "",
    "start": "owner",
    "ask_worker": "question",
    "worker_answered": "",
    "go_on": "wait_over",
    "resolve": "outcome worker_told",
    "follow_up": "verdict",
    "reopen": "reason",
    "reconsider": "reason",
    "withdraw": "workers_wish",
    "restore": "workers_wish content_kept",
    "merge": "target target_stands",
    "split": "reason",
}

SHOWN = {
    Fact.REASON: {"reason": "outside_scope"},
    Fact.RECIPIENT: {"recipient": "labour_inspection"},
    Fact.OUTCOME: {"outcome": "paid"},
    Fact.VERDICT: {"verdict": Verdict.NOT_SOLVED},
    Fact.TARGET: {"target": "2026-000007"},
}


def a_step(event: Event, without: Fact | None = None, **fields: object) -> Step:
    """A step that brings everything it needs, but for one fact."""
    needed = NEEDS[event] - {without}
    for fact in needed:
        fields = {**SHOWN.get(fact, {}), **fields}
    return Step(event=event, facts=needed - SHOWN.keys(), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(("state", "event", "cell"), CELLS, ids=[f"{event}-in-{state}" for state, event, _ in CELLS])
def test_every_cell_of_state_and_event(state: str, event: str, cell: str) -> None:
    before = Progress(state=State(state), merged_into="2026-000001" if state == "merged" else "")
    step = a_step(Event(event))
    if cell == "-":
        assert next_state(State(state), Event(event)) is None
        with pytest.raises(StepRefused) as refused:
            take(before, step)
        assert refused.value.missing == frozenset()
        assert (refused.value.state, refused.value.event) == (state, event)
    else:
        assert next_state(State(state), Event(event)) == cell
        assert take(before, step).state == cell


def test_the_grid_names_every_state_and_every_event_once() -> None:
    assert {(state, event) for state, event, _ in CELLS} == {(state, event) for state in State for event in Event}
    assert len(CELLS) == len(State) * len(Event)


@pytest.mark.parametrize("event", Event)
def test_what_a_step_must_bring_is_as_the_design_says(event: Event) -> None:
    assert set(NEEDED[event].split()) == NEEDS[event]


@pytest.mark.parametrize(
    ("event", "fact"),
    [(event, fact) for event in Event for fact in sorted(NEEDS[event])],
    ids=str,
)
def test_a_step_that_lacks_a_fact_is_refused_and_says_which(event: Event, fact: Fact) -> None:
    state = next(state for state in State if event in events_from(state))
    step = a_step(event, without=fact)
    assert missing_facts(step) == {fact}
    with pytest.raises(StepRefused, match=f"without {fact}") as refused:
        take(Progress(state=state), step)
    assert refused.value.missing == {fact}


def test_a_fact_that_a_field_must_show_cannot_be_claimed() -> None:
    """Otherwise a case could be declined for no reason at all."""
    step = Step(event=Event.DECLINE, facts=frozenset(Fact))
    assert missing_facts(step) == {Fact.REASON}


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_way_out(state: State) -> None:
    assert any(next_state(state, event) is not state for event in events_from(state))


def test_every_state_can_be_reached() -> None:
    reached = {State.REGISTERED}
    for _ in State:
        reached |= {target for state in reached for event in Event if (target := next_state(state, event))}
    assert reached == set(State)


def test_every_state_leads_to_a_decision_or_the_workers_own_word() -> None:
    for start in State:
        reached = {start}
        for _ in State:
            reached |= {target for state in reached for event in Event if (target := next_state(state, event))}
        assert reached & FINAL_BY_DECISION


def test_closed_is_what_is_final_and_what_waits_for_the_worker() -> None:
    assert {*FINAL_BY_DECISION, State.RESOLVED} == CLOSED
    assert {state for state in State if state not in CLOSED} == {
        State.REGISTERED,
        State.ACCEPTED,
        State.REFERRED,
        State.IN_PROGRESS,
        State.AWAITING_WORKER,
    }


def test_the_usual_way_from_registration_to_the_workers_verdict() -> None:
    progress = replay(
        a_step(event)
        for event in (
            Event.ACCEPT,
            Event.START,
            Event.ASK_WORKER,
            Event.WORKER_ANSWERED,
            Event.REFER,
            Event.ANSWER_REFERRAL,
            Event.RESOLVE,
        )
    )
    assert (progress.state, progress.outcome, progress.recipient) == (State.RESOLVED, "paid", "")
    progress = take(progress, a_step(Event.FOLLOW_UP, verdict=Verdict.PARTLY))
    assert (progress.state, progress.verdict, progress.outcome) == (State.FOLLOWED_UP, Verdict.PARTLY, "paid")


def test_a_dissatisfied_worker_gets_a_second_dispatch_and_it_is_counted() -> None:
    steps = [a_step(event) for event in (Event.ACCEPT, Event.RESOLVE, Event.FOLLOW_UP, Event.REOPEN)]
    progress = replay(steps)
    assert (progress.state, progress.reopened, progress.verdict) == (State.IN_PROGRESS, 1, None)
    assert replay([*steps, *(a_step(event) for event in (Event.RESOLVE, Event.REOPEN))]).reopened == 2


def test_the_last_verdict_counts_when_the_worker_is_asked_again() -> None:
    steps = [a_step(Event.ACCEPT), a_step(Event.RESOLVE), a_step(Event.FOLLOW_UP, verdict=Verdict.NOT_SOLVED)]
    assert replay([*steps, a_step(Event.FOLLOW_UP, verdict=Verdict.SOLVED)]).verdict is Verdict.SOLVED


def test_a_merged_case_that_is_split_off_remembers_where_it_was() -> None:
    progress = replay([a_step(Event.MERGE, target="A"), a_step(Event.SPLIT), a_step(Event.MERGE, target="B")])
    assert (progress.merged_into, progress.merged_before) == ("B", ("A",))


@pytest.mark.parametrize("state", State)
def test_a_case_joins_only_one_whose_work_goes_on(state: State) -> None:
    open_states = {"registered", "accepted", "referred", "in_progress", "awaiting_worker"}
    assert can_be_joined("A", "B", state) is (state in open_states)
    assert not can_be_joined("A", "A", state)


def test_a_circle_of_merged_cases_is_found_rather_than_followed_for_ever() -> None:
    with pytest.raises(ValueError, match="circle"):
        leading_case("A", {"A": "B", "B": "C", "C": "B"})


STEPS = st.builds(
    Step,
    event=st.sampled_from(Event),
    reason=st.sampled_from(["", "outside_scope"]),
    recipient=st.sampled_from(["", "labour_inspection", "arbitration"]),
    outcome=st.sampled_from(["", "paid"]),
    verdict=st.none() | st.sampled_from(Verdict),
    target=st.sampled_from(["", "A", "B", "C"]),
    facts=st.frozensets(st.sampled_from(Fact)) | st.just(frozenset(Fact)),
)


@given(st.lists(STEPS, max_size=30))
def test_any_history_ends_in_a_valid_state_and_loses_no_merged_target(steps: list[Step]) -> None:
    progress = Progress()
    joined: list[str] = []
    for step in steps:
        before = progress
        try:
            progress = take(progress, step)
        except StepRefused:
            assert progress is before
            continue
        if step.event is Event.MERGE:
            joined.append(step.target)
        assert progress.state in State
        assert bool(progress.merged_into) is (progress.state is State.MERGED)
        assert bool(progress.recipient) is (progress.state is State.REFERRED)
        assert (progress.verdict is not None) is (progress.state is State.FOLLOWED_UP)
    assert [*progress.merged_before, *filter(None, [progress.merged_into])] == joined


@given(st.lists(st.tuples(st.sampled_from("ABCDE"), st.sampled_from("ABCDE"), st.sampled_from(Event)), max_size=40))
def test_following_merged_cases_always_ends_at_a_case_that_is_not_merged(
    moves: list[tuple[str, str, Event]],
) -> None:
    cases = {number: Progress() for number in "ABCDE"}
    for number, target, event in moves:
        if event is Event.MERGE and not can_be_joined(number, target, cases[target].state):
            continue
        step = a_step(event, **({"target": target} if event is Event.MERGE else {}))
        if next_state(cases[number].state, event):
            cases[number] = take(cases[number], step)
    merged = {number: case.merged_into for number, case in cases.items()}
    for number in cases:
        assert cases[leading_case(number, merged)].state is not State.MERGED


def test_the_table_for_people_shows_every_cell_and_every_need() -> None:
    words = load_wording(REPLIES)
    table = render_table(words)
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert lines[0] == ["event", *(f"{state} {words(state_label(state))}" for state in State), "needs"]
    assert "accepted 已受理" in lines[0]
    rows = {line[0].split()[0]: line[1:] for line in lines[2:]}
    for state, event, cell in CELLS:
        assert rows[event][list(State).index(State(state))] == cell.replace("-", "")
    assert all(set(rows[event][-1].replace(",", "").split()) == NEEDS[event] for event in Event)
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize(
    "key",
    [*map(state_label, State), *map(event_label, Event), *map(verdict_label, Verdict)],
)
def test_every_state_event_and_verdict_has_a_word(key: str) -> None:
    assert load_wording(REPLIES)(key)


def test_the_table_in_the_description_of_the_architecture_is_this_one() -> None:
    described = (REPLIES.parents[1] / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert render_table(load_wording(REPLIES)) in described
