"""What tables of notices have in common: claiming what is due, and writing down what came of it.

The claim is the intent, committed before anything is sent. Who claimed a notice and never said what came of it leaves
one of which nobody knows whether it went out: that is what it becomes, and it is not claimed again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.notices import Sending

LEASE = timedelta(minutes=5)
"""Who claims a notice has so long to send it, and no sending takes as long."""

LATEST = timedelta(days=2)
"""What could not even be tried for so long after it was due is not news any more."""

INTERRUPTED, EXPIRED = "interrupted", "expired"
"""Why a notice was given up without anybody having refused it."""

_LONGEST_ERROR = 255
_OVER = (Sending.SENT.value, Sending.FAILED.value, Sending.UNKNOWN.value)


async def claim_due(
    connection: AsyncConnection, table: Table, now: datetime, limit: int, where: Sequence[ColumnElement[bool]] = ()
) -> list[Row[Any]]:
    """Claim what is due for whoever asks, and for nobody else."""
    c = table.c
    due = select(c.id).where(_is_due(table, now), *where).order_by(c.next_at, c.id).limit(limit)
    # Other processes pass over rows that somebody is just claiming; SQLite has one writer anyway.
    ids = (await connection.execute(due.with_for_update(skip_locked=True))).scalars().all()
    if not ids:
        return []
    claimed = {"state": Sending.CLAIMED.value, "attempts": c.attempts + 1, "next_at": now + LEASE}
    await connection.execute(update(table).where(c.id.in_(ids)).values(**claimed))
    rows = await connection.execute(select(table).where(c.id.in_(ids)).order_by(c.made_at, c.id))
    return list(rows.all())


async def first_due(
    connection: AsyncConnection, table: Table, now: datetime, where: Sequence[ColumnElement[bool]] = ()
) -> Row[Any] | None:
    """What has been due longest and nobody is just claiming; it cannot be claimed by anybody else meanwhile."""
    due = select(table).where(_is_due(table, now), *where).order_by(table.c.next_at, table.c.id).limit(1)
    return (await connection.execute(due.with_for_update(skip_locked=True))).one_or_none()


async def give_up(connection: AsyncConnection, table: Table, now: datetime) -> list[Row[Any]]:
    """Let what somebody began to send and left be unknown, and what waited too long fail; what it was."""
    c = table.c
    left = and_(c.state == Sending.CLAIMED.value, c.next_at <= now)
    unknown = {"state": Sending.UNKNOWN.value, "next_at": None, "error": INTERRUPTED}
    late = and_(c.state == Sending.PLANNED.value, c.next_at < now - LATEST)
    failed = {"state": Sending.FAILED.value, "next_at": None, "error": EXPIRED}
    given_up: list[Row[Any]] = []
    for which, values in ((left, unknown), (late, failed)):
        rows = await connection.execute(update(table).where(which).values(**values).returning(table))
        given_up += rows.all()
    return given_up


async def finish(  # noqa: PLR0913 - one row's outcome, all named
    connection: AsyncConnection,
    table: Table,
    id: str,
    now: datetime,
    *,
    error: str,
    retry_at: datetime | None,
    unknown: bool,
) -> None:
    """Write down what came of it: sent, to be tried again at that time, unknown, or given up. Safe to repeat."""
    values: dict[str, Any]
    if not error:
        values = {"state": Sending.SENT.value, "sent_at": now, "next_at": None, "error": ""}
    elif retry_at is not None:
        values = {"state": Sending.PLANNED.value, "next_at": retry_at, "error": error[:_LONGEST_ERROR]}
    else:
        state = Sending.UNKNOWN if unknown else Sending.FAILED
        values = {"state": state.value, "next_at": None, "error": error[:_LONGEST_ERROR]}
    still_claimed = and_(table.c.id == id, table.c.state == Sending.CLAIMED.value)
    await connection.execute(update(table).where(still_claimed).values(**values))


def is_over(table: Table, before: datetime) -> ColumnElement[bool]:
    """The notices that are done with and older than that."""
    return and_(table.c.state.in_(_OVER), table.c.made_at < before)


def is_given_up(table: Table) -> ColumnElement[bool]:
    """The notices that failed for good, and those of which nobody knows."""
    return or_(table.c.state == Sending.FAILED.value, table.c.state == Sending.UNKNOWN.value)


def _is_due(table: Table, now: datetime) -> ColumnElement[bool]:
    return and_(table.c.state == Sending.PLANNED.value, table.c.next_at <= now)
