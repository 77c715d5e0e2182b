"""Guessing receipts: bounded per source, slowed for all, closed to nobody, and telling nothing.

The clock is turned: a day of guessing takes a moment.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.complaints.receipts import Receipt, new_receipt
from bot.complaints.worker.following import Follower
from bot.complaints.worker.guesses import source_of_address
from bot.complaints.worker.numbers import GuessLimits
from bot.complaints.worker.refusals import NotFound, SlowDown
from bot.keyring import KeyRing
from bot.store.unit_of_work import SqlStore, UnitOfWork
from tests.desk import NOW, Counter, a_desk

LIMITS = GuessLimits(per_hour=5, pace_seconds=60, per_day=20, slow_pace_seconds=600, everywhere_per_hour=40)
START = NOW.replace(hour=0)


@pytest.fixture
def counter(store: SqlStore, keys: KeyRing) -> Counter:
    desk = a_desk(keys)
    store._rules = desk.rules
    follower = Follower(keys, desk.clocks, desk.guard, replace(desk.numbers, guesses=LIMITS))
    return Counter(store, replace(desk, follower=follower))


async def tried(counter: Counter, source: str, now: datetime, receipt: Receipt | None = None) -> str:
    """What comes of one try, as whoever guesses sees it."""
    try:
        await counter.open(receipt or new_receipt(), source, now)
    except NotFound:
        return "wrong"
    except SlowDown as slowed:
        return f"wait {slowed.seconds}"
    return "open"


async def test_a_source_that_guesses_all_day_gets_few_tries(counter: Counter) -> None:
    """One try every ten seconds for a day; looked at are the free ones, one a minute, then one in ten minutes."""
    looked_at, now = 0, START
    while now < START + timedelta(hours=6):
        outcome = await tried(counter, "attacker", now)
        looked_at += outcome == "wrong"
        # a machine that reads how long to wait and comes back at that very second
        now += timedelta(seconds=int(outcome.removeprefix("wait ")) if outcome.startswith("wait") else 1)
    free, paced, slow = LIMITS.per_hour, LIMITS.per_day - LIMITS.per_hour, 6 * 3600 // LIMITS.slow_pace_seconds
    assert looked_at <= free + paced + slow + 1
    assert looked_at >= slow, "slowed, never closed"


async def test_a_botnet_is_slowed_as_a_whole_and_a_worker_with_the_receipt_still_comes_in(counter: Counter) -> None:
    made = await counter.file()
    first_hour = [
        await tried(counter, f"bot{source}", START + timedelta(seconds=round_ * 5))
        for round_ in range(4)
        for source in range(25)
    ]
    wrong = first_hour.count("wrong")
    assert LIMITS.everywhere_per_hour <= wrong <= LIMITS.everywhere_per_hour + 25, "beyond it one try a source"
    now = START + timedelta(minutes=3)
    assert await tried(counter, "worker", now, made.receipt) == "open"
    assert await tried(counter, "worker", now, made.receipt) == "open", "right receipts do not count"
    assert await tried(counter, "worker", now) == "wrong"
    assert (await tried(counter, "worker", now)).startswith("wait")


async def test_after_the_hour_nobody_waits_for_what_others_did(counter: Counter) -> None:
    for source in range(LIMITS.everywhere_per_hour):
        await tried(counter, f"bot{source}", START)
    assert [await tried(counter, "late", START) for _ in range(2)] == ["wrong", "wait 600"]
    quiet = START + timedelta(hours=1)
    assert [await tried(counter, "late", quiet) for _ in range(2)] == ["wrong", "wrong"]


async def test_a_wrong_try_counts_whatever_the_caller_does_then(counter: Counter) -> None:
    """The caller leaves its transaction without commit, as after any exception."""
    for _ in range(LIMITS.per_hour + 1):
        async with counter.store.write() as work:
            with pytest.raises(NotFound):
                await counter.follower.open(work, new_receipt(), "attacker", START)
    assert await tried(counter, "attacker", START) == "wait 60"


async def test_the_wait_is_over_when_it_was_said_to_be(counter: Counter) -> None:
    now = START + timedelta(seconds=17)
    outcomes = [await tried(counter, "attacker", now) for _ in range(LIMITS.per_hour + 2)]
    assert outcomes[-2:] == ["wrong", "wait 43"]
    assert await tried(counter, "attacker", now + timedelta(seconds=43)) == "wrong"


async def test_sources_are_kept_as_keyed_hashes(counter: Counter, keys: KeyRing) -> None:
    await tried(counter, "203.0.113.9", START)
    async with counter.store.read() as work:
        window = START
        assert await work.attempts.count("receipt", "203.0.113.9", window, add=0) == 0
        assert await work.attempts.count("receipt", keys.hash("receipt source", "203.0.113.9"), window, add=0) == 1


async def test_wrong_and_expired_look_alike_in_answer_and_in_work(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same exception without any detail, after the same statements in the same order: nothing to time."""
    made = await counter.file()
    async with counter.store.write() as work:
        await work.cases.delete_content(made.case_id, NOW)
        await work.commit()
    seen = []
    for receipt in (new_receipt(), made.receipt):
        async with counter.store.write() as work:
            calls = recorded(work, monkeypatch)
            with pytest.raises(NotFound) as refused:
                await counter.follower.open(work, receipt, "somebody", NOW)
        seen.append((calls, str(refused.value), vars(refused.value)))
    assert seen[0] == seen[1]
    assert "commit" in seen[0][0]


def recorded(work: UnitOfWork, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every call of a repository or of `commit` from now on."""
    calls: list[str] = []

    def watch(owner: object, name: str) -> None:
        real = getattr(owner, name)

        def called(*args: object, **named: object) -> object:
            calls.append(name)
            return real(*args, **named)

        monkeypatch.setattr(owner, name, called)

    watch(work, "commit")
    for repository in (work.cases, work.attempts, work.receipts, work.audit):
        for name in [name for name in dir(repository) if not name.startswith("_")]:
            watch(repository, name)
    return calls


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.9", "::ffff:203.0.113.9", True),
        ("203.0.113.9", "203.0.113.10", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("testclient", "testclient", True),
    ],
    ids=["mapped", "two of IPv4", "one network", "two networks", "scoped", "no address"],
)
def test_a_customer_of_ipv6_is_one_source(one: str, other: str, same: bool) -> None:
    """Otherwise one machine would have as many budgets as addresses."""
    assert (source_of_address(one) == source_of_address(other)) is same


async def test_many_tries_at_once_get_no_more_than_one_after_the_other(counter: Counter) -> None:
    """Counting comes before looking, so that a race wins nothing."""
    outcomes = await asyncio.gather(*(tried(counter, "attacker", START) for _ in range(20)))
    assert outcomes.count("wrong") == LIMITS.per_hour + 1
    assert outcomes.count("wait 60") == 20 - LIMITS.per_hour - 1
