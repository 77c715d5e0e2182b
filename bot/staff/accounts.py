"""Signing in and staying signed in.

Password, then one-time code where one is set up, then what has to be put right first (a new password, setting up
the code), then everything: each stage has a session of its own under a new token, so that a token planted
beforehand is worth nothing. Methods open their own transactions: what was tried stays counted when they refuse,
and no transaction is open while a password is computed.
"""

import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.audit import AuditEntry
from bot.staff.codes import Codes
from bot.staff.errors import PasswordRefused, SignInRefused
from bot.staff.gate import Gate
from bot.staff.members import Credentials, StaffMember, StaffSession, Stage
from bot.staff.passwords import Passwords, check_password
from bot.staff.sign_in_rules import SignInRules

if TYPE_CHECKING:
    from bot.keyring import KeyRing
    from bot.store.unit_of_work import SqlStore, UnitOfWork

log = structlog.get_logger(__name__)

TOUCH_EVERY = timedelta(seconds=30)
"""Being active is written down so often, not with every request."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The token for the browser, to be shown with every request, and how far it reaches."""

    token: str = field(repr=False)
    stage: Stage


@dataclass(frozen=True, slots=True)
class Standing:
    """Who a token belongs to and how far they have come."""

    member: StaffMember
    stage: Stage
    session: StaffSession


