"""Lists of cases: conditions, order, pages and counts, quick with a hundred thousand of them.

A page is found by its ids first, so that what is sorted is narrow, and only its own rows are read whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from datetime import time as clock_time

from sqlalchemy import ColumnElement, and_, case, false, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import SHANGHAI
from bot.complaints.case_filter import OVERDUE, SORTS, CaseFilter
from bot.complaints.cases import Case
from bot.complaints.roles import Viewer
from bot.store.case_rows import case_of
from bot.store.case_tables import BlindIndexRow, CaseRow
from bot.store.case_visibility import Condition, handled_by, unassigned, visible

_CASES = CaseRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_BLIND = BlindIndexRow.__table__  # type: ignore[attr-defined]  # see above

_SORT_COLUMNS: Mapping[str, str] = {name: name for name in SORTS} | {"people": "people_low", "money": "money_low"}
_MAY_BE_EMPTY = frozenset({"people", "money", "next_due"})


def conditions(connection: AsyncConnection, viewer: Viewer, wanted: CaseFilter) -> list[Condition]:
    """What the rows that the viewer may see and wants to see have in common."""
    seen = visible(connection, viewer)
    if connection.dialect.name == "sqlite":
        # Looked at row by row, and no way to find rows: SQLite would fetch every case of a district from here and
        # there, when `ix_complaint_case_lists` holds in a row all that is asked of it, and other indexes find fewer.
        seen = case((seen, true()), else_=false())
    return [seen, *_chosen(wanted), *_flagged(wanted), *_handled(connection, wanted)]


def order(connection: AsyncConnection, sort: str, *, descending: bool) -> list[ColumnElement[object]]:
    """The order of a list, the same every time. Raises ValueError for an unknown name."""
    if sort not in SORTS:
        raise ValueError(f"cases are not sorted by {sort!r}")
    column = _CASES.c[_SORT_COLUMNS[sort]]
    directed = [column, _CASES.c.registered_at, _CASES.c.id] if sort != "registered_at" else [column, _CASES.c.id]
    ordered = [one.desc() if descending else one.asc() for one in directed]
    if sort not in _MAY_BE_EMPTY:
        return ordered
    if connection.dialect.name == "postgresql":  # knows this order from its indexes, and the other from none
        return [ordered[0].nulls_last(), *ordered[1:]]
    return [column.is_(None), *ordered]


async def count(connection: AsyncConnection, where: Sequence[Condition]) -> int:
    """How many rows fulfil all of it."""
    query = select(func.count()).select_from(_CASES).where(*where)
    found: int = (await connection.execute(query)).scalar_one()
    return found


async def page(
    connection: AsyncConnection,
    where: Sequence[Condition],
    ordered: Sequence[ColumnElement[object]],
    offset: int,
    limit: int,
) -> list[Case]:
    """The cases of one page in their order."""
    query = select(_CASES.c.id).where(*where).order_by(*ordered).offset(offset).limit(limit)
    ids = list((await connection.execute(query)).scalars())
    rows = await connection.execute(select(_CASES).where(_CASES.c.id.in_(ids)))
    found = {row.id: case_of(row) for row in rows}
    return [found[case_id] for case_id in ids if case_id in found]


async def clusters(
    connection: AsyncConnection, column: ColumnElement[str], since: datetime, least: int
) -> dict[str, list[Case]]:
    """Cases registered since then by that column, where at least so many have the same value."""
    recent = [_CASES.c.registered_at >= since, column != ""]
    shared = select(column).where(*recent).group_by(column).having(func.count() >= least)
    query = select(_CASES).where(*recent, column.in_(shared)).order_by(_CASES.c.registered_at, _CASES.c.id)
    found: dict[str, list[Case]] = {}
    for row in await connection.execute(query):
        found.setdefault(row._mapping[column], []).append(case_of(row))  # noqa: SLF001 - SQLAlchemy's public name
    return found


def _chosen(wanted: CaseFilter) -> Iterator[Condition]:
    for name, values in (
        ("state", wanted.states),
        ("category", wanted.categories),
        ("district", wanted.districts),
        ("nature", wanted.natures),
        ("confidentiality", wanted.confidentiality),
    ):
        if values:
            yield _CASES.c[name].in_(sorted(map(str, values)))
    for name, value in (("owner", wanted.owner), ("employer", wanted.employer), ("site", wanted.site)):
        if value:
            yield _CASES.c[name] == value
    if wanted.number:
        yield _CASES.c.number.startswith(wanted.number, autoescape=True)
    if wanted.phone_hashes:
        hashed = and_(_BLIND.c.kind == "phone", _BLIND.c.hash.in_(wanted.phone_hashes))
        yield _CASES.c.id.in_(select(_BLIND.c.subject).where(hashed))


def _flagged(wanted: CaseFilter) -> Iterator[Condition]:
    for name in ("urgent", "collective", "call_back_due"):
        if getattr(wanted, name):
            yield _CASES.c[name]
    if wanted.quarantined is not None:
        yield _CASES.c.quarantined if wanted.quarantined else ~_CASES.c.quarantined
    if wanted.due == OVERDUE:
        yield _CASES.c.next_due < wanted.today
    elif wanted.due:
        yield and_(_CASES.c.warn_on <= wanted.today, _CASES.c.next_due >= wanted.today)


def _handled(connection: AsyncConnection, wanted: CaseFilter) -> Iterator[Condition]:
    if wanted.mine:
        yield handled_by(connection, wanted.mine)
    if wanted.unassigned:
        yield unassigned()
    day = timedelta(days=1)
    if wanted.registered_from:
        yield _CASES.c.registered_at >= datetime.combine(wanted.registered_from, clock_time.min, SHANGHAI)
    if wanted.registered_to:
        yield _CASES.c.registered_at < datetime.combine(wanted.registered_to + day, clock_time.min, SHANGHAI)
