"""Members of staff as values: the account, what proves who somebody is, a session, a saved view."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.complaints.roles import Viewer
from bot.roles import Role

STAFF_ROLES = tuple(role for role in Role if role is not Role.WORKER)
"""The roles an account may have."""


class Stage(StrEnum):
    """How far somebody has come in signing in. Only FULL opens anything."""

    TOTP = "totp"  # the password was right, the one-time code is still to come
    CHANGE = "change"  # the password has to be changed first
    ENROLL = "enroll"  # a one-time code has to be set up first
    FULL = "full"


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffMember:
    """One account, without what proves who somebody is. wecom: the userid by which the group robot mentions them."""

    id: str
    login: str
    name: str = field(repr=False)
    role: Role
    districts: frozenset[str] = frozenset()
    active: bool = True
    mail: str = field(default="", repr=False)
    wecom: str = field(default="", repr=False)
    last_login_at: datetime | None = None

    def viewer(self, receipt_for: str = "") -> Viewer:
        """Who asks, for the table of roles. `receipt_for`: the case whose receipt a caller read out."""
        return Viewer(role=self.role, id=self.id, districts=self.districts, receipt_for=receipt_for, active=self.active)


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """What proves who somebody is, and what went wrong of late.

    password: an Argon2id hash. totp: the secret, None where none is set up. last_step: the latest time step whose
    code was used. recovery_codes: keyed hashes of those not yet used.
    """

    password: str = field(repr=False)
    must_change: bool = False
    totp: str | None = field(default=None, repr=False)
    last_step: int = 0
    recovery_codes: tuple[str, ...] = field(default=(), repr=False)
    failures: int = 0
    locked_until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffSession:
    """One signed-in browser. `data`: what the console remembers of it."""

    staff: str
    stage: Stage
    began_at: datetime
    seen_at: datetime
    data: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class SavedView:
    """A named filter of the case list."""

    id: int
    name: str
    filter: Mapping[str, str] = field(repr=False)
