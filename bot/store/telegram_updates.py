"""Updates of a Telegram bot: each is kept once, worked on by one process at a time, and one person's in their order.

`next_at` is when somebody may take an update: while it is at work that is the end of the lease, and afterwards, when
its reply could not be sent, the time to try again. Contents are sealed and go as soon as nothing is left to do.
"""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Insert, LargeBinary, Row, and_, bindparam, delete, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.complaints.vault import sealed_context
from bot.errors import CannotOpen
from bot.keyring import KeyRing
from bot.messages import Reply
from bot.store.later import write_later
from bot.store.tables import InboundRow
from bot.store.telegram_tables import TelegramPollerRow, TelegramUpdateRow
from bot.stored_updates import Arrival, StoredUpdate, message_keys

_TABLE = TelegramUpdateRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_INBOUND = InboundRow.__table__  # type: ignore[attr-defined]  # see above
_POLLERS = TelegramPollerRow.__table__  # type: ignore[attr-defined]  # see above
WAITING, DONE, FAILED = "waiting", "done", "failed"

# Built once: each update needs them, and putting one together costs more than running it.
_ONE = and_(_TABLE.c.bot == bindparam("in_bot"), _TABLE.c.update_id == bindparam("in_update"))
_STILL_WAITING = and_(_ONE, _TABLE.c.state == WAITING)
_KEEP_REPLIES = update(_TABLE).where(_STILL_WAITING).values(replies=bindparam("sealed", type_=LargeBinary))
EMPTIED: Final = {"owner": "", "person": "", "body": None, "replies": None}
"""What stays of an update that nobody answers any more."""

_FINISH = update(_TABLE).where(_STILL_WAITING).values(state=bindparam("over"), **EMPTIED)
_CHANNEL = "telegram"
_EMPTY_PREPARED = (
    update(_INBOUND)
    .where(
        _INBOUND.c.channel == _CHANNEL,
        _INBOUND.c.key == bindparam("in_key"),
        _INBOUND.c.reply.is_not(None),
    )
    .values(reply=None)
)
"""The inbox keeps the reply of a message for those who ask again: whom it was sent to needs it no more, and that the
message was handled stays known."""

_BUSY_ELSEWHERE = select(_TABLE.c.person).where(
    _TABLE.c.bot == bindparam("in_bot"),
    _TABLE.c.person.in_(bindparam("people", expanding=True)),
    _TABLE.c.state == WAITING,
    _TABLE.c.owner != bindparam("mine"),
)


@cache
def _add_statement(dialect_name: str) -> Insert:
    """Insert updates that are not there; gives the numbers of those."""
    dialect = postgresql if dialect_name == "postgresql" else sqlite
    adding: Insert = dialect.insert(_TABLE).on_conflict_do_nothing(index_elements=["bot", "update_id"])
    return adding.returning(_TABLE.c.update_id)


