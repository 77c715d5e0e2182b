"""Accounts of staff. Name, address of mail and TOTP secret are sealed; the password comes in as a hash."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.vault import sealed_context
from bot.keyring import KeyRing
from bot.roles import Role
from bot.staff.errors import LoginTaken, UnknownStaff
from bot.staff.members import Credentials, StaffMember
from bot.store.staff_tables import StaffRow

_TABLE = StaffRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_PROFILE = ("name", "mail", "wecom")
_OPEN_FIELDS = frozenset({"role", "districts", "active"})


class Staff:
    """The rows of `staff`."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection = connection
        self._keys = keys

    async def add(self, member: StaffMember, password: str, now: datetime, *, must_change: bool = True) -> None:
        """Keep a new account with the hash of its password. Raises LoginTaken; the transaction is then over."""
        row = {
            "id": member.id,
            "login": member.login,
            "role": member.role.value,
            "districts": _joined(member.districts),
            "active": member.active,
            "profile": self._sealed_profile(member),
            "password": password,
            "must_change": must_change,
            "totp_last_step": 0,
            "recovery_codes": "[]",
            "failures": 0,
            "made_at": now,
            "changed_at": now,
        }
        try:
            await self._connection.execute(insert(_TABLE), row)
        except IntegrityError:
            raise LoginTaken(member.login) from None

    async def find(self, id: str) -> StaffMember | None:
        """The account of that id."""
        row = (await self._connection.execute(select(_TABLE).where(_TABLE.c.id == id))).one_or_none()
        return self._member(row) if row else None

    async def find_login(self, login: str) -> StaffMember | None:
        """The account of that login, in the form in which logins are kept."""
        row = (await self._connection.execute(select(_TABLE).where(_TABLE.c.login == login))).one_or_none()
        return self._member(row) if row else None

    async def all(self, *, active_only: bool = False) -> list[StaffMember]:
        """Every account, by login."""
        query = select(_TABLE).order_by(_TABLE.c.login)
        rows = await self._connection.execute(query.where(_TABLE.c.active) if active_only else query)
        return [self._member(row) for row in rows]

    async def of_role(self, role: Role, district: str = "") -> list[StaffMember]:
        """The active accounts of a role, with a district those of that district; by login."""
        members = [member for member in await self.all(active_only=True) if member.role is role]
        return [member for member in members if not district or district in member.districts]

    async def change(self, id: str, now: datetime, **fields: Any) -> StaffMember:
        """Change fields of the account: name, role, districts, active, mail, wecom. Raises UnknownStaff."""
        member = await self._locked(id)
        values: dict[str, Any] = {name: fields.pop(name) for name in _OPEN_FIELDS & fields.keys()}
        if "districts" in values:
            values["districts"] = _joined(values["districts"])
        if "role" in values:
            values["role"] = Role(values["role"]).value
        if fields:
            profile = {name: getattr(member, name) for name in _PROFILE}
            if unknown := fields.keys() - profile.keys():
                raise TypeError(f"an account has no {', '.join(sorted(unknown))} to change")
            values["profile"] = self._sealed(profile | fields, id)
        await self._connection.execute(update(_TABLE).where(_TABLE.c.id == id).values(**values, changed_at=now))
        return await self._locked(id)

    async def signed_in(self, id: str, now: datetime) -> None:
        """The member has just signed in."""
        await self._connection.execute(update(_TABLE).where(_TABLE.c.id == id).values(last_login_at=now))

    async def credentials(self, id: str) -> Credentials:
        """What proves who the member is; where others write as well they wait. Raises UnknownStaff, CannotOpen."""
        query = select(_TABLE).where(_TABLE.c.id == id)
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            raise UnknownStaff
        totp = self._keys.open(row.totp, _totp_context(id)).decode() if row.totp is not None else None
        return Credentials(
            password=row.password,
            must_change=row.must_change,
            totp=totp,
            last_step=row.totp_last_step,
            recovery_codes=tuple(json.loads(row.recovery_codes)),
            failures=row.failures,
            locked_until=row.locked_until,
        )

    async def lock(self, id: str) -> None:
        """Nobody else changes this account until the transaction ends: what is read from here on stays true."""
        await self._locked(id)

    async def set_credentials(self, id: str, **fields: Any) -> None:
        """Change fields of `Credentials`."""
        values: dict[str, Any] = dict(fields)
        if "totp" in values and values["totp"] is not None:
            values["totp"] = self._keys.seal(values["totp"].encode(), _totp_context(id))
        if "last_step" in values:
            values["totp_last_step"] = values.pop("last_step")
        if "recovery_codes" in values:
            values["recovery_codes"] = json.dumps(list(values["recovery_codes"]))
        await self._connection.execute(update(_TABLE).where(_TABLE.c.id == id).values(**values))

    async def _locked(self, id: str) -> StaffMember:
        query = select(_TABLE).where(_TABLE.c.id == id).with_for_update()
        row = (await self._connection.execute(query)).one_or_none()
        if row is None:
            raise UnknownStaff
        return self._member(row)

    def _member(self, row: Row[Any]) -> StaffMember:
        profile: dict[str, str] = json.loads(
            self._keys.open(row.profile, sealed_context("staff", "profile", row.id)).decode()
        )
        return StaffMember(
            id=row.id,
            login=row.login,
            role=Role(row.role),
            districts=frozenset(row.districts.split()),
            active=row.active,
            last_login_at=row.last_login_at,
            **profile,
        )

    def _sealed_profile(self, member: StaffMember) -> bytes:
        return self._sealed({name: getattr(member, name) for name in _PROFILE}, member.id)

    def _sealed(self, profile: Mapping[str, str], id: str) -> bytes:
        text = json.dumps(dict(profile), ensure_ascii=False)
        return self._keys.seal(text.encode(), sealed_context("staff", "profile", id))


def _joined(districts: frozenset[str]) -> str:
    return " ".join(sorted(districts))


def _totp_context(id: str) -> str:
    return sealed_context("staff", "totp", id)
