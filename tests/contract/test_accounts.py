"""Signing in: stages, sessions and their limits, slowing down and locking, codes that are good once."""

import asyncio
import threading
from datetime import timedelta

import pytest

from bot.keyring import KeyRing
from bot.roles import Role
from bot.staff.errors import PasswordRefused, SignInRefused
from bot.staff.members import STAFF_ROLES, StaffSession, Stage
from bot.staff.passwords import Passwords
from bot.staff.sign_in_rules import SignInRules
from bot.store.unit_of_work import SqlStore
from tests.fakes import FakeClock
from tests.staff import PASSWORD, QUICK, Office

WRONG = "Wrong-Horse-99"


@pytest.fixture
def office(store: SqlStore, keys: KeyRing, clock: FakeClock) -> Office:
    """No role needs a one-time code, who has one is asked for it."""
    return Office(store, keys, clock)


@pytest.fixture
def strict(store: SqlStore, keys: KeyRing, clock: FakeClock) -> Office:
    """Every role needs a one-time code."""
    return Office(store, keys, clock, SignInRules())


async def refusal(office: Office, **how: str) -> SignInRefused:
    with pytest.raises(SignInRefused) as refused:
        await office.sign_in(**how)
    return refused.value


async def logged(office: Office) -> list[str]:
    async with office.store.read() as work:
        records, _ = await work.audit.page(limit=200)
        assert (await work.audit.verify()).is_whole
    return [f"{record.action} {record.reason}".strip() for record in reversed(records)]


@pytest.mark.parametrize("role", STAFF_ROLES)
async def test_every_role_signs_in_and_is_seen_as_what_it_is(office: Office, role: Role) -> None:
    member = await office.hire(role=role)
    signed_in = await office.sign_in(login="  LI.SI ")
    assert signed_in.stage is Stage.FULL
    found = await office.current(signed_in.token)
    assert found is not None
    viewer = found.viewer()
    assert (found.id, viewer.role, viewer.id, viewer.active) == (member.id, role, member.id, True)
    assert viewer.districts == (frozenset({"mudan"}) if role is Role.CADRE else frozenset())
    assert await logged(office) == ["staff.added", "staff.signed_in"]


async def test_a_wrong_password_signs_nobody_in_and_an_unknown_login_looks_the_same(office: Office) -> None:
    await office.hire()
    known = [await refusal(office, password=WRONG) for _ in range(6)]
    unknown = [await refusal(office, login="nobody", password=WRONG) for _ in range(6)]
    assert [(error.code, error.seconds) for error in known] == [(error.code, error.seconds) for error in unknown]
    assert known[0].code == "wrong"


async def test_a_shut_account_looks_like_an_unknown_one(office: Office) -> None:
    await office.hire(login="admin", role=Role.ADMINISTRATOR)
    member = await office.hire()
    await office.directory.change(member.id, by="operator", now=office.clock.now(), active=False)
    assert (await refusal(office)).code == "wrong"


async def test_waits_grow_with_failures_and_end_in_a_lock_that_passes(office: Office) -> None:
    await office.hire()
    waits = []
    while len(waits) < 10:
        assert (await refusal(office, password=WRONG)).code == "wrong"
        slowed = await refusal(office) if len(waits) >= 3 else None  # even the right password waits then
        waits.append(slowed.seconds if slowed else 0)
        office.clock.advance(seconds=waits[-1])
    assert waits == [0, 0, 0, 2, 4, 8, 16, 32, 64, 900]
    assert (await office.sign_in()).stage is Stage.FULL
    assert "staff.locked" in await logged(office)


async def test_the_right_password_clears_the_failures(office: Office) -> None:
    await office.hire()
    for _ in range(3):
        await refusal(office, password=WRONG)
    await office.sign_in()
    for _ in range(3):
        assert (await refusal(office, password=WRONG)).code == "wrong"
    assert (await office.sign_in()).stage is Stage.FULL


async def test_a_locked_account_locks_again_with_the_next_failure_but_old_ones_are_forgiven(office: Office) -> None:
    await office.hire()
    for wait in (0, 0, 0, 2, 4, 8, 16, 32, 64, 900):
        await refusal(office, password=WRONG)
        office.clock.advance(seconds=wait)
    await refusal(office, password=WRONG)
    assert (await refusal(office)).seconds == 900
    office.clock.advance(hours=25)
    await refusal(office, password=WRONG)
    assert (await office.sign_in()).stage is Stage.FULL


async def test_guessing_many_at_once_gains_nothing(office: Office) -> None:
    """Tries are counted before they are looked at."""
    await office.hire()
    results = await asyncio.gather(*(office.sign_in(password=f"{WRONG}{n}") for n in range(20)), return_exceptions=True)
    codes = [error.code for error in results if isinstance(error, SignInRefused)]
    assert len(codes) == 20
    assert codes.count("wrong") <= 4


