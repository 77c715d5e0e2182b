"""The life of a draft, stated once more as a table, and properties that no road through it may break."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers.knowledge.drafts import OPEN, TABLE, DraftEvent, DraftState, KnowledgeRefused, take

WAYS = {
    "draft": {"save": "draft", "submit": "in_review", "drop": "dropped"},
    "in_review": {"take_back": "draft", "return": "draft", "agree": "live"},
    "live": {},
    "dropped": {},
}


@pytest.mark.parametrize("event", DraftEvent, ids=str)
@pytest.mark.parametrize("state", DraftState, ids=str)
def test_every_event_in_every_state(state: DraftState, event: DraftEvent) -> None:
    expected = WAYS[state.value].get(event.value)
    if expected is not None:
        assert take(state, event) is DraftState(expected)
        return
    with pytest.raises(KnowledgeRefused) as refused:
        take(state, event)
    assert refused.value.code == "not_now"


def test_every_open_state_has_a_way_out_and_no_ended_one_has() -> None:
    assert {state for state in DraftState if TABLE[state]} == OPEN


@given(st.lists(st.sampled_from(DraftEvent), max_size=30))
def test_nothing_goes_live_that_was_not_handed_in_since_it_was_last_written(events: list[DraftEvent]) -> None:
    state, handed_in = DraftState.DRAFT, False
    for event in events:
        try:
            state = take(state, event)
        except KnowledgeRefused:
            continue
        handed_in = event is DraftEvent.SUBMIT or (handed_in and event is DraftEvent.AGREE)
        assert state is not DraftState.LIVE or handed_in
