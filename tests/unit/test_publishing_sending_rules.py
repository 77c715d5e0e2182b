"""The pure rules of sending: where a post stands, what outcomes mean, when a channel rests, what is a secret."""

from datetime import timedelta
from typing import Any

import pytest

from bot.publishing.alerts import AlertKind
from bot.publishing.channel_status import FAILURES_BEFORE_REST, LONGEST_REST, ChannelStatus
from bot.publishing.deliveries import Delivery, DeliveryEvent, DeliveryState, Kind
from bot.publishing.outcomes import Awaited, Outcome, Refused, Sent, Unknown, Waiting
from bot.publishing.posts import PostState
from bot.publishing.scrubbing import scrubbed
from bot.publishing.settling import ASKED_FOR, MOST_TRIES, TRIES_BEFORE, next_ask, settle_asking, settle_sending
from bot.publishing.summing import first_published, live_on, sum_up
from tests.newsroom import NINE, a_delivery

S, E, P = DeliveryState, DeliveryEvent, PostState
LATER = NINE + timedelta(hours=1)


def deliveries(*states: DeliveryState, **fields: Any) -> list[Delivery]:
    """One for each state, each on a channel of its own."""
    return [a_delivery(state=state, channel=f"c{number}", **fields) for number, state in enumerate(states)]


@pytest.mark.parametrize(
    ("states", "planned", "expected"),
    [
        ((), False, P.APPROVED),
        ((), True, P.SCHEDULED),
        ((S.SENT, S.SENT), False, P.PUBLISHED),
        ((S.SENT, S.REFUSED), False, P.PARTLY),
        ((S.SENT, S.EXPIRED), True, P.PARTLY),
        ((S.REFUSED, S.EXPIRED), False, P.FAILED),
        ((S.EXPIRED,), False, P.EXPIRED),
        ((S.EXPIRED,), True, P.SCHEDULED),
        ((S.CANCELLED,), False, P.APPROVED),
        ((S.SENT, S.CANCELLED), False, P.PUBLISHED),
        *(((S.SENT, state), False, P.PUBLISHING) for state in (S.PLANNED, S.SENDING, S.UNKNOWN, S.WAITING, S.HELD)),
    ],
)
def test_a_post_stands_where_its_deliveries_do(
    states: tuple[DeliveryState, ...], planned: bool, expected: PostState
) -> None:
    assert sum_up(P.APPROVED, deliveries(*states), planned=planned) is expected


@pytest.mark.parametrize("state", [P.DRAFT, P.IN_REVIEW, P.WITHDRAWN])
def test_what_people_have_set_stays(state: PostState) -> None:
    assert sum_up(state, deliveries(S.SENT), planned=True) is state


def test_what_was_withdrawn_is_not_live_until_it_is_published_again() -> None:
    sent = a_delivery(state=S.SENT, finished_at=NINE)
    withdrawn = a_delivery(state=S.SENT, kind=Kind.WITHDRAW, finished_at=LATER)
    again = a_delivery(state=S.SENT, finished_at=LATER + timedelta(hours=1))
    assert live_on([sent]) == {"mastodon"}
    assert live_on([withdrawn, sent]) == frozenset()
    assert live_on([withdrawn, again, sent]) == {"mastodon"}
    assert sum_up(P.PUBLISHED, [sent, withdrawn], planned=False) is P.WITHDRAWN
    assert first_published([again, sent, withdrawn]) == NINE


def sending(**fields: Any) -> Delivery:
    return a_delivery(state=S.SENDING, attempts=1, intent_at=NINE, **fields)


@pytest.mark.parametrize(
    ("outcome", "event", "alert"),
    [
        (Sent("1"), E.SUCCEED, None),
        (Unknown("timeout"), E.LOSE, AlertKind.UNKNOWN),
        (Refused("x", permanent=True), E.REFUSE, AlertKind.REFUSED),
        (Refused("x", permanent=False), E.RETRY, None),
        (Refused("x", permanent=True, reauthorise=True), E.RETRY, None),
        (Waiting(Awaited.PLATFORM), E.WAIT, None),
        (Waiting(Awaited.PERSON), E.WAIT, AlertKind.CONFIRM),
        (Waiting(Awaited.ADMINISTRATOR), E.WAIT, AlertKind.ADMINISTRATOR),
    ],
    ids=str,
)
def test_each_outcome_has_one_meaning(outcome: Outcome, event: DeliveryEvent, alert: AlertKind | None) -> None:
    settled = settle_sending(sending(), outcome, NINE, asks=True)
    assert (settled.event, settled.alert) == (event, alert)


