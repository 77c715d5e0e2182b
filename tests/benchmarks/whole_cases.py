"""Whether every case of a database has all its parts, read in plain SQL: no service that might mend anything."""

from dataclasses import dataclass

from sqlalchemy import text

from bot.store.unit_of_work import SqlStore

PARTS = {
    "statement": 'SELECT "case" FROM case_statement',
    "timeline": "SELECT \"case\" FROM case_event WHERE kind = 'registered'",
    "clocks": 'SELECT DISTINCT "case" FROM case_clock',
    "receipt": 'SELECT "case" FROM receipt_waiting',
    "phone": "SELECT subject FROM blind_index WHERE kind = 'phone'",
    "audit": "SELECT subject FROM audit WHERE action = 'case.registered'",
}
"""What a case that was filed with a phone number, and whose receipt nobody confirmed, has once each."""


@dataclass(frozen=True)
class Whole:
    """cases: all ids. incomplete: of cases, what they lack or have too often. orphans: rows that belong to no case."""

    cases: frozenset[str]
    incomplete: dict[str, list[str]]
    orphans: int


async def half_written(store: SqlStore) -> Whole:
    """Look at all cases."""
    async with store.engine.connect() as connection:
        numbers = (await connection.execute(text('SELECT id, receipt, "key" FROM complaint_case'))).all()
        parts = {name: list((await connection.execute(text(query))).scalars()) for name, query in PARTS.items()}
    cases = frozenset(row[0] for row in numbers)
    incomplete: dict[str, list[str]] = {row[0]: ["key"] for row in numbers if not row[1] or not row[2]}
    for name, owners in parts.items():
        for case_id in cases - set(owners):
            incomplete.setdefault(case_id, []).append(name)
        for case_id in {one for one in set(owners) if owners.count(one) > 1} if len(owners) != len(set(owners)) else ():
            incomplete.setdefault(case_id, []).append(f"{name} twice")
    orphans = sum(owner not in cases for owners in parts.values() for owner in owners)
    return Whole(cases, incomplete, orphans)