async def test_one_address_is_slowed_whatever_the_accounts(store: SqlStore, keys: KeyRing, clock: FakeClock) -> None:
    office = Office(store, keys, clock, SignInRules(totp_for=frozenset(), source_attempts=10))
    await office.hire()
    for number in range(10):
        assert (await refusal(office, login=f"guess{number}", password=WRONG)).code == "wrong"
    slowed = await refusal(office)
    assert (slowed.code, 0 < slowed.seconds <= 3600) == ("slow", True)
    assert (await office.sign_in(source="192.0.2.8")).stage is Stage.FULL
    clock.advance(seconds=slowed.seconds)
    assert (await office.sign_in()).stage is Stage.FULL


async def test_only_admitted_networks_get_in(store: SqlStore, keys: KeyRing, clock: FakeClock) -> None:
    office = Office(store, keys, clock, SignInRules(totp_for=frozenset(), networks=("10.1.0.0/16",)))
    await office.hire()
    assert (await refusal(office, source="192.0.2.7")).code == "network"
    signed_in = await office.sign_in(source="10.1.2.3")
    now = clock.now()
    assert await office.accounts.current(signed_in.token, now, source="::ffff:10.1.9.9") is not None
    assert await office.accounts.current(signed_in.token, now, source="192.0.2.7") is None


async def test_a_session_ends_when_nothing_is_done(office: Office) -> None:
    await office.hire()
    token = (await office.sign_in()).token
    for _ in range(5):
        office.clock.advance(minutes=29)
        assert await office.current(token) is not None
    office.clock.advance(minutes=30)
    assert await office.current(token) is None


async def test_a_session_ends_in_the_end_however_busy(office: Office) -> None:
    await office.hire()
    token = (await office.sign_in()).token
    for _ in range(10 * 3 - 1):
        office.clock.advance(minutes=20)
        assert await office.current(token) is not None
    office.clock.advance(minutes=20)
    assert await office.current(token) is None


async def test_every_sign_in_and_every_stage_has_a_token_of_its_own(strict: Office) -> None:
    """A token that somebody planted or saw beforehand opens nothing (session fixation)."""
    await strict.hire()
    planted = "planted-token-of-an-attacker-000000000000000"
    first = await strict.sign_in()
    assert first.stage is Stage.ENROLL
    full, secret, _ = await strict.enrol(first.token)
    assert await strict.accounts.standing(first.token, strict.clock.now()) is None
    strict.clock.advance(seconds=60)
    second = await strict.sign_in()
    assert second.stage is Stage.TOTP
    done = await strict.accounts.confirm_totp(second.token, strict.code(secret), strict.clock.now())
    assert await strict.accounts.standing(second.token, strict.clock.now()) is None
    assert len({planted, first.token, full.token, second.token, done.token}) == 5
    assert await strict.current(planted) is None


async def test_half_a_sign_in_opens_nothing_and_does_not_last(strict: Office) -> None:
    await strict.hire()
    token = (await strict.sign_in()).token
    assert await strict.current(token) is None
    assert (await strict.accounts.standing(token, strict.clock.now())) is not None
    strict.clock.advance(minutes=10)
    assert (await strict.accounts.standing(token, strict.clock.now())) is None
    with pytest.raises(SignInRefused, match="over"):
        await strict.accounts.confirm_totp(token, "000000", strict.clock.now())


async def test_signing_out_ends_this_session_only(office: Office) -> None:
    await office.hire()
    one, other = (await office.sign_in()).token, (await office.sign_in()).token
    await office.accounts.sign_out(one)
    await office.accounts.sign_out(one)
    assert await office.current(one) is None
    assert await office.current(other) is not None
    assert (await logged(office)).count("staff.signed_out") == 1


async def test_tokens_do_not_stand_in_the_database(office: Office) -> None:
    member = await office.hire()
    token = (await office.sign_in()).token
    async with office.store.read() as work:
        assert await work.sessions.find(token) is not None
        assert await work.sessions.find(office.keys.hash("staff.session", token)) is None
        assert await work.sessions.count(member.id) == 1


async def test_the_first_password_has_to_be_changed_before_anything_opens(strict: Office) -> None:
    made = await strict.directory.add(login="new", name="新", role=Role.LEADER, by="operator", now=strict.clock.now())
    first = await strict.sign_in("new", made.password)
    assert first.stage is Stage.CHANGE
    with pytest.raises(SignInRefused, match="over"):
        await strict.enrolment.offer(first.token, strict.clock.now())
    with pytest.raises(PasswordRefused, match="same"):
        await strict.accounts.change_password(first.token, "", made.password, strict.clock.now())
    second = await strict.accounts.change_password(first.token, "", PASSWORD, strict.clock.now())
    assert second.stage is Stage.ENROLL
    full, _, _ = await strict.enrol(second.token)
    assert await strict.current(full.token) is not None
    assert (await refusal(strict, login="new", password=made.password)).code == "wrong"


