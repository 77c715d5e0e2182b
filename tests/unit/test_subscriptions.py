"""The rules of subscriptions: slots, weeks, topics, links, and what a bulletin looks like."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import SHANGHAI
from bot.keyring import make_key_ring_document, parse_key_ring
from bot.subscriptions.issues import FARTHEST_BACK, Item, News, digest_of, last_due, read_items, week_of, write_items
from bot.subscriptions.links import CONFIRM_WITHIN, Links
from bot.subscriptions.pacing import FARTHEST_AHEAD, Rate, take_slots
from bot.subscriptions.subscribers import MOST_TOPICS, clean_topics, wants

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
RATE = Rate(28.0, timedelta(seconds=1.1))
STEPS = st.lists(st.tuples(st.floats(0, 3), st.integers(0, 20), st.booleans()), max_size=30)


@given(steps=STEPS, late=st.lists(st.floats(0, RATE.tolerance.total_seconds()), min_size=1, max_size=9))
def test_no_second_has_more_calls_than_allowed_whoever_takes_slots_and_however_late_they_are_used(
    steps: list[tuple[float, int, bool]], late: list[float]
) -> None:
    now, free_at, slots = NOW, None, []
    for passed, wanted, pauses in steps:
        now += timedelta(seconds=passed)
        paused = now + timedelta(seconds=1) if pauses else None
        taken = take_slots(RATE, now, free_at=free_at, paused_until=paused, told_at=[None] * wanted)
        assert all(slot and slot >= (paused or now) for slot in taken.given)
        slots += [slot for slot in taken.given if slot]
        free_at = taken.free_at
    used = sorted(slot + timedelta(seconds=late[number % len(late)]) for number, slot in enumerate(slots))
    second = timedelta(seconds=1)
    assert all(sum(one <= other < one + second for other in used[at : at + 40]) <= 30 for at, one in enumerate(used))


def test_a_chat_that_was_told_just_now_has_to_wait() -> None:
    told = [NOW - timedelta(seconds=0.5), None, NOW - timedelta(seconds=2)]
    taken = take_slots(RATE, NOW, free_at=None, paused_until=None, told_at=told)
    assert taken.given == (None, NOW, NOW + RATE.interval)


def test_a_row_written_by_a_wrong_clock_stops_nobody() -> None:
    far = NOW + FARTHEST_AHEAD + timedelta(hours=1)
    assert take_slots(RATE, NOW, free_at=far, paused_until=None, told_at=[None]).given == (NOW,)


@given(now=st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - made aware
def test_the_last_digest_was_due_on_its_day_within_a_week(now: datetime) -> None:
    due = last_due(now, 4, 10)
    assert (due.astimezone(SHANGHAI).weekday(), due.astimezone(SHANGHAI).hour) == (4, 10)
    assert timedelta(0) <= now - due < timedelta(days=7)


def test_a_digest_begins_where_the_last_one_ended_and_not_too_far_back() -> None:
    due = last_due(NOW, 4, 10)
    assert week_of(due, None) == (due - timedelta(days=7), due)
    assert week_of(due, due - timedelta(days=9)) == (due - timedelta(days=9), due)
    assert week_of(due, due - timedelta(days=90)) == (due - FARTHEST_BACK, due)


def a_post(number: int, **fields: object) -> News:
    item = Item(post=f"p{number}", title=f"题目{number}", digest="", path=f"/posts/p{number}", tags=("工资",))
    return News(item=item, at=NOW + timedelta(hours=number), **fields)


def test_a_digest_holds_what_came_out_in_its_time_and_was_not_taken_back() -> None:
    news = [a_post(0), a_post(1, is_withdrawn=True), a_post(2), a_post(9)]
    items = digest_of(news, NOW, NOW + timedelta(hours=9))
    assert [item.post for item in items] == ["p2", "p0"]
    assert read_items(write_items(items)) == items


def test_topics_are_kept_once_and_none_of_them_means_everything() -> None:
    assert clean_topics([" 工资", "工资", "", "工伤"]) == ("工资", "工伤")
    assert len(clean_topics(str(number) for number in range(100))) == MOST_TOPICS
    assert wants((), ("工资",))
    assert wants(("工资",), ("工资", "年底"))
    assert not wants(("工伤",), ("工资",))


@pytest.fixture
def links() -> Links:
    return Links(parse_key_ring(make_key_ring_document()), "https://ask.test")


def test_a_link_opens_one_subscription_and_no_other(links: Links) -> None:
    token = links.manage_token("a" * 32)
    assert links.managed(token) == "a" * 32
    assert links.managed("b" * 32 + token[32:]) is None
    assert links.managed(links.confirm_token("a" * 32, NOW)) is None
    assert links.managed("") is None


def test_a_link_that_confirms_ends(links: Links) -> None:
    token = links.confirm_token("a" * 32, NOW)
    assert links.confirmed(token, NOW) == "a" * 32
    assert links.confirmed(token, NOW + CONFIRM_WITHIN + timedelta(seconds=1)) is None
    id, ends, mac = token.split("-")
    assert links.confirmed(f"{id}-{int(ends) + 9999}-{mac}", NOW) is None
