"""The ledger of deliveries. Every change is a conditional update and stands in the log of the delivery.

Two processes that work on the same delivery cannot both win: who claims names itself in a way that nobody else ever
does, and every later word of theirs counts only while that name stands in the row.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from zlib import crc32

from sqlalchemy import ColumnElement, Row, and_, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.publishing.deliveries import Delivery, DeliveryEntry, DeliveryEvent, DeliveryState, Kind, take
from bot.publishing.ledger_errors import LeaseLost
from bot.store.columns import UtcDateTime
from bot.store.delivery_rows import ENTRIES, TABLE, columns, delivery_of, entry_of, fitted
from bot.store.later import ask, write_later
from bot.store.upsert import take_turns

_TURNS = 4_703_216 << 32
"""The advisory locks of publishing: of a channel while its calls are counted, of a post while something is planned."""

_HELD_BY_SOMEBODY = (DeliveryState.CLAIMED.value, DeliveryState.SENDING.value)
_OVER = frozenset({DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.EXPIRED, DeliveryState.CANCELLED})
_ENTRY_BATCH = 500
_LOG = insert(ENTRIES)
_DUE_CHANNELS = (
    select(TABLE.c.channel)
    .where(TABLE.c.state == DeliveryState.PLANNED.value, TABLE.c.next_at <= bindparam("now", type_=UtcDateTime))
    .distinct()
)


class Deliveries:
    """The rows of `delivery` and `delivery_entry`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def plan(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Put these into the ledger; those of them that were not there. Safe to repeat."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        planning = dialect.insert(TABLE).on_conflict_do_nothing(index_elements=["post", "channel", "occurrence"])
        new = []
        for delivery in deliveries:
            added = await self._connection.execute(planning.returning(TABLE.c.id), columns(delivery))
            if added.first() is not None:
                new.append(delivery)
        await self._log_all(
            [DeliveryEntry(delivery=each.id, at=each.made_at, event=each.state.value, code=each.code) for each in new]
        )
        return new

    async def find(self, id: str) -> Delivery | None:
        """The delivery of that id."""
        row = (await self._connection.execute(select(TABLE).where(TABLE.c.id == id))).one_or_none()
        return delivery_of(row) if row else None

    async def find_vendor(self, channel: str, vendor_id: str) -> Delivery | None:
        """The delivery that has this name with the platform; of several the one made last."""
        query = select(TABLE).where(TABLE.c.channel == channel, TABLE.c.vendor_id == vendor_id)
        row = (await self._connection.execute(query.order_by(TABLE.c.made_at.desc()).limit(1))).one_or_none()
        return delivery_of(row) if row else None

    async def of_post(self, id: str) -> list[Delivery]:
        """The deliveries of a post, the earliest due first."""
        query = select(TABLE).where(TABLE.c.post == id).order_by(TABLE.c.due_at, TABLE.c.made_at, TABLE.c.channel)
        return [delivery_of(row) for row in await self._connection.execute(query)]

    async def claim(
        self, now: datetime, worker: str, until: datetime, channels: Collection[str], limit: int
    ) -> list[Delivery]:
        """Take what is due on these channels, for whoever names himself so and for nobody else; longest due first.

        Commit before anything is done with them. `worker` has to be a name that is used for this one call.
        """
        c = TABLE.c
        due = and_(c.state == DeliveryState.PLANNED.value, c.next_at <= now, c.channel.in_(list(channels)))
        first = select(c.id).where(due).order_by(c.next_at, c.id).limit(limit)
        # Other processes pass over rows that somebody is just claiming; SQLite has one writer anyway.
        ids = (await self._connection.execute(first.with_for_update(skip_locked=True))).scalars().all()
        if not ids:
            return []
        values = {
            "state": take(DeliveryState.PLANNED, DeliveryEvent.CLAIM).value,
            "claimed_by": worker,
            "claimed_until": until,
            "attempts": c.attempts + 1,
        }
        claiming = update(TABLE).where(c.id.in_(ids), due).values(**values).returning(TABLE)
        claimed = [delivery_of(row) for row in await self._connection.execute(claiming)]
        event = DeliveryEvent.CLAIM.value
        await self._log_all([DeliveryEntry(delivery=each.id, at=now, event=event, by=worker) for each in claimed])
        return sorted(claimed, key=lambda each: (each.due_at, each.id))

    async def take_channel_turn(self, channel: str) -> None:
        """Let nobody else count and claim on that channel before this transaction is over."""
        await take_turns(self._connection, _TURNS + crc32(f"channel:{channel}".encode()))

    async def take_post_turn(self, post: str) -> None:
        """Let nobody else plan or free deliveries of that post before this transaction is over."""
        await take_turns(self._connection, _TURNS + crc32(f"post:{post}".encode()))

    async def take(
        self, delivery: Delivery, event: DeliveryEvent, now: datetime, *, by: str = "", **fields: Any
    ) -> Delivery:
        """Let this happen to the delivery as it was seen, and give it as it is then. What happened is logged.

        fields: what else changes. Raises NotPossible for what cannot happen to it, LeaseLost when the delivery is not
        as it was seen any more: then nothing has changed.
        """
        state = take(delivery.state, event)
        values = {**_consequences(state, now), **fitted(fields), "state": state.value}
        if event is DeliveryEvent.CLAIM:
            values["attempts"] = delivery.attempts + 1
        after = await self._set(delivery, values)
        said = {name: str(fields.get(name, "")) for name in ("code", "detail")}
        await self.log(DeliveryEntry(delivery=delivery.id, at=now, event=event.value, by=by, **said))
        return after

    async def keep(self, delivery: Delivery, **fields: Any) -> Delivery:
        """Change fields of the delivery as it was seen, but not its state. Raises LeaseLost."""
        return await self._set(delivery, fitted(fields))

    async def stale(self, now: datetime, limit: int = 200) -> list[Delivery]:
        """What somebody took and has not finished in his time."""
        abandoned = (TABLE.c.state.in_(_HELD_BY_SOMEBODY), TABLE.c.claimed_until <= now)
        return await self._all(*abandoned, limit=limit)

    async def late(self, due_before: datetime, kinds: Collection[Kind], limit: int = 200) -> list[Delivery]:
        """What of these kinds is still planned although it was due before that."""
        planned = (TABLE.c.state == DeliveryState.PLANNED.value, TABLE.c.kind.in_([kind.value for kind in kinds]))
        return await self._all(*planned, TABLE.c.due_at < due_before, limit=limit)

    async def stranded(self, now: datetime, channels: Collection[str], limit: int = 200) -> list[Delivery]:
        """What is due on none of these channels: nobody would ever send it."""
        due = (TABLE.c.state == DeliveryState.PLANNED.value, TABLE.c.next_at <= now)
        return await self._all(*due, TABLE.c.channel.not_in(list(channels)), limit=limit)

    async def put_off(self, delivery: Delivery, next_at: datetime | None) -> bool:
        """Let it be asked for again at that time; False when somebody else has just done so, or it is over."""
        c = TABLE.c
        seen = (c.state == delivery.state.value, c.attempts == delivery.attempts, c.next_at == delivery.next_at)
        putting_off = update(TABLE).where(c.id == delivery.id, *seen).values(next_at=next_at)
        return bool((await self._connection.execute(putting_off)).rowcount)

    async def unknown(self, now: datetime, limit: int = 100) -> list[Delivery]:
        """Of what nobody knows whether it is out: what is to be asked for now."""
        return await self._all(TABLE.c.state == DeliveryState.UNKNOWN.value, TABLE.c.next_at <= now, limit=limit)

    async def waiting(self, now: datetime, limit: int = 100) -> list[Delivery]:
        """Of what waits for somebody's word: what is to be asked for now."""
        return await self._all(TABLE.c.state == DeliveryState.WAITING.value, TABLE.c.next_at <= now, limit=limit)

    async def log(self, entry: DeliveryEntry) -> None:
        """Write a line into the log of a delivery."""
        await self._log_all([entry])

    async def entries(self, delivery: str) -> list[DeliveryEntry]:
        """The log of a delivery, from its beginning."""
        query = select(ENTRIES).where(ENTRIES.c.delivery == delivery).order_by(ENTRIES.c.id)
        return [entry_of(row) for row in await self._connection.execute(query)]

    async def sent_count(self, channel: str, since: datetime) -> int:
        """How many times the platform was called, or is about to be, since then."""
        c = TABLE.c
        called = and_(c.intent_at >= since, c.state.not_in(_HELD_BY_SOMEBODY))
        about_to = c.state.in_(_HELD_BY_SOMEBODY)
        counts = [
            select(func.count()).select_from(TABLE).where(c.channel == channel, which).scalar_subquery()
            for which in (called, about_to)
        ]
        return int((await self._connection.execute(select(counts[0] + counts[1]))).scalar_one())

    async def due_channels(self, now: datetime) -> list[str]:
        """The channels on which something is due."""
        return [channel for (channel,) in await ask(self._connection, _DUE_CHANNELS, {"now": now})]

    async def counts(self) -> dict[tuple[str, DeliveryState], int]:
        """How many there are, by channel and state."""
        query = select(TABLE.c.channel, TABLE.c.state, func.count().label("number"))
        rows = await self._connection.execute(query.group_by(TABLE.c.channel, TABLE.c.state))
        return Counter({(row.channel, DeliveryState(row.state)): row.number for row in rows})

    async def _all(self, *wanted: ColumnElement[bool], limit: int) -> list[Delivery]:
        query = select(TABLE).where(*wanted).order_by(TABLE.c.due_at, TABLE.c.id).limit(limit)
        return [delivery_of(row) for row in await self._connection.execute(query)]

    async def _set(self, delivery: Delivery, values: dict[str, Any]) -> Delivery:
        """Change the row if it is as it was seen: its state, who has it, and which attempt this is."""
        c = TABLE.c
        seen = (c.state == delivery.state.value, c.claimed_by == delivery.claimed_by, c.attempts == delivery.attempts)
        setting = update(TABLE).where(c.id == delivery.id, *seen).values(**values).returning(TABLE)
        row: Row[Any] | None = (await self._connection.execute(setting)).one_or_none()
        if row is None:
            raise LeaseLost(delivery.id)
        return delivery_of(row)

    async def _log_all(self, entries: Sequence[DeliveryEntry]) -> None:
        rows = [
            {"delivery": each.delivery, "at": each.at, "event": each.event}
            | fitted({"by": each.by, "code": each.code, "detail": each.detail})
            for each in entries
        ]
        for start in range(0, len(rows), _ENTRY_BATCH):
            await write_later(self._connection, _LOG, *rows[start : start + _ENTRY_BATCH])

    async def list(  # noqa: PLR0913 - a filter, all named
        self,
        *,
        states: Collection[DeliveryState] = (),
        channels: Collection[str] = (),
        post: str = "",
        due_from: datetime | None = None,
        due_to: datetime | None = None,
        offset: int = 0,
        limit: int = 50,
    ) -> tuple[list[Delivery], int]:
        """The deliveries that fit everything named, the latest due first, and how many there are."""
        c = TABLE.c
        wanted: list[ColumnElement[bool]] = []
        wanted += [c.state.in_([state.value for state in states])] if states else []
        wanted += [c.channel.in_(list(channels))] if channels else []
        wanted += [c.post == post] if post else []
        wanted += [c.due_at >= due_from] if due_from else []
        wanted += [c.due_at <= due_to] if due_to else []
        total = (await self._connection.execute(select(func.count()).select_from(TABLE).where(*wanted))).scalar_one()
        query = select(TABLE).where(*wanted).order_by(c.due_at.desc(), c.id).offset(offset).limit(limit)
        return [delivery_of(row) for row in await self._connection.execute(query)], total


def _consequences(state: DeliveryState, now: datetime) -> dict[str, Any]:
    """What every step into that state means for the other columns, unless it is said otherwise."""
    if state.value in _HELD_BY_SOMEBODY:
        return {}
    left = {"claimed_by": "", "claimed_until": None, "awaited": "", "next_at": None, "finished_at": None}
    return {**left, "finished_at": now} if state in _OVER else left