class TelegramUpdates:
    """The rows of `telegram_update` and `telegram_poller`."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection = connection
        self._keys = keys

    async def add_all(
        self, bot: int, arrivals: Sequence[Arrival], owner: str, now: datetime, until: datetime
    ) -> tuple[set[int], set[int]]:
        """Keep those that are not there: which they are, and which of them the owner is to work on at once.

        What waits behind an update of the same person that is not done elsewhere is left for whoever comes later.
        Safe to repeat.
        """
        behind = await self._busy_elsewhere(bot, {one.person for one in arrivals} - {""}, owner)
        rows = [self._row(bot, one, owner, now, until, waits=one.person in behind) for one in arrivals]
        if not rows:
            return set(), set()
        added = await self._connection.execute(_add_statement(self._connection.dialect.name), rows)
        new = set(added.scalars())
        return new, {one.id for one in arrivals if one.id in new and one.person not in behind}

    async def claim(self, bot: int, owner: str, now: datetime, until: datetime, limit: int) -> list[StoredUpdate]:
        """Take what nobody works on and is due, the first of each person only. Commit before working on it."""
        c, earlier = _TABLE.c, _TABLE.alias()
        first_of_person = ~exists().where(
            earlier.c.person == c.person,
            earlier.c.person != "",
            earlier.c.state == WAITING,
            earlier.c.bot == c.bot,
            earlier.c.update_id < c.update_id,
        )
        due = _is_waiting(bot, c.next_at <= now)
        ids = select(c.update_id).where(due, first_of_person).order_by(c.update_id).limit(limit)
        found = (await self._connection.execute(ids.with_for_update(skip_locked=True, of=_TABLE))).scalars().all()
        if not found:
            return []
        values = {"owner": owner, "next_at": until, "attempts": c.attempts + 1}
        claiming = update(_TABLE).where(due, c.update_id.in_(found)).values(**values).returning(_TABLE)
        rows = (await self._connection.execute(claiming)).all()
        opened = {row.update_id: self._opened(row) for row in rows}
        if lost := [id for id, one in opened.items() if one is None]:
            await self.finish(bot, lost, failed=True)  # a key is missing from the ring: nobody will ever read these
        return [one for _, one in sorted(opened.items()) if one is not None]

    async def renew(self, bot: int, owner: str, ids: Collection[int], until: datetime) -> None:
        """The owner is still at work on these."""
        mine = _is_waiting(bot, _TABLE.c.owner == owner, _TABLE.c.update_id.in_(list(ids)))
        await self._connection.execute(update(_TABLE).where(mine).values(next_at=until))

    async def keep_replies(self, bot: int, id: int, replies: Sequence[Reply | None]) -> None:
        """Keep what was answered so far, in the transaction that has the effects; nothing of what is over by then."""
        written = json.dumps([reply and reply.to_json() for reply in replies], ensure_ascii=False)
        sealed = self._keys.seal(written.encode(), _context("replies", bot, id))
        await write_later(self._connection, _KEEP_REPLIES, {"in_bot": bot, "in_update": id, "sealed": sealed})

    async def put_off(  # noqa: PLR0913 - which one, whose it is, and what becomes of it
        self, bot: int, id: int, owner: str, next_at: datetime, sent: int, *, stumbled: bool = False
    ) -> None:
        """It is taken up again at that time, behind the pieces that have gone out. Only the owner's word counts.

        stumbled: it was no fault of Telegram's.
        """
        mine = and_(_one(bot, id), _TABLE.c.owner == owner, _TABLE.c.state == WAITING)
        values = {"owner": "", "next_at": next_at, "sent": sent, "faults": _TABLE.c.faults + int(stumbled)}
        await self._connection.execute(update(_TABLE).where(mine).values(**values))

    async def finish(self, bot: int, ids: Collection[int], *, failed: bool = False) -> None:
        """Nothing is left to do about these: the contents go, the inbox's replies too. Safe to repeat."""
        if not ids:
            return
        over = FAILED if failed else DONE
        these = [{"in_bot": bot, "in_update": id, "over": over} for id in ids]
        await write_later(self._connection, _FINISH, *these)
        await write_later(
            self._connection, _EMPTY_PREPARED, *({"in_key": key} for id in ids for key in message_keys(id))
        )

    async def count(self, bot: int, *, failed: bool = False) -> int:
        """How many wait to be answered, or were given up."""
        state = FAILED if failed else WAITING
        query = select(func.count()).select_from(_TABLE).where(_TABLE.c.bot == bot, _TABLE.c.state == state)
        return (await self._connection.execute(query)).scalar_one()

    async def stranded(self, bot: int | None) -> int:
        """How many wait for bots that nobody is any more; without a bot of ours, for any."""
        query = select(func.count()).select_from(_TABLE).where(_TABLE.c.state == WAITING)
        return (await self._connection.execute(query if bot is None else query.where(_TABLE.c.bot != bot))).scalar_one()

    async def delete_before(self, received_before: datetime, now: datetime) -> int:
        """Forget what is older than that, of whatever bot: answered or not, but for what is at work; how many.

        A bot of which nothing is known any more is asked from the beginning: after a week without updates Telegram
        counts anew from any number (Bot API, Update), and a place behind that one would confirm it unread.
        """
        over = and_(_TABLE.c.received_at < received_before, (_TABLE.c.state != WAITING) | (_TABLE.c.next_at <= now))
        gone = (await self._connection.execute(delete(_TABLE).where(over))).rowcount
        idle = ~exists().where(_TABLE.c.bot == _POLLERS.c.bot)
        await self._connection.execute(update(_POLLERS).where(idle, _POLLERS.c.next_update > 0).values(next_update=0))
        return gone

    async def lease_polling(self, bot: int, owner: str, now: datetime, until: datetime) -> int | None:
        """Ask for the updates of the bot until then: what is asked for next. None: another process does so."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        mine = dialect.insert(_POLLERS).values(bot=bot, owner=owner, until=until, next_update=0)
        free = (_POLLERS.c.until <= now) | (_POLLERS.c.owner == owner)
        leasing = mine.on_conflict_do_update(
            index_elements=["bot"], set_={"owner": owner, "until": until}, where=free
        ).returning(_POLLERS.c.next_update)
        next_update: int | None = (await self._connection.execute(leasing)).scalar_one_or_none()
        return next_update

    async def polled_to(self, bot: int, owner: str, next_update: int) -> bool:
        """What is asked for next, in the transaction that keeps what came; False where the lease was lost."""
        mine = and_(_POLLERS.c.bot == bot, _POLLERS.c.owner == owner)
        done = await self._connection.execute(update(_POLLERS).where(mine).values(next_update=next_update))
        return done.rowcount == 1

    async def leave_polling(self, bot: int, owner: str, now: datetime) -> None:
        """Let another process ask from now on. Safe to repeat."""
        mine = and_(_POLLERS.c.bot == bot, _POLLERS.c.owner == owner)
        await self._connection.execute(update(_POLLERS).where(mine).values(until=now))

    async def _busy_elsewhere(self, bot: int, people: Collection[str], owner: str) -> set[str]:
        if not people:
            return set()
        asked = {"in_bot": bot, "people": sorted(people), "mine": owner}
        return set((await self._connection.execute(_BUSY_ELSEWHERE, asked)).scalars())

    def _row(  # noqa: PLR0913 - what a row is made of
        self, bot: int, arrival: Arrival, owner: str, now: datetime, until: datetime, *, waits: bool
    ) -> dict[str, Any]:
        return {
            "bot": bot,
            "update_id": arrival.id,
            "person": arrival.person,
            "received_at": now,
            "state": WAITING,
            "owner": "" if waits else owner,
            "next_at": now if waits else until,
            "attempts": 0 if waits else 1,
            "sent": 0,
            "body": self._keys.seal(arrival.body, _context("body", bot, arrival.id)),
        }

    def _opened(self, row: Row[Any]) -> StoredUpdate | None:
        try:
            return self._stored(row)
        except CannotOpen:
            return None

    def _stored(self, row: Row[Any]) -> StoredUpdate:
        body = self._keys.open(row.body, _context("body", row.bot, row.update_id))
        replies: list[str | None] = []
        if row.replies is not None:
            replies = json.loads(self._keys.open(row.replies, _context("replies", row.bot, row.update_id)))
        answered = tuple(None if one is None else Reply.from_json(one) for one in replies)
        return StoredUpdate(row.update_id, row.received_at, body, answered, row.sent, row.attempts, row.faults)


def _context(column: str, bot: int, id: int) -> str:
    return sealed_context("telegram_update", column, f"{bot}:{id}")


def _one(bot: int, id: int) -> ColumnElement[bool]:
    return and_(_TABLE.c.bot == bot, _TABLE.c.update_id == id)


def _is_waiting(bot: int, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(_TABLE.c.bot == bot, _TABLE.c.state == WAITING, *more)
