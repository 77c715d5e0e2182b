"""Accounts of staff for tests: the real services, with Argon2 that takes no time."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pyotp
from argon2 import PasswordHasher

from bot.keyring import KeyRing
from bot.roles import Role
from bot.staff.accounts import Accounts, SignedIn
from bot.staff.directory import Directory
from bot.staff.enrolment import Enrolment
from bot.staff.members import StaffMember, Stage
from bot.staff.passwords import Passwords
from bot.staff.sign_in_rules import SignInRules
from bot.store.unit_of_work import SqlStore
from tests.fakes import FakeClock

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "Correct-Horse-9"
HERE = "192.0.2.7"


@dataclass
class Office:
    """The services of staff on one store, and short ways to do what tests do all the time."""

    store: SqlStore
    keys: KeyRing
    clock: FakeClock
    rules: SignInRules = field(default_factory=lambda: SignInRules(totp_for=frozenset()))
    passwords: Passwords = field(default_factory=lambda: Passwords(QUICK))

    def __post_init__(self) -> None:
        self.accounts = Accounts(store=self.store, keys=self.keys, rules=self.rules, passwords=self.passwords)
        self.enrolment = Enrolment(store=self.store, accounts=self.accounts, issuer="菏泽工会")
        self.directory = Directory(store=self.store, passwords=self.passwords, districts={"mudan", "caoxian"})

    async def hire(self, login: str = "li.si", role: Role = Role.SUPERVISOR, **fields: Any) -> StaffMember:
        """An account with the password PASSWORD, which need not be changed any more."""
        if role is Role.CADRE:
            fields.setdefault("districts", {"mudan"})
        made = await self.directory.add(
            login=login, name="李四", role=role, by="a" * 32, now=self.clock.now(), **fields
        )
        hashed = await self.passwords.hash(PASSWORD)
        async with self.store.write() as work:
            await work.staff.set_credentials(made.member.id, password=hashed, must_change=False)
            await work.commit()
        return made.member

    async def sign_in(self, login: str = "li.si", password: str = PASSWORD, source: str = HERE) -> SignedIn:
        return await self.accounts.sign_in(login, password, source, self.clock.now())

    async def current(self, token: str) -> StaffMember | None:
        return await self.accounts.current(token, self.clock.now())

    async def enrol(self, token: str) -> tuple[SignedIn, str, tuple[str, ...]]:
        """Set up a one-time code: the session that goes on, the secret, the recovery codes."""
        offer = await self.enrolment.offer(token, self.clock.now())
        enrolled = await self.enrolment.finish(token, self.code(offer.secret), self.clock.now())
        assert enrolled.signed_in.stage is Stage.FULL
        return enrolled.signed_in, offer.secret, enrolled.recovery_codes

    def code(self, secret: str, **ahead: float) -> str:
        """What the authenticator shows, now or so much later."""
        return pyotp.TOTP(secret).at(self.clock.now() + timedelta(**ahead))
