"""Rules of signing in, of passwords and of codes, without a database."""

import asyncio
import re
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.roles import Role
from bot.settings import Settings
from bot.staff.assembly import make_rules
from bot.staff.errors import PasswordRefused
from bot.staff.members import Credentials, StaffSession, Stage
from bot.staff.one_time import as_typed, make_recovery_codes, make_secret, provisioning_uri, used_step
from bot.staff.passwords import Passwords, check_password, make_password
from bot.staff.sign_in_rules import SignInRules, Tries, parse_networks
from tests.staff import QUICK

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
RULES = SignInRules()


def test_waits_never_shrink_and_never_last_longer_than_the_lock() -> None:
    waits = [RULES.wait_after(failures) for failures in range(200)]
    assert waits == sorted(waits)
    assert waits[3] == timedelta(0) < waits[4]
    assert waits[-1] == RULES.lock_for


@given(st.lists(st.integers(0, 2000), max_size=30))
def test_nobody_gets_more_tries_than_the_waits_allow(pauses: list[int]) -> None:
    """Whatever the rhythm: between the tries that count lie the waits that they cost."""
    tries, now, counted = Tries(), NOW, list[datetime]()
    for pause in pauses:
        now += timedelta(seconds=pause)
        if not tries.seconds_left(now):
            tries = tries.one_more(RULES, now)
            counted.append(now)
    for number, (one, next_) in enumerate(pairwise(counted), 1):
        assert next_ - one >= RULES.wait_after(number)


def test_seconds_left_are_rounded_up() -> None:
    until = NOW + timedelta(seconds=1, milliseconds=1)
    assert Tries(5, until).seconds_left(NOW) == 2
    assert Tries(5, until).seconds_left(until) == 0
    assert Tries().seconds_left(NOW) == 0


@pytest.mark.parametrize(
    ("totp", "must_change", "proved", "stage"),
    [
        ("S", True, False, Stage.TOTP),
        ("S", True, True, Stage.CHANGE),
        ("S", False, False, Stage.TOTP),
        ("S", False, True, Stage.FULL),
        (None, True, False, Stage.CHANGE),
        (None, False, False, Stage.ENROLL),
        (None, False, True, Stage.ENROLL),
    ],
)
def test_stages_follow_one_another(totp: str | None, must_change: bool, proved: bool, stage: Stage) -> None:
    credentials = Credentials(password="-", totp=totp, must_change=must_change)
    assert RULES.next_stage(Role.CADRE, credentials, proved=proved) is stage


def test_without_the_setting_a_code_is_asked_only_of_who_has_one() -> None:
    rules = SignInRules(totp_for=frozenset())
    assert rules.next_stage(Role.CADRE, Credentials(password="-"), proved=False) is Stage.FULL
    assert rules.next_stage(Role.CADRE, Credentials(password="-", totp="S"), proved=False) is Stage.TOTP


@pytest.mark.parametrize("stage", Stage)
def test_a_session_is_over_at_its_limits_and_not_before(stage: Stage) -> None:
    whole = RULES.absolute if stage is Stage.FULL else timedelta(minutes=10)
    idle = RULES.idle if stage is Stage.FULL else timedelta(minutes=10)
    a_bit = timedelta(seconds=1)
    for began, seen, over in [
        (NOW - whole, NOW, True),
        (NOW - whole + a_bit, NOW, False),
        (NOW - idle, NOW - idle, True),
        (NOW - idle + a_bit, NOW - idle + a_bit, False),
    ]:
        session = StaffSession(staff="a", stage=stage, began_at=began, seen_at=seen)
        assert RULES.is_over(session, NOW) is over


@pytest.mark.parametrize(
    ("source", "admitted"),
    [("10.1.2.3", True), ("10.2.0.1", False), ("::ffff:10.1.2.3", True), ("fd00::5", True), ("2001:db8::1", False)],
)
def test_networks_admit_their_addresses_only(source: str, admitted: bool) -> None:
    rules = SignInRules(networks=parse_networks(["10.1.0.0/16", "fd00::/8"]))
    assert rules.admits(source) is admitted


@pytest.mark.parametrize("source", ["", "unix:", "testclient"])
def test_what_is_no_address_is_admitted_only_where_all_are(source: str) -> None:
    assert not SignInRules(networks=("10.1.0.0/16",)).admits(source)
    assert SignInRules().admits(source)


def test_settings_become_rules() -> None:
    raw = {"name": "菏泽市总工会", "short_name": "菏泽工会", "regions": ["全国"]}
    staff = {"totp_required": False, "lock_after": 5, "idle_minutes": 15, "networks": ["10.1.2.3/16"]}
    rules = make_rules(Settings.model_validate({"federation": raw, "staff": staff}))
    assert (rules.totp_for, rules.lock_after, rules.idle) == (frozenset(), 5, timedelta(minutes=15))
    assert rules.networks == ("10.1.0.0/16",)
    assert make_rules(Settings.model_validate({"federation": raw})) == SignInRules()


