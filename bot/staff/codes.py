"""Codes of members: using one up, so that none is good twice."""

from datetime import datetime
from typing import TYPE_CHECKING

from bot.staff.members import Credentials, StaffMember
from bot.staff.one_time import as_typed, used_step

if TYPE_CHECKING:
    from bot.keyring import KeyRing
    from bot.store.unit_of_work import UnitOfWork


class Codes:
    """Looks at one-time and recovery codes. The caller holds the lock of the account and commits."""

    def __init__(self, keys: "KeyRing") -> None:
        self._keys = keys

    async def use(
        self, work: "UnitOfWork", member: StaffMember, credentials: Credentials, code: str, now: datetime
    ) -> str:
        """Use a code up: "totp" or "recovery" by what it was, "" when it is not right."""
        if credentials.totp is None:
            return ""
        typed = as_typed(code)
        step = used_step(credentials.totp, typed, now, credentials.last_step)
        if step is not None:
            await work.staff.set_credentials(member.id, last_step=step)
            return "totp"
        hashed = self.recovery_hash(member.id, typed)
        if hashed not in credentials.recovery_codes:
            return ""
        left = [kept for kept in credentials.recovery_codes if kept != hashed]
        await work.staff.set_credentials(member.id, recovery_codes=left)
        return "recovery"

    def recovery_hash(self, staff: str, code: str) -> str:
        """Under what a recovery code is kept."""
        return self._keys.hash("staff.recovery", f"{staff}\0{as_typed(code)}")