async def test_changing_the_password_asks_for_the_present_one_and_ends_other_sessions(office: Office) -> None:
    await office.hire()
    here, elsewhere = (await office.sign_in()).token, (await office.sign_in()).token
    with pytest.raises(PasswordRefused, match="wrong"):
        await office.accounts.change_password(here, WRONG, "Another-Horse-7", office.clock.now())
    with pytest.raises(PasswordRefused, match="short"):
        await office.accounts.change_password(here, PASSWORD, "Ab1-", office.clock.now())
    changed = await office.accounts.change_password(here, PASSWORD, "Another-Horse-7", office.clock.now())
    assert await office.current(here) is None
    assert await office.current(elsewhere) is None
    assert await office.current(changed.token) is not None
    assert (await office.sign_in(password="Another-Horse-7")).stage is Stage.FULL
    assert (await logged(office)).count("staff.password_changed") == 1


async def test_guessing_the_present_password_in_an_open_browser_is_slowed(office: Office) -> None:
    await office.hire()
    token = (await office.sign_in()).token
    for _ in range(4):
        with pytest.raises(PasswordRefused, match="wrong"):
            await office.accounts.change_password(token, WRONG, "Another-Horse-7", office.clock.now())
    with pytest.raises(SignInRefused, match="slow"):
        await office.accounts.change_password(token, PASSWORD, "Another-Horse-7", office.clock.now())


async def test_what_an_account_may_do_holds_from_one_request_to_the_next(office: Office) -> None:
    await office.hire(login="admin", role=Role.ADMINISTRATOR)
    member = await office.hire()
    token = (await office.sign_in()).token
    async with office.store.write() as work:
        await work.staff.change(member.id, office.clock.now(), role=Role.LEADER)
        await work.commit()
    assert (found := await office.current(token)) is not None
    assert found.role is Role.LEADER
    async with office.store.write() as work:
        await work.staff.change(member.id, office.clock.now(), active=False)
        await work.commit()
    assert await office.current(token) is None


class _Slow(Passwords):
    """Argon2 that goes on until it is let go, in whatever thread it runs."""

    def __init__(self) -> None:
        super().__init__(QUICK)
        self.began, self.go_on = threading.Event(), threading.Event()
        self.threads: set[int] = set()

    def _fits(self, hashed: str, password: str) -> bool:
        self.threads.add(threading.get_ident())
        self.began.set()
        assert self.go_on.wait(20)
        return super()._fits(hashed, password)


async def test_a_password_is_computed_off_the_event_loop_and_with_no_transaction_open(
    store: SqlStore, keys: KeyRing, clock: FakeClock
) -> None:
    """Whoever registers a complaint meanwhile waits for nothing."""
    slow = _Slow()
    office = Office(store, keys, clock, passwords=slow)
    await office.hire()
    signing_in = asyncio.create_task(office.sign_in())
    await asyncio.to_thread(slow.began.wait, 20)
    try:
        async with asyncio.timeout(10), store.write() as work:
            await work.values.save("filed", "meanwhile", clock.now())
            await work.commit()
    finally:
        slow.go_on.set()
    assert (await signing_in).stage is Stage.FULL
    assert slow.threads
    assert threading.get_ident() not in slow.threads


async def test_sessions_whose_time_is_over_are_deleted(office: Office) -> None:
    member = await office.hire()
    await office.sign_in()
    await refusal(office, login="nobody", password=WRONG)
    office.clock.advance(minutes=31)
    kept = (await office.sign_in()).token
    assert await office.accounts.forget_ended(office.clock.now()) == 1
    async with office.store.read() as work:
        assert await work.sessions.count(member.id) == 1
    assert await office.current(kept) is not None
    office.clock.advance(days=2)
    assert await office.accounts.forget_ended(office.clock.now()) == 2  # the session, and tries for no account


async def test_a_hash_of_weaker_parameters_is_made_anew_on_signing_in(
    store: SqlStore, keys: KeyRing, clock: FakeClock
) -> None:
    from argon2 import PasswordHasher

    member = await Office(store, keys, clock).hire()
    better = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    await Office(store, keys, clock, passwords=better).sign_in()
    async with store.read() as work:
        credentials = await work.staff.credentials(member.id)
    assert not better.is_outdated(credentials.password)
    assert (await Office(store, keys, clock, passwords=better).sign_in()).stage is Stage.FULL


async def test_a_session_whose_account_is_gone_is_nobodys(office: Office) -> None:
    now = office.clock.now()
    async with office.store.write() as work:
        session = StaffSession(staff="f" * 32, stage=Stage.FULL, began_at=now, seen_at=now)
        await work.sessions.add("token-of-nobody", session)
        await work.commit()
    assert await office.current("token-of-nobody") is None
    assert await office.accounts.current("", now + timedelta(0)) is None