def test_without_an_intent_nothing_can_be_unknown() -> None:
    claimed = a_delivery(state=S.CLAIMED, attempts=1)
    assert settle_sending(claimed, Unknown("timeout"), NINE, asks=True).event is E.RETRY


def test_who_cannot_be_asked_is_not_waited_for() -> None:
    assert settle_sending(sending(), Unknown("timeout"), NINE, asks=False).fields["next_at"] is None


def test_after_many_tries_it_is_given_up_and_a_person_lets_it_begin_anew() -> None:
    busy = Refused("busy", permanent=False)
    tried = a_delivery(state=S.SENDING, attempts=MOST_TRIES)
    assert settle_sending(tried, busy, NINE, asks=True).alert is AlertKind.REFUSED
    freed = a_delivery(state=S.SENDING, attempts=MOST_TRIES + 1, memory={TRIES_BEFORE: str(MOST_TRIES)})
    assert settle_sending(freed, busy, NINE, asks=True).event is E.RETRY


def test_what_the_platform_asks_for_is_what_is_waited() -> None:
    limited = Refused("429", permanent=False, retry_after=timedelta(minutes=17))
    assert settle_sending(sending(), limited, NINE, asks=True).fields["next_at"] == NINE + timedelta(minutes=17)


def test_not_there_is_believed_only_after_a_while() -> None:
    unknown = a_delivery(state=S.UNKNOWN, intent_at=NINE)
    not_there = Refused("not_there", permanent=False)
    assert settle_asking(unknown, not_there, NINE + timedelta(minutes=4)) is None
    settled = settle_asking(unknown, not_there, NINE + timedelta(minutes=5))
    assert settled
    assert settled.event is E.NOT_FOUND


def test_the_platform_is_asked_less_and_less_often_and_not_for_ever() -> None:
    unknown = a_delivery(state=S.UNKNOWN, intent_at=NINE)
    pauses, now = [], NINE
    while (at := next_ask(unknown, now)) is not None:
        pauses.append(at - now)
        now = at
    assert pauses[0] == timedelta(minutes=1)
    assert pauses == sorted(pauses)
    assert max(pauses) == timedelta(hours=1)
    assert now - NINE >= ASKED_FOR


def test_a_channel_rests_longer_and_longer_after_failures_in_a_row() -> None:
    status = ChannelStatus(channel="weibo")
    rests = []
    for _ in range(12):
        status = status.failed(NINE, "http_500")
        rests.append(status.rests_until - NINE if status.rests_until else timedelta())
    assert rests[: FAILURES_BEFORE_REST - 1] == [timedelta()] * (FAILURES_BEFORE_REST - 1)
    assert rests == sorted(rests)
    assert rests[-1] == LONGEST_REST
    assert not status.is_open(NINE)
    assert status.succeeded(LATER).is_open(LATER)


def test_staff_are_told_at_a_fifth_of_an_authorisations_life() -> None:
    status = ChannelStatus(channel="weibo", expires_at=NINE + timedelta(days=6), lasts=timedelta(days=30))
    assert status.expires_soon(NINE)
    assert not status.expires_soon(NINE - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("bad token access_token=abc.DEF-123 rid: 65f2", "bad token access_token=*** rid: 65f2"),
        ('{"secret": "s3cr3t", "errcode": 40001}', '{"secret": ***, "errcode": 40001}'),
        ("Authorization: Bearer abcdefgh12345", "Authorization: ***"),
        (
            "https://api.telegram.org/bot123456789:AAE-abcdefghijklmnopqrstu/sendPhoto",
            "https://api.telegram.org/bot***/sendPhoto",
        ),
        ("errcode=45009 rid: 6567-1", "errcode=45009 rid: 6567-1"),
        ("code=45009", "code=45009"),
    ],
    ids=["token", "json", "header", "telegram", "errcode", "code"],
)
def test_secrets_do_not_get_into_the_log(said: str, kept: str) -> None:
    assert scrubbed(said) == kept
