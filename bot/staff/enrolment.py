"""Setting up the one-time code, and new recovery codes when the old ones are used up or lost.

Like signing in these open their own transactions, so the caller must have none open.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from bot.audit import AuditEntry
from bot.staff.accounts import Accounts, SignedIn, Standing
from bot.staff.errors import SignInRefused
from bot.staff.members import Stage
from bot.staff.one_time import as_typed, make_recovery_codes, make_secret, provisioning_uri, used_step

if TYPE_CHECKING:
    from bot.store.unit_of_work import SqlStore, UnitOfWork

_OFFERED = "totp_offered"


@dataclass(frozen=True, slots=True)
class Offer:
    """What is shown to somebody who sets up an authenticator: the secret to type, or the QR code of `uri`."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The session that goes on, and the recovery codes: shown this once."""

    signed_in: SignedIn
    recovery_codes: tuple[str, ...] = field(repr=False)


class Enrolment:
    """Lets a member who is signed in set up their one-time code. `issuer`: what the authenticator shows."""

    def __init__(self, *, store: "SqlStore", accounts: Accounts, issuer: str) -> None:
        self._store = store
        self._accounts = accounts
        self._issuer = issuer

    async def offer(self, token: str, now: datetime, code: str = "") -> Offer:
        """A new secret for this session; asked again it is the same. Raises SignInRefused.

        Who has set up a code already shows it by `code`, so that a browser left open cannot be used to replace it.
        """
        async with self._store.write() as work:
            standing = await self._allowed(work, token, now)
            secret = standing.session.data.get(_OFFERED, "")
            if not secret:
                await self._prove(work, standing, code, now)
                secret = make_secret()
                await work.sessions.remember(token, {**standing.session.data, _OFFERED: secret})
                await work.commit()
        return Offer(secret, provisioning_uri(secret, standing.member.login, self._issuer))

    async def finish(self, token: str, code: str, now: datetime) -> Enrolled:
        """The authenticator shows the right code: from now on it is asked for. Raises SignInRefused.

        Other sessions of the member end, and this one goes on under a new token.
        """
        async with self._store.write() as work:
            standing = await self._allowed(work, token, now)
            member, secret = standing.member, standing.session.data.get(_OFFERED, "")
            if not secret:
                raise SignInRefused("over")
            step = used_step(secret, as_typed(code), now, 0)
            if step is None:
                raise SignInRefused("wrong")
            await work.staff.lock(member.id)
            await work.staff.set_credentials(member.id, totp=secret, last_step=step)
            codes = await self._give_codes(work, standing)
            await work.sessions.drop_all(member.id)
            await work.audit.append(AuditEntry(member.id, "staff.totp_set", member.id))
            signed_in = await self._accounts.advance(work, member, "", now)
            await work.commit()
        return Enrolled(signed_in, codes)

    async def renew_recovery_codes(self, token: str, code: str, now: datetime) -> tuple[str, ...]:
        """New recovery codes instead of all old ones, for a right one-time code. Raises SignInRefused."""
        async with self._store.write() as work:
            standing = await self._allowed(work, token, now)
            await self._prove(work, standing, code, now)
            codes = await self._give_codes(work, standing)
            await work.audit.append(AuditEntry(standing.member.id, "staff.recovery_renewed", standing.member.id))
            await work.commit()
        return codes

    async def _allowed(self, work: "UnitOfWork", token: str, now: datetime) -> Standing:
        standing = await self._accounts.standing_in(work, token, now)
        if standing is None or standing.stage not in {Stage.FULL, Stage.ENROLL}:
            raise SignInRefused("over")
        return standing

    async def _prove(self, work: "UnitOfWork", standing: Standing, code: str, now: datetime) -> None:
        """The code that is set up, where one is; a wrong one is counted, and what is counted is committed."""
        member = standing.member
        if (await work.staff.credentials(member.id)).totp is None:
            return
        credentials = await self._accounts.count_try(work, member, now)
        if not await self._accounts.codes.use(work, member, credentials, code, now):
            await self._accounts.log_refusal(work, member, "code")
            await work.commit()
            raise SignInRefused("wrong")
        await self._accounts.forgive(work, member, now)

    async def _give_codes(self, work: "UnitOfWork", standing: Standing) -> tuple[str, ...]:
        codes = make_recovery_codes()
        id = standing.member.id
        hashes = [self._accounts.codes.recovery_hash(id, code) for code in codes]
        await work.staff.set_credentials(id, recovery_codes=hashes)
        return codes
