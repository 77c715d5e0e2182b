"""The tables of states in ARCHITECTURE.md are those of the program: deliveries and drafts of entries."""

from collections.abc import Mapping
from enum import StrEnum

import pytest

from bot.answers.knowledge import drafts
from bot.publishing import deliveries
from bot.wording import load_wording
from tests.builders import ROOT

WORDS = load_wording(ROOT / "content" / "replies")

Table = Mapping[StrEnum, Mapping[StrEnum, StrEnum]]


def described(table: Table, events: type[StrEnum], state_words: str = "", event_words: str = "") -> str:
    """The table as Markdown: a row for each event, a column for each state in which anything happens."""
    states = [state for state, leads in table.items() if leads]
    lines = [["event", *(named(state, state_words) for state in states)]]
    lines.append(["---"] * len(lines[0]))
    lines += [[named(event, event_words), *(str(table[state].get(event, "")) for state in states)] for event in events]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def named(code: StrEnum, words: str) -> str:
    return f"{code} {WORDS(f'{words}.{code}')}" if words else str(code)


@pytest.mark.parametrize(
    "table",
    [
        described(deliveries.TABLE, deliveries.DeliveryEvent, "publishing.delivery", "publishing.event"),
        described(drafts.TABLE, drafts.DraftEvent),
    ],
    ids=["delivery", "entry_draft"],
)
def test_the_described_table_is_that_of_the_program(table: str) -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert table in text, table


def test_what_may_be_out_there_is_never_sent_again_by_machine() -> None:
    """From SENDING only the platform's certain refusal leads back to PLANNED; from UNKNOWN only 'it is not there'."""
    state, event = deliveries.DeliveryState, deliveries.DeliveryEvent
    back = {
        (before, by)
        for before, leads in deliveries.TABLE.items()
        for by, after in leads.items()
        if after is state.PLANNED and before in {state.SENDING, state.UNKNOWN, state.WAITING, state.SENT}
    }
    assert back == {(state.SENDING, event.RETRY), (state.UNKNOWN, event.NOT_FOUND)}


def test_what_was_sent_stays_sent() -> None:
    assert deliveries.TABLE[deliveries.DeliveryState.SENT] == {}
