"""What readers see of a post, told from what was sent."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.publishing.deliveries import Kind
from bot.publishing.public_view import SentLine, Standing, find_standing
from tests.newsroom import NINE


def lines(*kinds: Kind) -> list[SentLine]:
    return [
        SentLine(
            delivery=f"d{number}", post="post-1", kind=kind, rendering=f"r{number}", at=NINE + timedelta(hours=number)
        )
        for number, kind in enumerate(kinds)
    ]


def standing(*kinds: Kind) -> Standing:
    found = find_standing(lines(*kinds))
    assert found is not None
    return found


def test_nothing_stands_before_something_was_published() -> None:
    assert find_standing([]) is None
    assert find_standing(lines(Kind.EDIT, Kind.WITHDRAW)) is None


def test_what_was_published_stands_since_then() -> None:
    found = standing(Kind.PUBLISH)
    assert (found.rendering, found.first_at, found.published_at, found.changed_at) == ("r0", NINE, NINE, NINE)
    assert not found.corrected_at
    assert not found.withdrawn_at


@pytest.mark.parametrize("kind", [Kind.EDIT, Kind.NOTICE])
def test_a_correction_takes_the_place_of_the_text(kind: Kind) -> None:
    found = standing(Kind.PUBLISH, kind)
    assert found.rendering == "r1"
    assert found.corrected_at == found.changed_at == NINE + timedelta(hours=1)
    assert found.published_at == NINE
    assert found.notice is (kind is Kind.NOTICE)


def test_a_new_issue_of_the_corrected_text_is_no_correction() -> None:
    found = standing(Kind.PUBLISH, Kind.EDIT, Kind.PUBLISH)
    assert found.corrected_at is None
    assert (found.first_at, found.published_at) == (NINE, NINE + timedelta(hours=2))


def test_what_was_withdrawn_is_gone_until_it_is_published_again() -> None:
    assert standing(Kind.PUBLISH, Kind.WITHDRAW).withdrawn_at == NINE + timedelta(hours=1)
    assert standing(Kind.PUBLISH, Kind.WITHDRAW, Kind.PUBLISH).withdrawn_at is None


def test_a_late_correction_does_not_bring_back_what_was_withdrawn() -> None:
    found = standing(Kind.PUBLISH, Kind.WITHDRAW, Kind.EDIT)
    assert found.withdrawn_at == NINE + timedelta(hours=1)


@given(st.lists(st.sampled_from(Kind), max_size=8))
def test_nothing_is_public_whose_last_word_but_corrections_was_a_withdrawal(kinds: list[Kind]) -> None:
    found = find_standing(lines(*kinds))
    issued = [kind for kind in kinds if kind in (Kind.PUBLISH, Kind.WITHDRAW)]
    assert (found is not None) is (Kind.PUBLISH in kinds)
    if found is not None:
        assert (found.withdrawn_at is not None) is (issued[-1] is Kind.WITHDRAW)
        assert found.first_at <= found.published_at <= found.changed_at