class Accounts:
    """Signs staff in and out."""

    def __init__(self, *, store: "SqlStore", keys: "KeyRing", rules: SignInRules, passwords: Passwords) -> None:
        self.rules = rules
        self._store = store
        self._keys = keys
        self._passwords = passwords
        self._gate = Gate(keys, rules)
        self.codes = Codes(keys)

    def admits(self, source: str) -> bool:
        """Whether the console may be used from that address at all: to be asked with every request."""
        return self.rules.admits(source)

    async def sign_in(self, login: str, password: str, source: str, now: datetime) -> SignedIn:
        """The first step: login and password. Raises SignInRefused, alike whether the account is there or not."""
        if not self.admits(source):
            log.warning("staff.network_refused")
            raise SignInRefused("network")
        member, credentials = await self._admitted(as_login(login), source, now)
        hashed = credentials.password if credentials else ""
        right = await self._passwords.fits(hashed, password)
        if member is None or not right:
            await self.note_refusal(member, "password")
            raise SignInRefused("wrong")
        renewed = await self._passwords.hash(password) if self._passwords.is_outdated(hashed) else hashed
        return await self._enter(member, hashed, renewed, now)

    async def confirm_totp(self, token: str, code: str, now: datetime) -> SignedIn:
        """The second step: a one-time or a recovery code, each good once. Raises SignInRefused."""
        async with self._store.write() as work:
            standing = await self.standing_in(work, token, now)
            if standing is None or standing.stage is not Stage.TOTP:
                raise SignInRefused("over")
            member = standing.member
            seconds, credentials = await self._gate.pass_account(work, member, now)
            if seconds:
                raise SignInRefused("slow", seconds)
            way = await self.codes.use(work, member, credentials, code, now)
            if not way:
                await self.log_refusal(work, member, "code")
                await work.commit()
                raise SignInRefused("wrong")
            stage = self.rules.next_stage(member.role, credentials, proved=True)
            signed_in = await self._open(work, member, stage, now, instead_of=token, data={"by": way})
            await work.commit()
        return signed_in

    async def current(self, token: str, now: datetime, *, source: str | None = None) -> StaffMember | None:
        """Who is signed in with that token, as the account stands now; None when nobody is, or only half-way.

        With a source nobody is whose network is not admitted.
        """
        if source is not None and not self.admits(source):
            return None
        standing = await self.standing(token, now)
        return standing.member if standing is not None and standing.stage is Stage.FULL else None

    async def standing(self, token: str, now: datetime) -> Standing | None:
        """Who the token belongs to and at which stage; being asked counts as being active."""
        if not token:
            return None
        async with self._store.read() as work:
            found = await self.standing_in(work, token, now)
        if found is not None and found.stage is Stage.FULL and now - found.session.seen_at >= TOUCH_EVERY:
            async with self._store.write() as work:
                await work.sessions.touch(token, now)
                await work.commit()
        return found

    async def standing_in(self, work: "UnitOfWork", token: str, now: datetime) -> Standing | None:
        """The same within a transaction that is open already."""
        session = await work.sessions.find(token)
        if session is None or self.rules.is_over(session, now):
            return None
        member = await work.staff.find(session.staff)
        if member is None or not member.active:
            return None
        return Standing(member, session.stage, session)

    async def sign_out(self, token: str) -> None:
        """End the session. Safe to repeat."""
        async with self._store.write() as work:
            session = await work.sessions.find(token)
            if session is not None and await work.sessions.drop(token):
                await work.audit.append(AuditEntry(session.staff, "staff.signed_out", session.staff))
                await work.commit()

    async def change_password(self, token: str, present: str, new: str, now: datetime) -> SignedIn:
        """Another password; every other session of the member ends, and this one goes on under a new token.

        `present` is not asked of who has just signed in and has to change it. Raises SignInRefused ("over", "slow")
        and PasswordRefused.
        """
        async with self._store.read() as work:
            standing = await self.standing_in(work, token, now)
        if standing is None or standing.stage not in {Stage.FULL, Stage.CHANGE}:
            raise SignInRefused("over")
        check_password(new, standing.member.login, self.rules.password_length)
        hashed = await self._proved(standing, present, now)
        if await self._passwords.fits(hashed, new):
            raise PasswordRefused("same")
        return await self._save_password(standing.member, token, await self._passwords.hash(new), now)

    async def forget_ended(self, now: datetime) -> int:
        """Delete sessions whose time is over, and what was kept of tries for unknown logins; how many rows."""
        async with self._store.write() as work:
            rules = self.rules
            gone = await work.sessions.delete_before(began=now - rules.absolute, seen=now - rules.idle)
            gone += await work.values.delete_expired(now)
            await work.commit()
        return gone

    async def advance(self, work: "UnitOfWork", member: StaffMember, token: str, now: datetime) -> SignedIn:
        """The next stage after one that is done, under a new token. Commits nothing."""
        credentials = await work.staff.credentials(member.id)
        stage = self.rules.next_stage(member.role, credentials, proved=True)
        return await self._open(work, member, stage, now, instead_of=token, data={})

    async def count_try(self, work: "UnitOfWork", member: StaffMember, now: datetime) -> Credentials:
        """Count a try as a failure until `forgive`. Raises SignInRefused ("slow")."""
        seconds, credentials = await self._gate.pass_account(work, member, now)
        if seconds:
            raise SignInRefused("slow", seconds)
        return credentials

    async def forgive(self, work: "UnitOfWork", member: StaffMember, now: datetime) -> None:
        """The try was right."""
        await self._gate.forgive(work, member, now, wholly=True)

    async def _admitted(self, login: str, source: str, now: datetime) -> tuple[StaffMember | None, Credentials | None]:
        async with self._store.write() as work:
            seconds = await self._gate.pass_source(work, source, now)
            member = await work.staff.find_login(login)
            member = member if member and member.active else None
            credentials: Credentials | None = None
            if not seconds and member:
                seconds, credentials = await self._gate.pass_account(work, member, now)
            elif not seconds:
                seconds = await self._gate.pass_unknown(work, login, now)
            await work.commit()
        if seconds:
            log.info("staff.slowed", staff=member.id if member else "")
            raise SignInRefused("slow", seconds)
        return member, credentials

    async def _enter(self, member: StaffMember, hashed: str, renewed: str, now: datetime) -> SignedIn:
        """The password was right: open the stage that comes next."""
        async with self._store.write() as work:
            await work.staff.lock(member.id)
            credentials, present = await work.staff.credentials(member.id), await work.staff.find(member.id)
            if present is None or not present.active or credentials.password != hashed:
                raise SignInRefused("wrong")  # changed while the password was being computed
            if renewed != hashed:
                await work.staff.set_credentials(member.id, password=renewed)
            stage = self.rules.next_stage(present.role, credentials, proved=False)
            signed_in = await self._open(work, present, stage, now, instead_of="", data={"by": "password"})
            await work.commit()
        return signed_in

    async def _open(  # noqa: PLR0913 - what a session is made of
        self,
        work: "UnitOfWork",
        member: StaffMember,
        stage: Stage,
        now: datetime,
        *,
        instead_of: str,
        data: dict[str, str],
    ) -> SignedIn:
        if instead_of:
            await work.sessions.drop(instead_of)
        # A right password alone does not clear the failures where a code is still to come: guessing codes would.
        await self._gate.forgive(work, member, now, wholly=stage is not Stage.TOTP)
        token = secrets.token_urlsafe(32)
        session = StaffSession(staff=member.id, stage=stage, began_at=now, seen_at=now)
        await work.sessions.add(token, session)
        if stage is Stage.FULL:
            await work.staff.signed_in(member.id, now)
        if data:
            entry = AuditEntry(member.id, "staff.signed_in", member.id, data=data | {"stage": stage.value})
            await work.audit.append(entry)
        return SignedIn(token, stage)

    async def note_refusal(self, member: StaffMember | None, what: str) -> None:
        """A password or code was wrong: log it, and of an account that is there note it in the audit log too."""
        if member is None:
            log.info("staff.refused", staff="", what=what)
            return
        async with self._store.write() as work:
            await self.log_refusal(work, member, what)
            await work.commit()

    async def log_refusal(self, work: "UnitOfWork", member: StaffMember, what: str) -> None:
        """The same within a transaction that is open already; commits nothing."""
        log.info("staff.refused", staff=member.id, what=what)
        await work.audit.append(AuditEntry(member.id, "staff.refused", member.id, reason=what))
        if (await work.staff.credentials(member.id)).failures >= self.rules.lock_after:
            log.warning("staff.locked", staff=member.id)
            await work.audit.append(AuditEntry("system", "staff.locked", member.id))

    async def _proved(self, standing: Standing, present: str, now: datetime) -> str:
        """The hash of the present password, which who is not just signing in has to know."""
        member = standing.member
        async with self._store.write() as work:
            if standing.stage is Stage.CHANGE:
                return (await work.staff.credentials(member.id)).password
            credentials = await self.count_try(work, member, now)
            await work.commit()
        if not await self._passwords.fits(credentials.password, present):
            await self.note_refusal(member, "password")
            raise PasswordRefused("wrong")
        async with self._store.write() as work:
            await self.forgive(work, member, now)
            await work.commit()
        return credentials.password

    async def _save_password(self, member: StaffMember, token: str, hashed: str, now: datetime) -> SignedIn:
        async with self._store.write() as work:
            await work.staff.lock(member.id)
            if await self.standing_in(work, token, now) is None:
                raise SignInRefused("over")
            await work.staff.set_credentials(member.id, password=hashed, must_change=False)
            await work.sessions.drop_all(member.id)
            await work.audit.append(AuditEntry(member.id, "staff.password_changed", member.id))
            signed_in = await self.advance(work, member, "", now)
            await work.commit()
        return signed_in


def as_login(text: str) -> str:
    """The login as it is kept, however it was typed."""
    return unicodedata.normalize("NFKC", text).strip().casefold()
