"""What every sender promises, shown against the platform it speaks to: one suite for all channels.

The cases are in `tests/contract/sender_cases/`, one module for each channel.
"""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.publishing.deliveries import Kind
from bot.publishing.outcomes import Awaited, Outcome, Refused, Sent, Unknown, Waiting
from bot.publishing.ports import Ability, ChannelHealth, HealthState, Parcel
from tests.contract.sender_cases import ACTED, LOST, Bench, Died, Fault, LeaseLost, Remembered, SenderCase, cases

TEXT = "年底前，把工资要到手"
CORRECTED = "更正：年底前，把工资要到手"
LATER = timedelta(hours=2)
"""By then whatever the platform was doing has come to an end."""


MOST_STEPS = 40


@pytest.fixture(params=cases(), ids=str)
def case(request: pytest.FixtureRequest) -> SenderCase:
    return request.param


@pytest.fixture
async def bench(case: SenderCase) -> AsyncIterator[Bench]:
    async with case.running() as bench:
        yield bench


def a_memory(bench: Bench) -> Remembered:
    return Remembered(asked=bench.asked)


def needs(bench: Bench, *faults: Fault) -> None:
    absent = [fault.value for fault in faults if fault not in bench.faults]
    if absent:
        pytest.skip(f"this platform knows no {', '.join(absent)}")


def unattended(bench: Bench) -> None:
    if bench.by_person:
        pytest.skip("a person makes it public")


async def sent(bench: Bench, parcel: Parcel, memory: Remembered) -> Outcome:
    """What comes of it in the end: a platform that queues is given the time to finish, and is asked."""
    return await settled(bench, await bench.sender.send(parcel, memory), parcel, memory)


async def settled(bench: Bench, outcome: Outcome, parcel: Parcel, memory: Remembered) -> Outcome:
    if isinstance(outcome, Waiting) and outcome.awaited is not Awaited.PERSON:
        await bench.finish()
        bench.clock.advance(seconds=LATER.total_seconds())
        return await bench.sender.reconcile(parcel, memory)
    return outcome


async def asked_later(bench: Bench, parcel: Parcel, memory: Remembered) -> Outcome:
    await bench.finish()
    bench.clock.advance(seconds=LATER.total_seconds())
    return await bench.sender.reconcile(parcel, memory)


async def test_what_is_sent_is_there_once_and_has_a_name_and_an_address(bench: Bench) -> None:
    unattended(bench)
    memory = a_memory(bench)
    outcome = await sent(bench, bench.parcel(text=TEXT), memory)
    assert isinstance(outcome, Sent), outcome
    assert (outcome.vendor_id != "", outcome.address.startswith("http")) == (True, True)
    assert bench.published() == 1
    assert [TEXT in text for text in bench.there()] == [True]


async def test_what_a_person_makes_public_waits_for_that_person(bench: Bench) -> None:
    if not bench.by_person:
        pytest.skip("the platform makes it public itself")
    memory = a_memory(bench)
    outcome = await bench.sender.send(bench.parcel(text=TEXT), memory)
    assert isinstance(outcome, Waiting)
    assert outcome.awaited is Awaited.PERSON
    assert (bench.published(), bench.there(), bench.asked()) == (0, [], 0)


async def test_the_intent_stands_before_the_first_call_that_anybody_could_see(bench: Bench) -> None:
    unattended(bench)
    memory = a_memory(bench)
    await bench.sender.send(bench.parcel(), memory)
    assert memory.asked_at_intend[:1] == [0]
    assert bench.asked() >= 1


async def test_without_the_intent_nothing_goes_out(bench: Bench) -> None:
    unattended(bench)
    memory = a_memory(bench)
    memory.refuses = True
    with pytest.raises(LeaseLost):
        await bench.sender.send(bench.parcel(), memory)
    assert (bench.asked(), bench.published(), bench.there()) == (0, 0, [])


@pytest.mark.parametrize("fault", LOST)
async def test_nobody_claims_to_know_what_the_platform_did_not_say(bench: Bench, fault: Fault) -> None:
    """Unknown, or what the sender has found out since; never that it has surely not acted."""
    unattended(bench)
    needs(bench, fault)
    bench.fail(fault)
    memory = a_memory(bench)
    outcome = await bench.sender.send(bench.parcel(), memory)
    error = fault in (Fault.ERROR_BEFORE, Fault.ERROR_AFTER)
    if error and bench.retries_errors and isinstance(outcome, Refused):
        assert not outcome.permanent
    else:
        assert isinstance(outcome, Unknown | Waiting | Sent), outcome
    await bench.finish()
    assert bench.published() == int(fault in ACTED)
    if isinstance(outcome, Sent):
        assert bench.published() == 1


