"""What of a statement can be found without opening it: the exact phone number, by keyed hash."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from bot.complaints.cases import Statement
from bot.complaints.desk.employer_names import named_site
from bot.complaints.worker.phones import phone_digits
from bot.keyring import KeyRing

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

PHONE = "phone"
"""The kind of the blind index; its subjects are cases."""


def site_key(keys: KeyRing, form: str) -> str:
    """What stands for a site in the open: the same for the same place, useless without the key; empty for no form."""
    return keys.hash("site", form) if form else ""


def said_site(keys: KeyRing, statement: Statement, areas: Collection[str]) -> str:
    """The key of the site that the worker named, so that the radar sees it before triage; empty for none or many."""
    return site_key(keys, named_site(statement.site, areas))


async def index_statement(work: "UnitOfWork", keys: KeyRing, case_id: str, statement: Statement) -> None:
    """Let the case be found by the phone of this statement, and no longer by that of an earlier one. Repeatable."""
    await work.blind.drop(PHONE, case_id)
    await index_first_statement(work, keys, case_id, statement)


async def index_first_statement(work: "UnitOfWork", keys: KeyRing, case_id: str, statement: Statement) -> None:
    """As `index_statement`, for a case that cannot be found by anything yet."""
    if digits := phone_digits(statement.phone):
        await work.blind.put(PHONE, keys.index(PHONE, digits), case_id)
