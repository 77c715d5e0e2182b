"""Small counts: no hidden one can be worked out from what is shown, not even by who knows the rules of hiding."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.complaints.desk.suppression import HIDDEN, LEAST, NOTHING, Count, Shown, plain, protect, protect_open

Hide = Callable[[dict[str, int]], Shown]

COUNTS = st.lists(st.one_of(st.integers(0, 7), st.integers(0, 60)), min_size=1, max_size=9)


def named(numbers: tuple[int, ...] | list[int]) -> dict[str, int]:
    return {f"c{place}": number for place, number in enumerate(numbers)}


def seen(shown: Shown) -> tuple[object, ...]:
    return (*((code, count.value, count.hidden) for code, count in shown.counts.items()), shown.total)


def others(numbers: dict[str, int]) -> Iterator[dict[str, int]]:
    """Tables of the same total: two counts exchanged, or some cases of one counted under another."""
    for one, two in product(numbers, numbers):
        if one == two:
            continue
        yield numbers | {one: numbers[two], two: numbers[one]}
        for moved in range(1, min(numbers[one], LEAST) + 1):
            yield numbers | {one: numbers[one] - moved, two: numbers[two] + moved}


@pytest.mark.parametrize("hide", [protect, protect_open])
@pytest.mark.parametrize(("size", "most"), [(1, 12), (2, 16), (3, 11), (4, 8)])
def test_every_hidden_count_of_every_small_table_may_be_another_number(hide: Hide, size: int, most: int) -> None:
    """All tables that are shown alike, put side by side: the strongest that anybody could do."""
    alike: dict[object, list[dict[str, int]]] = defaultdict(list)
    for numbers in product(range(most + 1), repeat=size):
        table = named(numbers)
        alike[seen(hide(table))].append(table)
    for tables in alike.values():
        shown = hide(tables[0])
        edge = any(most in table.values() for table in tables)  # of which the other tables were not tried
        for code, count in shown.counts.items():
            if count.hidden and not edge:
                assert len({table[code] for table in tables}) > 1, (code, tables)


@given(COUNTS)
def test_there_is_always_another_table_that_is_shown_just_the_same(numbers: list[int]) -> None:
    table = named(numbers)
    shown = protect(table)
    possible = [other for other in others(table) if seen(protect(other)) == seen(shown)]
    if sum(numbers) < LEAST:
        possible += [table | {code: table[code] + 1} for code in table if sum(numbers) + 1 < LEAST]
        possible += [table | {code: table[code] - 1} for code in table if table[code]]
    for code, count in shown.counts.items():
        if count.hidden:
            assert any(other[code] != table[code] for other in possible), (code, table)


@given(COUNTS)
def test_what_is_shown_is_true_and_never_small(numbers: list[int]) -> None:
    table = named(numbers)
    for shown in (protect(table), protect_open(table)):
        for code, count in shown.counts.items():
            assert count == HIDDEN or (count.value == table[code] >= LEAST)
    total = protect(table).total
    assert total == HIDDEN or total.value == sum(numbers) >= LEAST


@given(COUNTS)
def test_a_table_without_its_total_never_gives_its_sum_away(numbers: list[int]) -> None:
    shown = protect_open(named(numbers))
    assert shown.total.hidden
    assert shown.total.value <= sum(numbers)
    assert any(count.hidden for count in shown.counts.values())


def test_one_small_count_takes_the_smallest_other_with_it() -> None:
    shown = protect({"a": 3, "b": 30, "c": 9, "d": 12})
    assert shown.counts == {"a": HIDDEN, "b": Count(30), "c": HIDDEN, "d": Count(12)}
    assert shown.total == Count(54)


def test_several_small_counts_hide_one_another() -> None:
    assert protect({"a": 3, "b": 1, "c": 9}).counts == {"a": HIDDEN, "b": HIDDEN, "c": Count(9)}


def test_with_a_small_total_nothing_is_shown() -> None:
    assert protect({"a": 4, "b": 0}) == Shown({"a": HIDDEN, "b": HIDDEN}, HIDDEN)


def test_shares_and_sums_of_what_is_hidden_are_hidden() -> None:
    assert Count(8) + HIDDEN == Count(8, hidden=True)
    assert (Count(8) + HIDDEN).is_shown
    assert not HIDDEN.is_shown
    assert Count(8, hidden=True).share_of(Count(10)) is None
    assert Count(8).share_of(HIDDEN) is None
    assert NOTHING.share_of(NOTHING) is None
    assert Count(5).share_of(Count(10)) == 0.5
    assert plain({"a": 0, "b": 2}) == Shown({"a": Count(0), "b": Count(2)}, Count(2))