@pytest.mark.parametrize("fault", LOST)
async def test_what_is_unknown_is_found_out_and_in_the_end_there_once(bench: Bench, fault: Fault) -> None:
    unattended(bench)
    needs(bench, fault)
    if Ability.RECONCILE not in bench.sender.abilities:
        pytest.skip("it cannot be asked: a person looks")
    bench.fail(fault)
    memory, parcel = a_memory(bench), bench.parcel(text=TEXT)
    await bench.sender.send(parcel, memory)
    outcome = await asked_later(bench, parcel, memory)
    if fault in ACTED:
        assert isinstance(outcome, Sent), outcome
    elif not bench.absence_proves:
        assert isinstance(outcome, Unknown), outcome
        assert (bench.published(), bench.asked()) == (0, 1)
        return
    else:
        assert isinstance(outcome, Refused), outcome
        assert outcome.code == "not_there"
        outcome = await sent(bench, parcel, memory)
        assert isinstance(outcome, Sent), outcome
    assert (outcome.vendor_id != "", outcome.address.startswith("http")) == (True, True)
    assert (bench.published(), len(bench.there())) == (1, 1)


async def test_asking_makes_nothing_public(bench: Bench) -> None:
    unattended(bench)
    memory, parcel = a_memory(bench), bench.parcel()
    if Fault.TIMEOUT_BEFORE in bench.faults:
        bench.fail(Fault.TIMEOUT_BEFORE)
        await bench.sender.send(parcel, memory)
    before = bench.published(), bench.asked()
    for _ in range(2):
        outcome = await asked_later(bench, parcel, memory)
        assert not isinstance(outcome, Sent)
    assert (bench.published(), bench.asked()) == before


async def test_asking_a_platform_that_is_away_leaves_it_open(bench: Bench) -> None:
    unattended(bench)
    needs(bench, Fault.AWAY, Fault.TIMEOUT_AFTER)
    memory, parcel = a_memory(bench), bench.parcel()
    bench.fail(Fault.TIMEOUT_AFTER)
    await bench.sender.send(parcel, memory)
    bench.fail(Fault.AWAY)
    assert isinstance(await asked_later(bench, parcel, memory), Unknown | Waiting)


async def test_a_platform_that_is_away_has_surely_not_acted(bench: Bench) -> None:
    unattended(bench)
    needs(bench, Fault.AWAY)
    bench.fail(Fault.AWAY)
    memory, parcel = a_memory(bench), bench.parcel()
    outcome = await bench.sender.send(parcel, memory)
    assert isinstance(outcome, Refused), outcome
    assert (outcome.permanent, outcome.reauthorise) == (False, False)
    await bench.mend()
    assert isinstance(await sent(bench, parcel, memory), Sent)
    assert bench.published() == 1


async def test_what_is_refused_for_good_is_not_there_and_not_worth_a_retry(bench: Bench) -> None:
    unattended(bench)
    needs(bench, Fault.REFUSED)
    bench.fail(Fault.REFUSED)
    outcome = await sent(bench, bench.parcel(), a_memory(bench))
    assert isinstance(outcome, Refused), outcome
    assert (outcome.permanent, outcome.code != "", bench.published(), bench.there()) == (True, True, 0, [])


async def test_a_rate_limit_says_when_to_come_back_or_rests_the_channel(bench: Bench) -> None:
    unattended(bench)
    needs(bench, Fault.RATE_LIMITED)
    bench.fail(Fault.RATE_LIMITED)
    memory, parcel = a_memory(bench), bench.parcel()
    outcome = await bench.sender.send(parcel, memory)
    assert isinstance(outcome, Refused), outcome
    assert not outcome.permanent
    assert outcome.halts or (outcome.retry_after or timedelta()) > timedelta()
    assert isinstance(await sent(bench, parcel, memory), Sent)
    assert bench.published() == 1


