"""Cases: registered once, changed by one at a time, listed for those who may see them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from bot.complaints.case_filter import CaseFilter
from bot.complaints.cases import Case, Statement
from bot.complaints.errors import Changed, NumberTaken
from bot.complaints.kept import SaidAt
from bot.complaints.lifecycle import State
from bot.complaints.roles import Viewer
from bot.store import case_lists
from bot.store.case_keys import CaseKeys
from bot.store.case_rows import case_of, changed_columns, columns_of
from bot.store.case_tables import (
    BlindIndexRow,
    CaseEventRow,
    CaseFileRow,
    CaseLinkRow,
    CaseMessageRow,
    CaseRow,
    CaseStatementRow,
    ReceiptRow,
)
from bot.store.later import ask, write_later
from bot.store.staff_tables import WorkerNoticeRow
from bot.store.statements import Statements

_TABLE = CaseRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_FILES = CaseFileRow.__table__  # type: ignore[attr-defined]  # see above
_EVENTS = CaseEventRow.__table__  # type: ignore[attr-defined]  # see above
_BLIND = BlindIndexRow.__table__  # type: ignore[attr-defined]  # see above
_CONTENT = (CaseStatementRow, CaseMessageRow, CaseFileRow, CaseLinkRow, ReceiptRow, WorkerNoticeRow)


# Aliases, as the class has a method of the name `list`.
_Cases = list[Case]
_Said = list[SaidAt]

_HOLD_BACK = update(_TABLE).where(_TABLE.c.id == bindparam("of_case"))


@cache
def _add_statement(dialect_name: str) -> ReturningInsert[tuple[str]]:
    insert = (postgresql if dialect_name == "postgresql" else sqlite).insert(_TABLE)
    added: ReturningInsert[tuple[str]] = insert.on_conflict_do_nothing().returning(_TABLE.c.id)
    return added


class Cases:
    """The rows of `complaint_case`, and the statements that belong to them."""

    def __init__(self, connection: AsyncConnection, case_keys: CaseKeys) -> None:
        self._connection = connection
        self._case_keys = case_keys
        self._statements = Statements(connection, case_keys)

    async def add(self, case: Case, statement: Statement, receipt_hash: str, *, by: str) -> None:
        """Register a case with what was said. Raises NumberTaken for a number or receipt that another case has."""
        row = {**columns_of(case), "receipt": receipt_hash, "key": self._case_keys.make(case.id)}
        if not await ask(self._connection, _add_statement(self._connection.dialect.name), row):
            self._case_keys.forget(case.id)
            raise NumberTaken(case.number)
        await self._statements.add(case.id, statement, by=by, now=case.registered_at)

    async def find(self, case_id: str) -> Case | None:
        """The case of that id."""
        return await self._one(_TABLE.c.id == case_id)

    async def find_number(self, number: str) -> Case | None:
        """The case of that number."""
        return await self._one(_TABLE.c.number == number)

    async def find_receipt(self, hashes: Sequence[str]) -> Case | None:
        """The case whose receipt has one of these keyed hashes, from `KeyRing.index_all`."""
        return await self._one(_TABLE.c.receipt.in_(hashes))

    async def find_many(self, ids: Iterable[str]) -> _Cases:
        """Those of the cases that there are, the first registered first."""
        query = select(_TABLE).where(_TABLE.c.id.in_(list(ids))).order_by(_TABLE.c.registered_at, _TABLE.c.id)
        return [case_of(row) for row in await self._connection.execute(query)]

    async def change(self, case: Case, now: datetime, **fields: object) -> Case:
        """The case with new values in these fields of `Case`. Raises Changed when somebody saved it meanwhile."""
        changes = {**changed_columns(fields), "version": case.version + 1, "changed_at": now}
        as_seen = update(_TABLE).where(_TABLE.c.id == case.id, _TABLE.c.version == case.version)
        saved = (await self._connection.execute(as_seen.values(changes).returning(_TABLE))).one_or_none()
        if saved is None:
            raise Changed(case.id)
        return case_of(saved)

    async def hold_back(self, case: Case) -> Case:
        """The case just added, held back from everybody but supervisors; no form shows it yet that got out of date."""
        await write_later(self._connection, _HOLD_BACK, {"of_case": case.id, "quarantined": True})
        return replace(case, quarantined=True)

    async def mark_reachable(self, case_id: str, reachable: bool) -> None:  # noqa: FBT001 - the fact that is kept
        """Note whether the worker can be told by message. Nobody's form gets out of date by it. Safe to repeat."""
        await self._connection.execute(update(_TABLE).where(_TABLE.c.id == case_id).values(reachable=reachable))

    async def mark_call_back(self, case_id: str, *, due: bool) -> bool:
        """Note whether 12351 is to call the worker; whether that is news. As `mark_reachable`."""
        other = update(_TABLE).where(_TABLE.c.id == case_id, _TABLE.c.call_back_due.is_not(due))
        return (await self._connection.execute(other.values(call_back_due=due))).rowcount > 0

    async def mark_receipt_used(self, case_id: str, now: datetime) -> None:
        """Note that the receipt has opened the case; the first time counts. Safe to repeat."""
        unused = update(_TABLE).where(_TABLE.c.id == case_id, _TABLE.c.receipt_used_at.is_(None))
        await self._connection.execute(unused.values(receipt_used_at=now))

    async def replace_receipt(self, case_id: str, receipt_hash: str) -> None:
        """Let this receipt open the case instead of the one before."""
        await self._connection.execute(update(_TABLE).where(_TABLE.c.id == case_id).values(receipt=receipt_hash))

    async def list(  # noqa: PLR0913 - what a page of a list is made of, all but two named
        self,
        viewer: Viewer,
        wanted: CaseFilter,
        *,
        sort: str = "registered_at",
        descending: bool = True,
        offset: int = 0,
        limit: int = 50,
    ) -> tuple[_Cases, int]:
        """One page of the cases that the viewer may see in a list and wants to, and how many there are in all.

        Empty values of what is sorted by come last. Raises ValueError for an unknown `sort`.
        """
        where = case_lists.conditions(self._connection, viewer, wanted)
        total = await case_lists.count(self._connection, where)
        if offset >= total or limit < 1:
            return [], total
        ordered = case_lists.order(self._connection, sort, descending=descending)
        return await case_lists.page(self._connection, where, ordered, offset, limit), total

    async def count(self, viewer: Viewer, wanted: CaseFilter) -> int:
        """How many cases the viewer may see in a list and wants to."""
        return await case_lists.count(self._connection, case_lists.conditions(self._connection, viewer, wanted))

    async def statement(self, case_id: str) -> Statement | None:
        """What the worker said, as it counts now; None once it has been deleted. Raises CannotOpen."""
        return await self._statements.latest(case_id)

    async def statements(self, case_id: str) -> _Said:
        """Every version of what the worker said, the first one first. Raises CannotOpen."""
        return await self._statements.all(case_id)

    async def add_statement(self, case_id: str, statement: Statement, *, by: str, now: datetime) -> None:
        """Let this count as what the worker said; earlier versions stay. Raises ContentGone."""
        await self._statements.add(case_id, statement, by=by, now=now)

    async def delete_content(self, case_id: str, now: datetime) -> tuple[str, ...]:
        """Delete what was said, sent and added, and the key that it was sealed with; numbers and codes stay.

        Gives the ids of the files whose bytes are now of no use. Safe to repeat.
        """
        # The row first: who is changing the case just now is waited for, and what they add goes as well.
        mine = update(_TABLE).where(_TABLE.c.id == case_id, _TABLE.c.content_deleted_at.is_(None))
        gone = {"key": None, "content_deleted_at": now, "changed_at": now, "version": _TABLE.c.version + 1}
        await self._connection.execute(mine.values(gone))
        files = tuple((await self._connection.execute(select(_FILES.c.id).where(_FILES.c.case == case_id))).scalars())
        for row in _CONTENT:
            table = row.__table__  # type: ignore[union-attr]  # SQLModel adds it at run time
            await self._connection.execute(delete(table).where(table.c.case == case_id))
        await self._connection.execute(delete(_BLIND).where(_BLIND.c.subject == case_id))
        await self._connection.execute(update(_EVENTS).where(_EVENTS.c.case == case_id).values(note=None))
        self._case_keys.forget(case_id)
        return files

    async def asking_verdict(self, now: datetime, limit: int) -> _Cases:
        """Cases whose worker is to be asked by now what came of it, the longest due first."""
        due = select(_TABLE).where(_TABLE.c.ask_verdict_at <= now).order_by(_TABLE.c.ask_verdict_at, _TABLE.c.id)
        return [case_of(row) for row in await self._connection.execute(due.limit(limit))]

    async def joined(self, target: str) -> _Cases:
        """The cases that were merged into that one, named as their progress names it."""
        query = select(_TABLE).where(_TABLE.c.merged_into == target).order_by(_TABLE.c.registered_at, _TABLE.c.id)
        return [case_of(row) for row in await self._connection.execute(query)]

    async def closed_before(
        self,
        closed_before: datetime,
        limit: int,
        *,
        categories: Collection[str] | None = None,
        without: Collection[str] = (),
        withdrawn: bool | None = None,
    ) -> _Cases:
        """Cases closed before that whose content is still kept, the longest closed first.

        categories, without: of these only, not of these. withdrawn: those alone, or all others. A case that was
        merged into another counts only once the content of that one is gone.
        """
        lead = _TABLE.alias("lead")
        kept_by_lead = exists().where(lead.c.number == _TABLE.c.merged_into, lead.c.content_deleted_at.is_(None))
        where = [_TABLE.c.closed_at < closed_before, _TABLE.c.content_deleted_at.is_(None), ~kept_by_lead]
        if categories is not None:
            where.append(_TABLE.c.category.in_(sorted(categories)))
        if without:
            where.append(_TABLE.c.category.not_in(sorted(without)))
        if withdrawn is not None:
            is_withdrawn = _TABLE.c.state == State.WITHDRAWN.value
            where.append(is_withdrawn if withdrawn else ~is_withdrawn)
        query = select(_TABLE).where(*where).order_by(_TABLE.c.closed_at, _TABLE.c.id).limit(limit)
        return [case_of(row) for row in await self._connection.execute(query)]

    async def clusters(self, field: str, since: datetime, least: int) -> dict[str, _Cases]:
        """Cases registered since then that share an `employer` or a `site`, where there are at least so many of them.

        Withdrawn and merged cases, those held back and those about staff count too: who may see them is for the caller.
        """
        column = {"employer": _TABLE.c.employer, "site": _TABLE.c.site}[field]
        return await case_lists.clusters(self._connection, column, since, least)

    async def large(self, since: datetime, people: int) -> _Cases:
        """Cases registered since then that concern so many people for sure."""
        query = select(_TABLE).where(_TABLE.c.registered_at >= since, _TABLE.c.people_low >= people)
        rows = await self._connection.execute(query.order_by(_TABLE.c.registered_at, _TABLE.c.id))
        return [case_of(row) for row in rows]

    async def _one(self, condition: ColumnElement[bool]) -> Case | None:
        row: Any = (await self._connection.execute(select(_TABLE).where(condition))).one_or_none()
        return None if row is None else case_of(row)
