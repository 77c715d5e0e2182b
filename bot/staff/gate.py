"""What slows down whoever guesses: tries are counted before they are looked at, so that many at once gain nothing.

An account is counted in its own row; a login that nobody has is counted just the same elsewhere, so that the
answers tell nothing. Past the limit for one source every try from there waits, whatever the account.
"""

import json
import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.staff.members import Credentials, StaffMember
from bot.staff.sign_in_rules import FORGIVEN_AFTER, SignInRules, Tries

if TYPE_CHECKING:
    from bot.keyring import KeyRing
    from bot.store.unit_of_work import UnitOfWork

ATTEMPTS = "sign_in"
"""The kind under which tries from one source are counted."""

WINDOW = timedelta(hours=1)


class Gate:
    """Counts and makes wait. Its methods commit nothing; what they count stays only if the caller commits."""

    def __init__(self, keys: "KeyRing", rules: SignInRules) -> None:
        self._keys = keys
        self._rules = rules

    async def pass_source(self, work: "UnitOfWork", source: str, now: datetime) -> int:
        """Count one try from there; the seconds to wait, 0 when it may go on."""
        began = now.replace(minute=0, second=0, microsecond=0)
        tries = await work.attempts.count(ATTEMPTS, self._keys.hash("sign_in.source", source), began)
        return 0 if tries <= self._rules.source_attempts else math.ceil((began + WINDOW - now).total_seconds())

    async def pass_account(self, work: "UnitOfWork", member: StaffMember, now: datetime) -> tuple[int, Credentials]:
        """Count one try as a failure; the seconds to wait (nothing is counted then), and what proves who it is."""
        await work.staff.lock(member.id)
        credentials = await work.staff.credentials(member.id)
        tries = Tries(credentials.failures, credentials.locked_until)
        if seconds := tries.seconds_left(now):
            return seconds, credentials
        tries = tries.one_more(self._rules, now)
        await work.staff.set_credentials(member.id, failures=tries.failures, locked_until=tries.until)
        return 0, credentials

    async def pass_unknown(self, work: "UnitOfWork", login: str, now: datetime) -> int:
        """Count one try for a login that nobody has; the seconds to wait."""
        name = f"{ATTEMPTS}:{self._keys.hash('sign_in.login', login)}"
        tries = _parsed(await work.values.find(name, now))
        if seconds := tries.seconds_left(now):
            return seconds
        tries = tries.one_more(self._rules, now)
        await work.values.save(name, _rendered(tries), now, expires_at=(tries.until or now) + FORGIVEN_AFTER)
        return 0

    async def forgive(self, work: "UnitOfWork", member: StaffMember, now: datetime, *, wholly: bool) -> None:
        """The last try was right: it does not count, and once somebody is signed in the others do not either."""
        credentials = await work.staff.credentials(member.id)
        tries = Tries() if wholly else Tries(credentials.failures).one_less(now)
        await work.staff.set_credentials(member.id, failures=tries.failures, locked_until=tries.until)


def _rendered(tries: Tries) -> str:
    return json.dumps([tries.failures, tries.until.isoformat() if tries.until else None])


def _parsed(text: str | None) -> Tries:
    if text is None:
        return Tries()
    failures, until = json.loads(text)
    return Tries(failures, datetime.fromisoformat(until) if until else None)
