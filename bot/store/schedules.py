"""When posts go out: rows that the clock is compared with. Nothing of it lives in a process."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.publishing.deliveries import DeliveryState
from bot.publishing.errors import Changed
from bot.publishing.ledger_errors import UnknownSchedule
from bot.publishing.schedules import Schedule, ScheduleState, parse_rule, rule_document
from bot.store.columns import UtcDateTime
from bot.store.encoding import read_codes, read_mapping, write_codes, write_mapping
from bot.store.later import ask
from bot.store.publishing_tables import DeliveryRow, ScheduleRow

_TABLE = ScheduleRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_ACTIVE = _TABLE.c.state == ScheduleState.ACTIVE.value
_DELIVERY = DeliveryRow.__table__.c  # type: ignore[attr-defined]  # SQLModel adds it at run time
_NOW, _DUE_BEFORE = (bindparam(name, type_=UtcDateTime) for name in ("now", "due_before"))
_IS_DUE = select(
    select(_TABLE.c.id).where(_ACTIVE, _TABLE.c.next_at <= _NOW).exists(),
    select(_DELIVERY.id)
    .where(
        _DELIVERY.state == DeliveryState.PLANNED.value, or_(_DELIVERY.next_at <= _NOW, _DELIVERY.due_at < _DUE_BEFORE)
    )
    .exists(),
)


class Schedules:
    """The rows of `post_schedule`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, schedule: Schedule) -> None:
        """Keep a new schedule."""
        await self.add_all([schedule])

    async def add_all(self, schedules: list[Schedule]) -> None:
        """Keep new schedules."""
        rows = [
            {
                "id": schedule.id,
                "post": schedule.post,
                "by": schedule.by,
                "made_at": schedule.made_at,
                "version": schedule.version,
                **_columns(
                    rule=schedule.rule,
                    channels=schedule.channels,
                    state=schedule.state,
                    next_at=schedule.next_at,
                ),
            }
            for schedule in schedules
        ]
        if rows:
            await self._connection.execute(insert(_TABLE), rows)

    async def find(self, id: str) -> Schedule | None:
        """The schedule of that id."""
        row = (await self._connection.execute(select(_TABLE).where(_TABLE.c.id == id))).one_or_none()
        return _schedule(row) if row else None

    async def change(self, schedule: Schedule, version: int, **fields: Any) -> Schedule:
        """Change rule, channels, state or next_at of the schedule as it was seen. Raises Changed, UnknownSchedule.

        Refused as well when it has become due meanwhile.
        """
        as_seen = (_TABLE.c.version == version, _TABLE.c.state == schedule.state.value, _same(schedule.next_at))
        values = {**_columns(**fields), "version": version + 1}
        changing = update(_TABLE).where(_TABLE.c.id == schedule.id, *as_seen).values(**values).returning(_TABLE)
        row = (await self._connection.execute(changing)).one_or_none()
        if row is not None:
            return _schedule(row)
        there = await self.find(schedule.id)
        if there is None:
            raise UnknownSchedule(schedule.id)
        raise Changed(schedule.id, there.version, there.by)

    async def of_post(self, id: str) -> list[Schedule]:
        """The schedules of a post, the earliest made first."""
        query = select(_TABLE).where(_TABLE.c.post == id).order_by(_TABLE.c.made_at, _TABLE.c.id)
        return [_schedule(row) for row in await self._connection.execute(query)]

    async def due(self, now: datetime, limit: int) -> list[Schedule]:
        """The active schedules whose time has come, the longest due first."""
        query = select(_TABLE).where(_ACTIVE, _TABLE.c.next_at <= now).order_by(_TABLE.c.next_at).limit(limit)
        # Other processes pass over what somebody is just handling; SQLite has one writer anyway.
        rows = await self._connection.execute(query.with_for_update(skip_locked=True))
        return [_schedule(row) for row in rows]

    async def is_anything_due(self, now: datetime, due_before: datetime) -> tuple[bool, bool]:
        """Whether a schedule is due; whether a planned delivery is, or was due before that. Quickly said.

        It is asked twice a second, and most of the time there is nothing.
        """
        [(schedule, delivery)] = await ask(self._connection, _IS_DUE, {"now": now, "due_before": due_before})
        return bool(schedule), bool(delivery)

    async def advance(
        self, schedule: Schedule, expected_next_at: datetime, next_at: datetime | None, state: ScheduleState
    ) -> bool:
        """Let the schedule wait for its next time, unless somebody else has moved it already. Its version stays."""
        seen = (_TABLE.c.id == schedule.id, _ACTIVE, _TABLE.c.next_at == expected_next_at)
        moving = update(_TABLE).where(*seen).values(next_at=next_at, state=state.value)
        return bool((await self._connection.execute(moving)).rowcount)

    async def between(self, first: datetime, last: datetime) -> list[Schedule]:
        """The active schedules that are due next from `first` on, up to `last`; the earliest first."""
        query = select(_TABLE).where(_ACTIVE, _TABLE.c.next_at >= first, _TABLE.c.next_at <= last)
        return [_schedule(row) for row in await self._connection.execute(query.order_by(_TABLE.c.next_at))]

    async def active(self) -> list[Schedule]:
        """All active schedules, those due next first."""
        query = select(_TABLE).where(_ACTIVE).order_by(_TABLE.c.next_at, _TABLE.c.id)
        return [_schedule(row) for row in await self._connection.execute(query)]


def _same(next_at: datetime | None) -> Any:
    return _TABLE.c.next_at.is_(None) if next_at is None else _TABLE.c.next_at == next_at


def _columns(**fields: Any) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, value in fields.items():
        match name:
            case "rule":
                columns["rule"] = write_mapping(rule_document(value))
            case "channels":
                columns["channels"] = write_codes(value)
            case "state":
                columns["state"] = ScheduleState(value).value
            case "next_at":
                columns["next_at"] = value
            case _:
                raise TypeError(f"a schedule has no {name} to change")
    return columns


def _schedule(row: Row[Any]) -> Schedule:
    return Schedule(
        id=row.id,
        post=row.post,
        rule=parse_rule(read_mapping(row.rule)),
        channels=read_codes(row.channels),
        state=ScheduleState(row.state),
        next_at=row.next_at,
        by=row.by,
        made_at=row.made_at,
        version=row.version,
    )