async def test_an_expired_authorisation_waits_for_a_person(bench: Bench) -> None:
    unattended(bench)
    needs(bench, Fault.UNAUTHORISED)
    bench.fail(Fault.UNAUTHORISED)
    memory, parcel = a_memory(bench), bench.parcel()
    outcome = await bench.sender.send(parcel, memory)
    assert isinstance(outcome, Refused), outcome
    assert outcome.reauthorise
    assert bench.published() == 0
    assert (await bench.sender.health()).state is HealthState.UNAUTHORISED
    await bench.mend()
    assert isinstance(await sent(bench, parcel, memory), Sent)


@pytest.mark.parametrize("committed", [False, True], ids=["before_commit", "after_commit"])
async def test_a_death_between_two_steps_never_publishes_twice(case: SenderCase, committed: bool) -> None:
    """At every step in turn. Once the intent is written the platform is asked first, as the dispatcher does."""
    for crash in range(1, MOST_STEPS):
        async with case.running() as bench:
            unattended(bench)
            if not await dies_and_is_sent_again(bench, crash, committed):
                return
    pytest.fail("it never comes to its end")


async def dies_and_is_sent_again(bench: Bench, crash: int, committed: bool) -> bool:
    """Whether it has so many steps; in the end the post is there once."""
    memory, parcel = a_memory(bench), bench.parcel()
    memory.crash, memory.committed = crash, committed
    try:
        await bench.sender.send(parcel, memory)
    except Died:
        pass
    else:
        return False
    outcome: Outcome = Unknown("died")
    if memory.intended:
        outcome = await asked_later(bench, parcel, memory)
        if Ability.RECONCILE not in bench.sender.abilities:
            assert isinstance(outcome, Unknown | Waiting)
            assert bench.published() <= 1
            return True
    if not isinstance(outcome, Sent):
        outcome = await sent(bench, parcel, memory)
    assert isinstance(outcome, Sent), outcome
    assert (bench.published(), len(bench.there())) == (1, 1)
    return True


async def test_a_correction_changes_what_is_there(bench: Bench) -> None:
    unattended(bench)
    if Ability.EDIT not in bench.sender.abilities:
        pytest.skip("what is there cannot be changed")
    first = await sent(bench, bench.parcel(text=TEXT), a_memory(bench))
    assert isinstance(first, Sent)
    edit, memory = bench.parcel(Kind.EDIT, text=CORRECTED, earlier=first.vendor_id), a_memory(bench)
    outcome = await sent(bench, edit, memory)
    assert isinstance(outcome, Sent), outcome
    assert memory.intended
    assert [CORRECTED in text for text in bench.there()] == [True]
    assert bench.published() == 1


async def test_what_is_withdrawn_is_gone_and_stays_gone(bench: Bench) -> None:
    unattended(bench)
    if Ability.WITHDRAW not in bench.sender.abilities:
        pytest.skip("what is there cannot be taken back")
    first = await sent(bench, bench.parcel(text=TEXT), a_memory(bench))
    assert isinstance(first, Sent)
    for _ in range(2):
        memory = a_memory(bench)
        outcome = await sent(bench, bench.parcel(Kind.WITHDRAW, earlier=first.vendor_id), memory)
        assert isinstance(outcome, Sent), outcome
        assert memory.intended
        assert bench.there() == []
    assert bench.published() == 1


async def test_health_tells_that_all_is_well_and_changes_nothing(bench: Bench) -> None:
    health = await bench.sender.health()
    assert isinstance(health, ChannelHealth)
    assert health.state is HealthState.READY, health
    assert (bench.asked(), bench.published()) == (0, 0)


async def test_health_tells_that_the_platform_is_away(bench: Bench) -> None:
    needs(bench, Fault.AWAY)
    bench.fail(Fault.AWAY)
    assert (await bench.sender.health()).state is HealthState.UNREACHABLE


@pytest.mark.parametrize("fault", [None, *Fault], ids=lambda fault: fault or "none")
async def test_no_secret_is_told(bench: Bench, fault: Fault | None) -> None:
    """Neither in what is said of it, nor in the delivery's log and memory, nor in ours."""
    if not bench.secrets:
        pytest.skip("it has none")
    if fault:
        needs(bench, fault)
        bench.fail(fault)
    memory, parcel = a_memory(bench), bench.parcel()
    with capture_logs() as logs:
        outcome = await bench.sender.send(parcel, memory)
        outcomes = [outcome, await asked_later(bench, parcel, memory), await bench.sender.health()]
    told = repr((outcomes, memory.values, memory.notes, logs))
    assert [secret for secret in bench.secrets if secret in told] == []
