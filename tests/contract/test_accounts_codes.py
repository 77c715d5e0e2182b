"""One-time and recovery codes: good once, not guessed, not replaced by whoever finds a browser open."""

import pytest

from bot.keyring import KeyRing
from bot.staff.errors import SignInRefused
from bot.staff.members import Stage
from bot.store.unit_of_work import SqlStore
from tests.fakes import FakeClock
from tests.staff import Office


@pytest.fixture
def office(store: SqlStore, keys: KeyRing, clock: FakeClock) -> Office:
    """No role needs a one-time code, who has one is asked for it."""
    return Office(store, keys, clock)


async def test_a_code_is_good_once(office: Office) -> None:
    await office.hire()
    _, secret, _ = await office.enrol((await office.sign_in()).token)
    office.clock.advance(seconds=90)
    code = office.code(secret)
    first, second = await office.sign_in(), await office.sign_in()
    now = office.clock.now()
    assert (await office.accounts.confirm_totp(first.token, f" {code[:3]} {code[3:]} ", now)).stage is Stage.FULL
    with pytest.raises(SignInRefused, match="wrong"):
        await office.accounts.confirm_totp(second.token, code, now)


async def test_the_code_that_set_it_up_is_used_too_and_older_ones_with_it(office: Office) -> None:
    await office.hire()
    _, secret, _ = await office.enrol((await office.sign_in()).token)
    token = (await office.sign_in()).token
    for late in (0, -30):
        with pytest.raises(SignInRefused, match="wrong"):
            await office.accounts.confirm_totp(token, office.code(secret, seconds=late), office.clock.now())
    assert await office.accounts.confirm_totp(token, office.code(secret, seconds=30), office.clock.now())


async def test_a_code_of_a_clock_too_far_off_is_refused(office: Office) -> None:
    await office.hire()
    _, secret, _ = await office.enrol((await office.sign_in()).token)
    office.clock.advance(minutes=10)
    token = (await office.sign_in()).token
    for late in (-60, 60):
        with pytest.raises(SignInRefused, match="wrong"):
            await office.accounts.confirm_totp(token, office.code(secret, seconds=late), office.clock.now())
    assert await office.accounts.confirm_totp(token, office.code(secret, seconds=-30), office.clock.now())


async def test_each_recovery_code_is_good_once(office: Office) -> None:
    await office.hire()
    _, _, codes = await office.enrol((await office.sign_in()).token)
    assert len(set(codes)) == 10
    for typed in (codes[0], codes[1].lower().replace("-", " ")):
        token = (await office.sign_in()).token
        assert (await office.accounts.confirm_totp(token, typed, office.clock.now())).stage is Stage.FULL
    token = (await office.sign_in()).token
    with pytest.raises(SignInRefused, match="wrong"):
        await office.accounts.confirm_totp(token, codes[0], office.clock.now())


async def test_guessing_codes_is_slowed_though_the_password_is_known(office: Office) -> None:
    """A right password does not clear the failures while the code is still to come."""
    await office.hire()
    _, _, codes = await office.enrol((await office.sign_in()).token)
    for _ in range(3):
        token = (await office.sign_in()).token
        with pytest.raises(SignInRefused, match="wrong"):
            await office.accounts.confirm_totp(token, "000000", office.clock.now())
    token = (await office.sign_in()).token
    with pytest.raises(SignInRefused, match="wrong"):
        await office.accounts.confirm_totp(token, "000000", office.clock.now())
    with pytest.raises(SignInRefused, match="slow"):
        await office.accounts.confirm_totp(token, codes[0], office.clock.now())
    with pytest.raises(SignInRefused, match="slow"):
        await office.sign_in()


async def test_new_recovery_codes_replace_the_old_ones(office: Office) -> None:
    await office.hire()
    full, secret, old = await office.enrol((await office.sign_in()).token)
    office.clock.advance(seconds=60)
    with pytest.raises(SignInRefused, match="wrong"):
        await office.enrolment.renew_recovery_codes(full.token, "000000", office.clock.now())
    new = await office.enrolment.renew_recovery_codes(full.token, office.code(secret), office.clock.now())
    token = (await office.sign_in()).token
    with pytest.raises(SignInRefused, match="wrong"):
        await office.accounts.confirm_totp(token, old[0], office.clock.now())
    assert await office.accounts.confirm_totp(token, new[0], office.clock.now())


async def test_a_browser_left_open_cannot_replace_the_one_time_code(office: Office) -> None:
    await office.hire()
    full, secret, _ = await office.enrol((await office.sign_in()).token)
    with pytest.raises(SignInRefused, match="wrong"):
        await office.enrolment.offer(full.token, office.clock.now())
    office.clock.advance(seconds=60)
    offer = await office.enrolment.offer(full.token, office.clock.now(), office.code(secret))
    assert offer == await office.enrolment.offer(full.token, office.clock.now())
    assert offer.secret not in repr(offer)
    assert offer.secret != secret
