"""Makes the services of staff from the settings."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.roles import Role
from bot.settings import Settings
from bot.staff.accounts import Accounts
from bot.staff.directory import Directory
from bot.staff.enrolment import Enrolment
from bot.staff.passwords import Passwords
from bot.staff.sign_in_rules import SignInRules, parse_networks

if TYPE_CHECKING:
    from bot.keyring import KeyRing
    from bot.store.unit_of_work import SqlStore


@dataclass(frozen=True, slots=True)
class StaffServices:
    """Everything about accounts of staff."""

    accounts: Accounts
    enrolment: Enrolment
    directory: Directory


def make_staff(
    settings: Settings, store: "SqlStore", keys: "KeyRing", passwords: Passwords | None = None
) -> StaffServices:
    """The services of one installation."""
    passwords = passwords or Passwords()
    accounts = Accounts(store=store, keys=keys, rules=make_rules(settings), passwords=passwords)
    districts = [district.id for district in settings.complaints.districts]
    return StaffServices(
        accounts=accounts,
        enrolment=Enrolment(store=store, accounts=accounts, issuer=settings.federation.short_name),
        directory=Directory(store=store, passwords=passwords, districts=districts),
    )


def make_rules(settings: Settings) -> SignInRules:
    """The rules of signing in as the installation has set them."""
    staff = settings.staff
    return SignInRules(
        totp_for=frozenset(Role) if staff.totp_required else frozenset(),
        idle=timedelta(minutes=staff.idle_minutes),
        absolute=timedelta(hours=staff.session_hours),
        lock_after=staff.lock_after,
        lock_for=timedelta(minutes=staff.lock_minutes),
        source_attempts=staff.attempts_per_hour,
        networks=parse_networks(staff.networks),
        password_length=staff.password_length,
    )
