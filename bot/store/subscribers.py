"""Who subscribed: addresses sealed, found by the keyed hash of channel and address."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.vault import sealed_context
from bot.errors import CannotOpen
from bot.keyring import KeyRing
from bot.store.encoding import read_list, write_list
from bot.store.subscription_tables import SubscriberRow
from bot.store.upsert import upsert
from bot.subscriptions.subscribers import Letter, LetterKind, Pace, Subscriber, SubscriberState

TABLE = SubscriberRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_KEPT = frozenset({SubscriberState.ACTIVE.value})


class Subscribers:
    """The rows of `subscriber`."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection = connection
        self._keys = keys

    async def find(self, id: str) -> Subscriber | None:
        """The subscription of that id."""
        row = (await self._connection.execute(select(TABLE).where(TABLE.c.id == id))).one_or_none()
        return _subscriber(row) if row else None

    async def find_person(self, channel: str, address: str, *, held: bool = True) -> Subscriber | None:
        """The subscription of that address. held: nobody changes it before this transaction, which writes, is over."""
        query = select(TABLE).where(TABLE.c.person == self._keys.person(channel, address))
        query = query.with_for_update() if held else query
        row = (await self._connection.execute(query)).one_or_none()
        return _subscriber(row) if row else None

    async def put(
        self, channel: str, address: str, fields: Mapping[str, Any], now: datetime, known: Subscriber | None = None
    ) -> str:
        """Keep these facts of the subscription of that address, old or new; its id. known: as `find_person` gave it."""
        id = known.id if known else uuid4().hex
        person = self._keys.person(channel, address)
        made = {} if known else _new(id, channel, self._keys.seal(address.encode(), _context(id)), now)
        values = made | _columns(fields) | {"changed_at": now}
        if known:
            await self._connection.execute(update(TABLE).where(TABLE.c.id == id).values(**values))
        else:
            await upsert(self._connection, TABLE, {"person": person}, values)
        return id

    async def change(self, id: str, now: datetime, **fields: Any) -> bool:
        """Change facts of that subscription; whether there is one."""
        values = _columns(fields) | {"changed_at": now}
        return bool((await self._connection.execute(update(TABLE).where(TABLE.c.id == id).values(**values))).rowcount)

    async def grant(self, id: str, number: int = 1) -> None:
        """Let so many more notices be sent to this subscriber; fewer with a negative number."""
        await self._connection.execute(update(TABLE).where(TABLE.c.id == id).values(grants=TABLE.c.grants + number))

    async def batch(
        self, pace: Pace, consented_by: datetime, after: str, limit: int, channels: Collection[str]
    ) -> list[Subscriber]:
        """The active ones of that pace on these channels who had agreed by then, in the order of their ids."""
        c = TABLE.c
        wanted = (c.state == SubscriberState.ACTIVE.value, c.pace == pace.value, c.id > after)
        query = select(TABLE).where(*wanted, c.consented_at <= consented_by, c.channel.in_(list(channels)))
        return [_subscriber(row) for row in await self._connection.execute(query.order_by(c.id).limit(limit))]

    async def ask_letter(self, id: str, kind: LetterKind, now: datetime) -> None:
        """Let that letter be written to the address."""
        await self._connection.execute(update(TABLE).where(TABLE.c.id == id).values(letter=kind.value, letter_at=now))

    async def take_letters(self, now: datetime, limit: int) -> list[Letter]:
        """The letters that are due, for whoever asks and nobody else: they are not asked for again.

        Commit before they are sent. What is lost then the person asks for anew; so is what does not open any more.
        """
        c = TABLE.c
        due = select(c.id).where(c.letter_at <= now).order_by(c.letter_at).limit(limit)
        ids = (await self._connection.execute(due.with_for_update(skip_locked=True))).scalars().all()
        if not ids:
            return []
        query = select(c.id, c.letter, c.address).where(c.id.in_(ids))
        rows = (await self._connection.execute(query)).all()
        await self._connection.execute(update(TABLE).where(c.id.in_(ids)).values(letter="", letter_at=None))
        letters = []
        for row in rows:
            with suppress(CannotOpen):  # the key that sealed it is gone
                address = open_address(self._keys, row.id, row.address)
                letters.append(Letter(row.id, LetterKind(row.letter), address))
        return letters

    async def put_off_letter(self, id: str, kind: LetterKind, at: datetime) -> None:
        """Let a letter that surely was not sent be due again then, unless another has been asked for."""
        again = update(TABLE).where(TABLE.c.id == id, TABLE.c.letter == "").values(letter=kind.value, letter_at=at)
        await self._connection.execute(again)

    async def counts(self) -> dict[tuple[str, SubscriberState], int]:
        """How many subscriptions there are, by channel and state."""
        query = select(TABLE.c.channel, TABLE.c.state, func.count().label("n")).group_by(TABLE.c.channel, TABLE.c.state)
        rows = await self._connection.execute(query)
        return Counter({(row.channel, SubscriberState(row.state)): row.n for row in rows})

    async def unconfirmed(self, changed_before: datetime) -> int:
        """How many wait for the confirmation of their address since before then."""
        return await self._count(TABLE.c.state == SubscriberState.PENDING.value, TABLE.c.changed_at < changed_before)

    async def letters_due(self, before: datetime) -> int:
        """How many letters have been due since before then."""
        return await self._count(TABLE.c.letter_at < before)

    async def holding_grants(self) -> int:
        """How many active subscribers have a notice left that they agreed to."""
        return await self._count(TABLE.c.state == SubscriberState.ACTIVE.value, TABLE.c.grants > 0)

    async def _count(self, *where: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(TABLE).where(*where)
        return int((await self._connection.execute(query)).scalar_one())

    async def forget_ended(self, changed_before: datetime) -> int:
        """Delete subscriptions that are not active and have not changed since then; how many."""
        old = (TABLE.c.state.not_in(_KEPT), TABLE.c.changed_at < changed_before)
        return (await self._connection.execute(delete(TABLE).where(*old))).rowcount


def open_address(keys: KeyRing, id: str, sealed: bytes) -> str:
    """The address of that subscription. Raises CannotOpen."""
    return keys.open(sealed, _context(id)).decode()


def read_topics(text: str) -> tuple[str, ...]:
    """The topics as they are kept."""
    return tuple(read_list(text))


def _new(id: str, channel: str, sealed: bytes, now: datetime) -> dict[str, Any]:
    return {
        "id": id,
        "channel": channel,
        "address": sealed,
        "topics": write_list(()),
        "grants": 0,
        "made_at": now,
        "letter": "",
    }


def _columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(fields)
    if "topics" in values:
        topics: Sequence[str] = values["topics"]
        values["topics"] = write_list(topics)
    return {
        name: value.value if isinstance(value, (Pace, SubscriberState)) else value for name, value in values.items()
    }


def _subscriber(row: Row[Any]) -> Subscriber:
    return Subscriber(
        id=row.id,
        channel=row.channel,
        topics=read_topics(row.topics),
        pace=Pace(row.pace),
        state=SubscriberState(row.state),
        made_at=row.made_at,
        changed_at=row.changed_at,
        consented_at=row.consented_at,
        grants=row.grants,
    )


def _context(id: str) -> str:
    return sealed_context("subscriber", "address", id)
