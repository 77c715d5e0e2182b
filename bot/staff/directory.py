"""The register of staff: accounts made, changed, reset and shut, each with its line in the audit log.

Methods open their own transactions. Accounts are never deleted, as the log names them: they are shut.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bot.audit import AuditEntry
from bot.roles import Role
from bot.staff.accounts import as_login
from bot.staff.errors import StaffRefused, UnknownStaff
from bot.staff.members import STAFF_ROLES, StaffMember
from bot.staff.passwords import Passwords, make_password

if TYPE_CHECKING:
    from bot.store.unit_of_work import SqlStore

COMMAND_LINE = "operator"
"""Who acts at the terminal of the server, where nobody is signed in."""

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
_LONGEST = 64
_ENDS_SESSIONS = frozenset({"role", "active", "districts"})


@dataclass(frozen=True, slots=True)
class NewPassword:
    """An account and the password for its first time, to be shown once to whoever made it."""

    member: StaffMember
    password: str = field(repr=False)


class Directory:
    """Looks after the accounts. `districts`: the ids that the configuration knows."""

    def __init__(self, *, store: "SqlStore", passwords: Passwords, districts: Collection[str]) -> None:
        self._store = store
        self._passwords = passwords
        self._districts = frozenset(districts)

    async def members(self) -> list[StaffMember]:
        """Every account, by login."""
        async with self._store.read() as work:
            return await work.staff.all()

    async def add(  # noqa: PLR0913 - an account is made of that much, all named
        self,
        *,
        login: str,
        name: str,
        role: Role,
        by: str,
        now: datetime,
        districts: Collection[str] = (),
        mail: str = "",
        wecom: str = "",
    ) -> NewPassword:
        """Make an account with a password for its first time. Raises StaffRefused, LoginTaken."""
        member = StaffMember(
            id=uuid4().hex,
            login=as_login(login),
            name=name.strip(),
            role=role,
            districts=frozenset(districts),
            mail=mail.strip(),
            wecom=wecom.strip(),
        )
        self._check(member)
        password = make_password()
        hashed = await self._passwords.hash(password)
        async with self._store.write() as work:
            await work.staff.add(member, hashed, now)
            data = {"role": role.value, "districts": " ".join(sorted(member.districts))}
            await work.audit.append(AuditEntry(by, "staff.added", member.id, data=data))
            await work.commit()
        return NewPassword(member, password)

    async def reset(self, id: str, *, by: str, now: datetime, keep_totp: bool = False) -> NewPassword:
        """A new password for its first time, no waiting any more, one-time codes to be set up anew; sessions end.

        Raises UnknownStaff.
        """
        password = make_password()
        hashed = await self._passwords.hash(password)
        anew: dict[str, Any] = {} if keep_totp else {"totp": None, "last_step": 0, "recovery_codes": ()}
        async with self._store.write() as work:
            member = await work.staff.change(id, now)
            await work.staff.set_credentials(
                id, password=hashed, must_change=True, failures=0, locked_until=None, **anew
            )
            await work.sessions.drop_all(id)
            data = {"totp": "kept" if keep_totp else "removed"}
            await work.audit.append(AuditEntry(by, "staff.reset", id, data=data))
            await work.commit()
        return NewPassword(member, password)

    async def change(self, id: str, *, by: str, now: datetime, **fields: Any) -> StaffMember:
        """Change name, role, districts, active, mail or wecom; with a change of what may be done sessions end.

        Raises UnknownStaff, and StaffRefused for what cannot be, as an installation without an administrator.
        """
        async with self._store.write() as work:
            before = await work.staff.find(id)
            if before is None:
                raise UnknownStaff
            after = await work.staff.change(id, now, **fields)
            self._check(after, known=before.districts)
            if _is_administrator(before) and not await work.staff.of_role(Role.ADMINISTRATOR):
                raise StaffRefused("last_administrator")
            changed = sorted(name for name in fields if getattr(before, name) != getattr(after, name))
            if _ENDS_SESSIONS & set(changed):
                await work.sessions.drop_all(id)
            if changed:
                await work.audit.append(AuditEntry(by, "staff.changed", id, data=_told(after, changed)))
            await work.commit()
        return after

    async def unlock(self, id: str, *, by: str) -> None:
        """Let an account that waits after wrong tries sign in at once. Raises UnknownStaff."""
        async with self._store.write() as work:
            await work.staff.lock(id)
            await work.staff.set_credentials(id, failures=0, locked_until=None)
            await work.audit.append(AuditEntry(by, "staff.unlocked", id))
            await work.commit()

    async def end_sessions(self, id: str, *, by: str) -> int:
        """Sign a member out everywhere; how many sessions that were."""
        async with self._store.write() as work:
            ended = await work.sessions.drop_all(id)
            await work.audit.append(AuditEntry(by, "staff.sessions_ended", id, data={"sessions": str(ended)}))
            await work.commit()
        return ended

    def _check(self, member: StaffMember, known: frozenset[str] = frozenset()) -> None:
        if not _LOGIN.fullmatch(member.login):
            raise StaffRefused("login")
        if not 0 < len(member.name) <= _LONGEST:
            raise StaffRefused("name")
        if member.role not in STAFF_ROLES:
            raise StaffRefused("role")
        # a district that was taken out of the configuration may stay with whoever has it
        unknown = member.districts - self._districts - known if self._districts else frozenset[str]()
        if unknown or (member.role is Role.CADRE and not member.districts):
            raise StaffRefused("districts")


def _is_administrator(member: StaffMember) -> bool:
    return member.active and member.role is Role.ADMINISTRATOR


def _told(member: StaffMember, changed: list[str]) -> dict[str, str]:
    """What the log says of a change: codes as they are now, of the rest only that it changed."""
    told = {"fields": " ".join(changed)}
    if "role" in changed:
        told["role"] = member.role.value
    if "districts" in changed:
        told["districts"] = " ".join(sorted(member.districts))
    if "active" in changed:
        told["active"] = "yes" if member.active else "no"
    return told
