"""Issues of broadcasts: what is sent, how far each has come, and of whom nobody knows."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.keyring import KeyRing
from bot.store.subscription_tables import IssueRow, RecipientRow
from bot.subscriptions.issues import Issue, IssueState, Item, read_items, write_items
from bot.subscriptions.ledger import OPEN, Code, Lost, RecipientState, Tally
from bot.subscriptions.subscribers import Pace

ISSUES = IssueRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
TABLE = RecipientRow.__table__  # type: ignore[attr-defined]  # see above
RUNNING = (IssueState.PLANNING.value, IssueState.SENDING.value)
_S = RecipientState


class BroadcastIssues:
    """The rows of `broadcast_issue`, and what their recipients add up to."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection = connection
        self._keys = keys

    @property
    def _dialect(self) -> Any:
        return postgresql if self._connection.dialect.name == "postgresql" else sqlite

    async def add_issue(self, issue: Issue) -> bool:
        """Keep an issue; False when there is one of its key. Safe to repeat."""
        row = {
            "id": issue.id,
            "key": issue.key,
            "pace": issue.pace.value,
            "items": write_items(issue.items),
            "state": issue.state.value,
            "cursor": issue.cursor,
            "until": issue.until,
            "made_at": issue.made_at,
        }
        adding = self._dialect.insert(ISSUES).on_conflict_do_nothing(index_elements=["key"]).returning(ISSUES.c.id)
        return (await self._connection.execute(adding, row)).first() is not None

    async def issue(self, id: str) -> Issue | None:
        """The issue of that id."""
        row = (await self._connection.execute(select(ISSUES).where(ISSUES.c.id == id))).one_or_none()
        return _issue(row) if row else None

    async def known_keys(self, keys: Collection[str]) -> set[str]:
        """Those of the keys of which there is an issue."""
        query = select(ISSUES.c.key).where(ISSUES.c.key.in_(list(keys)))
        return set((await self._connection.execute(query)).scalars())

    async def last_until(self, pace: Pace) -> datetime | None:
        """Up to when issues of that pace have told; None before the first one."""
        query = select(ISSUES.c.until).where(ISSUES.c.pace == pace.value).order_by(ISSUES.c.until.desc()).limit(1)
        until: datetime | None = (await self._connection.execute(query)).scalar_one_or_none()
        return until

    async def issues(self, states: Collection[IssueState] = (), limit: int = 50) -> list[Issue]:
        """The issues in these states, or in any, the latest first."""
        query = select(ISSUES).order_by(ISSUES.c.made_at.desc(), ISSUES.c.id).limit(limit)
        if states:
            query = query.where(ISSUES.c.state.in_([state.value for state in states]))
        return [_issue(row) for row in await self._connection.execute(query)]

    async def hold_issue(self, id: str) -> Issue | None:
        """The issue as it stands; nobody else plans it before this transaction is over."""
        query = select(ISSUES).where(ISSUES.c.id == id).with_for_update()
        row = (await self._connection.execute(query)).one_or_none()
        return _issue(row) if row else None

    async def move_issue(self, id: str, state: IssueState, cursor: str) -> None:
        """Write down how far its planning has come."""
        values = {"state": state.value, "cursor": cursor}
        await self._connection.execute(update(ISSUES).where(ISSUES.c.id == id).values(**values))

    async def keep_items(self, id: str, items: Sequence[Item]) -> None:
        """Let the issue tell of these posts and no others."""
        await self._connection.execute(update(ISSUES).where(ISSUES.c.id == id).values(items=write_items(items)))

    async def give_up(self, id: str, state: IssueState, code: Code, now: datetime) -> int:
        """Let the issue end so, and all of its recipients to whom nothing has been sent; how many."""
        await self._connection.execute(update(ISSUES).where(ISSUES.c.id == id).values(state=state.value))
        values = {"state": _S.REFUSED.value, "code": code.value, "next_at": None, "finished_at": now}
        waiting = and_(TABLE.c.issue == id, TABLE.c.state == _S.PLANNED.value)
        return (await self._connection.execute(update(TABLE).where(waiting).values(**values))).rowcount

    async def close_finished(self) -> int:
        """Let the issues be done with whose recipients have all come to an end; how many."""
        open_ = exists().where(TABLE.c.issue == ISSUES.c.id, TABLE.c.state.in_([state.value for state in OPEN]))
        done = and_(ISSUES.c.state == IssueState.SENDING.value, ~open_)
        statement = update(ISSUES).where(done).values(state=IssueState.DONE.value)
        return (await self._connection.execute(statement)).rowcount

    async def tallies(self, issues: Collection[str]) -> dict[str, Tally]:
        """How far these issues have come, by id."""
        c = TABLE.c
        query = select(c.issue, c.channel, c.state, func.count().label("n")).where(c.issue.in_(list(issues)))
        counts: dict[str, Counter[tuple[str, RecipientState]]] = {id: Counter() for id in issues}
        for row in await self._connection.execute(query.group_by(c.issue, c.channel, c.state)):
            counts[row.issue][row.channel, RecipientState(row.state)] = row.n
        return {id: Tally(issue=id, counts=of) for id, of in counts.items()}

    async def lost(self, limit: int) -> tuple[list[Lost], int]:
        """Of which nobody knows whether they arrived, the latest first; and how many there are."""
        c = TABLE.c
        unknown = c.state == _S.UNKNOWN.value
        total = (await self._connection.execute(select(func.count()).select_from(TABLE).where(unknown))).scalar_one()
        query = select(TABLE, _unseen().label("is_unseen")).select_from(_with_issues()).where(unknown)
        rows = await self._connection.execute(query.order_by(c.finished_at.desc(), c.id.desc()).limit(limit))
        found = [
            Lost(
                id=row.id,
                issue=row.issue,
                subscriber=row.subscriber,
                channel=row.channel,
                code=row.code,
                at=row.finished_at,
                is_new=bool(row.is_unseen),
            )
            for row in rows
        ]
        return found, int(total)

    async def unseen(self) -> dict[str, int]:
        """How many are unknown that no staff has looked at, by issue."""
        query = select(TABLE.c.issue, func.count().label("n")).select_from(_with_issues())
        query = query.where(TABLE.c.state == _S.UNKNOWN.value, _unseen()).group_by(TABLE.c.issue)
        return {row.issue: row.n for row in await self._connection.execute(query)}

    async def look(self, id: str, now: datetime) -> bool:
        """Write down that staff have looked at what is unknown of the issue; whether there is such an issue."""
        changing = update(ISSUES).where(ISSUES.c.id == id).values(looked_at=now)
        return bool((await self._connection.execute(changing)).rowcount)

    async def forget_before(self, made_before: datetime) -> int:
        """Delete what is known of issues that are over and older than that; how many recipients. Their keys stay."""
        over = select(ISSUES.c.id).where(ISSUES.c.state.not_in(RUNNING), ISSUES.c.made_at < made_before)
        return (await self._connection.execute(delete(TABLE).where(TABLE.c.issue.in_(over)))).rowcount


def _with_issues() -> Any:
    return TABLE.join(ISSUES, ISSUES.c.id == TABLE.c.issue)


def _unseen() -> Any:
    return or_(ISSUES.c.looked_at.is_(None), TABLE.c.finished_at > ISSUES.c.looked_at)


def _issue(row: Row[Any]) -> Issue:
    return Issue(
        id=row.id,
        key=row.key,
        pace=Pace(row.pace),
        items=read_items(row.items),
        until=row.until,
        made_at=row.made_at,
        state=IssueState(row.state),
        cursor=row.cursor,
    )
