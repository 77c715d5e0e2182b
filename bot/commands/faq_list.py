"""`gonghui faq list`: the live base at a glance, what has to be read again first."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date

    from bot.answers.entries import Entry
    from bot.app import Program


def list_(
    *,
    due: Annotated[
        bool, typer.Option("--due", help="only those that are overdue or have to be reviewed within 60 days")
    ] = False,
) -> None:
    """List the live entries by the day on which they have to be reviewed, the earliest first. Changes nothing."""
    from bot.commands.context import open_program

    print("\n".join(asyncio.run(_list(open_program(), due=due))))


async def _list(program: "Program", *, due: bool) -> list[str]:
    """The lines. Raises ContentError for an empty base."""
    from bot.answers.content import readable_entry
    from bot.answers.knowledge.confirming import read_standing
    from bot.clock import local_date
    from bot.errors import ContentError

    async with program.maintained(), program.store.read() as work:
        sources, confirmed = await work.entries.current(), frozenset(await read_standing(work))
    if not sources:
        raise ContentError(["the base holds no entries; gonghui faq import brings some in"])
    entries = {topic: readable_entry(source) for topic, source in sources.items()}
    return list(_lines(entries, confirmed, local_date(program.clock.now()), due=due))


def _lines(
    entries: "Mapping[str, Entry | None]", confirmed: "Collection[str]", on: "date", *, due: bool
) -> "Iterator[str]":
    from bot.answers.entries import REVIEW_AHEAD

    readable = sorted((entry for entry in entries.values() if entry), key=lambda one: (one.review_by, one.topic))
    for entry in readable:
        if not due or entry.is_review_due(on) or entry.is_review_near(on):
            said = "confirmed" if entry.topic in confirmed else "not confirmed"
            yield f"{entry.topic}: {_review(entry, on)}, {said}, {entry.title}"
    yield from (f"{topic}: cannot be read; gonghui doctor says why" for topic, entry in entries.items() if not entry)
    overdue, near = sum(one.is_review_due(on) for one in readable), sum(one.is_review_near(on) for one in readable)
    yield f"{len(entries)} entries, {overdue} overdue, {near} to be reviewed within {REVIEW_AHEAD.days} days"


def _review(entry: "Entry", on: "date") -> str:
    if entry.is_review_due(on):
        return f"review overdue since {entry.review_by}"
    left = f" ({(entry.review_by - on).days} days left)" if entry.is_review_near(on) else ""
    return f"review by {entry.review_by}{left}"