PASSWORDS = {
    "Correct-Horse-9": "",
    "correct horse battery staple": "",
    "这是一个很长很长的中文密码短语没有人猜得到": "",
    "梧桐 江水 铁锅 二十三": "",
    "铁锅 abcdefg": "simple",
    "工会工会工会工会工会工会": "simple",
    "Ab1-": "short",
    "Zhang.San-2026": "has_login",
    "abcdefghij": "simple",
    "1234567890123": "simple",
    "Aa1Aa1Aa1Aa1": "simple",
    "aaaaaaaaaaaaaaaaaaaaaaaa": "simple",
    "x" * 100 + "Ab1-" * 10: "long",
}


@pytest.mark.parametrize(("password", "code"), PASSWORDS.items(), ids=range(len(PASSWORDS)))
def test_passwords_that_are_easily_guessed_are_refused(password: str, code: str) -> None:
    if not code:
        check_password(password, "zhang.san", 10)
        return
    with pytest.raises(PasswordRefused) as refused:
        check_password(password, "zhang.san", 10)
    assert refused.value.code == code


def test_first_passwords_are_themselves_good_enough_and_differ() -> None:
    made = {make_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        check_password(password, "zhang.san", 10)
        assert not set(password) & set("01ilo")


async def test_a_password_fits_its_own_hash_only_however_its_characters_are_composed() -> None:
    passwords = Passwords(QUICK)
    hashed = await passwords.hash("Caf\u00e9-Horse-9")
    assert hashed.startswith("$argon2id$")
    assert await passwords.fits(hashed, "Cafe\u0301-Horse-9")
    assert not await passwords.fits(hashed, "Cafe-Horse-9")
    assert not await passwords.fits("", "Caf\u00e9-Horse-9")
    assert not await passwords.fits("damaged", "Caf\u00e9-Horse-9")
    assert not await passwords.fits(hashed, "x" * 10_000)


async def test_the_parameters_are_those_that_are_recommended() -> None:
    """RFC 9106, section 4: 64 MB, three rounds, four lanes."""
    assert (await Passwords().hash("Correct-Horse-9")).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_few_passwords_are_computed_at_once() -> None:
    """Each takes 64 MB: who sends many sign-ins must not fill the memory."""

    class Counting(Passwords):
        now = most = 0
        lock = threading.Lock()

        def _fits(self, hashed: str, password: str) -> bool:
            with self.lock:
                self.now += 1
                self.most = max(self.most, self.now)
            fits = super()._fits(hashed, password)
            with self.lock:
                self.now -= 1
            return fits

    passwords = Counting(QUICK)
    hashed = await passwords.hash("Correct-Horse-9")
    assert all(await asyncio.gather(*(passwords.fits(hashed, "Correct-Horse-9") for _ in range(20))))
    assert 1 <= passwords.most <= 2


def test_a_code_is_right_in_its_step_and_the_ones_beside_it_and_after_the_last_used_only() -> None:
    secret = make_secret()
    step = int(NOW.timestamp()) // 30
    for beside in (-1, 0, 1):
        code = pyotp.TOTP(secret).generate_otp(step + beside)
        assert used_step(secret, code, NOW, 0) == step + beside
        assert used_step(secret, code, NOW, step + beside) is None
    for far in (-2, 2):
        assert used_step(secret, pyotp.TOTP(secret).generate_otp(step + far), NOW, 0) is None
    for odd in ("", "12345", "1234567", "12345a", "١٢٣٤٥٦"):
        assert used_step(secret, odd, NOW, 0) is None


def test_a_code_agrees_with_the_published_vectors() -> None:
    """RFC 6238, appendix B, cut to six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in {59: "287082", 1111111109: "081804", 1234567890: "005924", 2000000000: "279037"}.items():
        assert used_step(secret, code, datetime.fromtimestamp(seconds, UTC), 0) == seconds // 30


def test_codes_may_be_typed_as_people_type() -> None:
    assert as_typed(" １２３ ４５６ ") == "123456"
    assert as_typed("abcde-fghjk") == "ABCDEFGHJK"
    assert all(re.fullmatch(r"[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}", code) for code in make_recovery_codes())


def test_the_authenticator_is_told_whose_code_it_is() -> None:
    uri = provisioning_uri("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "li.si", "菏泽工会")
    assert uri.startswith("otpauth://totp/")
    assert "secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" in uri
