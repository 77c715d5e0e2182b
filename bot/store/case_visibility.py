"""Who may see a case in a list, as SQL: the same as `roles.may(viewer, Action.SEE_ROW, case)`, tested case by case.

It is made from the table of roles, so that a grant changed there is changed here. What a worker chose forbids
nothing about rows, as `SEE_ROW` is none of the actions that `roles` withholds for it.
"""

from collections.abc import Callable, Mapping

from sqlalchemy import ColumnElement, and_, false, not_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.roles import TABLE, Action, Reach, Viewer
from bot.roles import Role
from bot.store.case_tables import CaseRow
from bot.store.encoding import holds_code

_CASES = CaseRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time

Condition = ColumnElement[bool]


def visible(connection: AsyncConnection, viewer: Viewer) -> Condition:
    """The rows of `complaint_case` that the viewer may see in a list."""
    reaches = TABLE[viewer.role].get(Action.SEE_ROW, frozenset())
    if not viewer.active or not reaches:
        return false()
    reached: Condition = or_(
        false(), *(_REACHES[reach](connection, viewer) for reach in sorted(reaches) if reach in _REACHES)
    )
    return reached if viewer.role is Role.WORKER else and_(reached, _open_to(connection, viewer))


def handled_by(connection: AsyncConnection, staff: str) -> Condition:
    """The rows that this account owns or helps with."""
    if not staff:
        return false()
    if connection.dialect.name == "postgresql":  # joins what it finds by each of the indexes
        return or_(
            _CASES.c.owner == staff, and_(_CASES.c.helpers != "", holds_code(connection, _CASES.c.helpers, staff))
        )
    # Few rows have helpers, and an index holds just those: they are looked through first, by themselves.
    helped = _CASES.alias("helped")
    found = select(helped.c.id).where(helped.c.helpers != "", holds_code(connection, helped.c.helpers, staff))
    return or_(_CASES.c.owner == staff, _CASES.c.id.in_(found))


def unassigned() -> Condition:
    """The rows that nobody handles."""
    return and_(_CASES.c.owner == "", _CASES.c.helpers == "")


def _open_to(connection: AsyncConnection, viewer: Viewer) -> Condition:
    about_them = holds_code(connection, _CASES.c.concerns, viewer.id) if viewer.id else false()
    if viewer.role is Role.SUPERVISOR:
        return not_(about_them)
    return and_(not_(_CASES.c.about_union_staff), not_(_CASES.c.quarantined), not_(about_them))


def _in_districts(_: AsyncConnection, viewer: Viewer) -> Condition:
    within: Condition = _CASES.c.district.in_(sorted(viewer.districts))
    return within


def _logged(_: AsyncConnection, viewer: Viewer) -> Condition:
    return and_(_CASES.c.logged_by == viewer.id, unassigned()) if viewer.id else false()


_REACHES: Mapping[Reach, Callable[[AsyncConnection, Viewer], Condition]] = {
    Reach.EVERY: lambda *_: true(),
    Reach.DISTRICT: _in_districts,
    Reach.UNASSIGNED: lambda connection, viewer: and_(_in_districts(connection, viewer), unassigned()),
    Reach.ASSIGNED: lambda connection, viewer: handled_by(connection, viewer.id),
    Reach.RECEIPT: lambda _, viewer: _CASES.c.id == viewer.receipt_for if viewer.receipt_for else false(),
    Reach.CALL_BACK: lambda *_: _CASES.c.call_back_due,
    Reach.LOGGED: _logged,
}
