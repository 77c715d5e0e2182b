"""`gonghui faq confirm`: what the federation's own legal staff have confirmed of the live base."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.answers.knowledge.confirming import Confirmation, Confirmed, Confirmer
    from bot.app import Program
    from bot.store.unit_of_work import UnitOfWork


def confirm(
    topics: Annotated[list[str] | None, typer.Argument(help="topics of live entries, such as wage.arrears")] = None,
    *,
    all_: Annotated[bool, typer.Option("--all", help="every live entry")] = False,
    by: Annotated[str, typer.Option("--by", help="who of the legal staff has read them, by name")] = "",
    note: Annotated[str, typer.Option("--note", help="a short remark that staff see; workers do not")] = "",
    list_: Annotated[
        bool, typer.Option("--list", help="show what is confirmed, when and by whom; change nothing")
    ] = False,
) -> None:
    """Note that the federation's own legal staff have confirmed live entries as they stand. Safe to repeat.

    One unknown topic and nothing is confirmed. An entry that is changed later has to be confirmed again. Nobody
    confirms what they wrote themselves in the console; --all leaves that out and says so.
    """
    from bot.commands.context import open_program

    wanted = [topic.strip() for topic in topics or ()]
    if list_:
        if all_ or by or note:
            raise typer.BadParameter("--list changes nothing: give it alone, or with topics")
        print("\n".join(asyncio.run(_list(open_program(), wanted))))
        return
    if bool(wanted) == all_:
        raise typer.BadParameter("give topics, or --all")
    by, note = _checked(by, note)
    print("\n".join(asyncio.run(_confirm(open_program(), None if all_ else wanted, by, note))))


def _checked(by: str, note: str) -> tuple[str, str]:
    """Name and remark as they are kept. Raises typer.BadParameter."""
    from bot.answers.content import CONSOLE
    from bot.answers.knowledge.confirming import LONGEST_NAME, LONGEST_NOTE
    from bot.laws.front_matter import one_line

    by, note = one_line(by), one_line(note)
    if not by:
        raise typer.BadParameter("say who has read them: --by NAME")
    if by.startswith(CONSOLE) or len(by) > LONGEST_NAME:
        raise typer.BadParameter(f"--by is a person's name of at most {LONGEST_NAME} characters")
    if len(note) > LONGEST_NOTE:
        raise typer.BadParameter(f"--note has at most {LONGEST_NOTE} characters")
    return by, note


async def _confirm(program: "Program", topics: "Sequence[str] | None", by: str, note: str) -> list[str]:
    """What was confirmed. topics: None for every live entry. Raises ContentError where nothing was."""
    from bot.answers.knowledge import confirming
    from bot.errors import ContentError

    async with program.maintained(), program.store.write() as work:
        wanted = list(await work.entries.live()) if topics is None else topics
        if not wanted:
            raise ContentError(["the base holds no entries; gonghui faq import brings some in"])
        try:
            confirmed = await confirming.confirm(work, await _confirmer(work, by), wanted, note, program.clock.now())
        except confirming.NotLive as refused:
            raise ContentError([*map(_unknown, refused.topics), "nothing was confirmed"]) from None
        if confirmed.own and topics is not None:
            raise ContentError([*(_own(topic, by) for topic in confirmed.own), "nothing was confirmed"])
        await work.commit()
        names = await _names(work)
    return list(_report(confirmed, names, by))


async def _list(program: "Program", topics: "Sequence[str]") -> list[str]:
    """Every live entry, or those of the topics, what is unconfirmed first. Raises ContentError for unknown ones."""
    from bot.answers.knowledge.confirming import standing
    from bot.errors import ContentError

    async with program.maintained(), program.store.read() as work:
        live, kept = await work.entries.live(), await work.confirmations.kept()
        names = await _names(work)
    if unknown := [topic for topic in topics if topic not in live]:
        raise ContentError([*map(_unknown, unknown)])
    shown = sorted(dict.fromkeys(topics or live))
    confirmed = standing(live, kept)
    without = [topic for topic in shown if topic not in confirmed]
    lines = [f"{topic}: not confirmed" for topic in without]
    lines += [_line(confirmed[topic], names) for topic in shown if topic in confirmed]
    return [*lines, f"{len(shown) - len(without)} confirmed, {len(without)} not confirmed"]


async def _confirmer(work: "UnitOfWork", by: str) -> "Confirmer":
    """The person of that name, with the accounts that have it for a name or a login."""
    from bot.answers.knowledge.confirming import Confirmer
    from bot.staff.directory import COMMAND_LINE

    accounts = frozenset(one.id for one in await work.staff.all() if by.casefold() in {one.name.casefold(), one.login})
    return Confirmer(actor=COMMAND_LINE, recorded=by, accounts=accounts, name=by)


async def _names(work: "UnitOfWork") -> dict[str, str]:
    return {one.id: one.name for one in await work.staff.all()}


def _report(confirmed: "Confirmed", names: "Mapping[str, str]", by: str) -> "Iterator[str]":
    yield from (f"{one.topic}: confirmed, version {one.version}" for one in confirmed.done)
    yield from (f"{_line(one, names)}, already" for one in confirmed.already)
    yield from (_own(topic, by) for topic in confirmed.own)
    left = f", {len(confirmed.own)} left to somebody else" if confirmed.own else ""
    yield f"{len(confirmed.done)} confirmed, {len(confirmed.already)} already confirmed{left}"


def _line(one: "Confirmation", names: "Mapping[str, str]") -> str:
    from bot.answers.content import CONSOLE
    from bot.clock import local_date

    by = one.confirmed_by
    if by.startswith(CONSOLE):
        by = names.get(by.removeprefix(CONSOLE), "an account that is not known")
    note = f" ({one.note})" if one.note else ""
    return f"{one.topic}: confirmed on {local_date(one.confirmed_at)} by {by}{note}"


def _unknown(topic: str) -> str:
    return f"{topic}: is not a live entry"


def _own(topic: str, by: str) -> str:
    return f"{topic}: {by} wrote in it in the console, so somebody else has to confirm it"
