"""`gonghui faq confirm`: what the federation's own legal staff have confirmed of the live base."""

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

    from bot.answers.knowledge.confirming import Confirmation, Confirmed, Confirmer, Withdrawn
    from bot.app import Program
    from bot.store.unit_of_work import UnitOfWork


def confirm(  # noqa: PLR0913 - options of one command, each named
    topics: Annotated[list[str] | None, typer.Argument(help="topics of live entries, such as wage.arrears")] = None,
    *,
    all_: Annotated[bool, typer.Option("--all", help="every live entry")] = False,
    by: Annotated[str, typer.Option("--by", help="who of the legal staff confirms or withdraws, by name")] = "",
    note: Annotated[str, typer.Option("--note", help="a short remark that staff see; workers do not")] = "",
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="take confirmations back, whoever gave them; needs --why")
    ] = False,
    why: Annotated[str, typer.Option("--why", help="the reason of --withdraw; staff see it, workers do not")] = "",
    list_: Annotated[
        bool, typer.Option("--list", help="show what is confirmed, when and by whom; change nothing")
    ] = False,
) -> None:
    """Note that the federation's own legal staff have confirmed live entries as they stand. Safe to repeat.

    One unknown topic and nothing is confirmed. An entry that is changed later has to be confirmed again. Nobody
    confirms what they wrote themselves in the console; --all leaves that out and says so. With --withdraw what was
    confirmed is not any more, until somebody confirms it anew. The audit log keeps who, when and why.
    """
    from bot.commands.context import open_program

    wanted = [topic.strip() for topic in topics or ()]
    if list_:
        if all_ or by or note or withdraw or why:
            raise typer.BadParameter("--list changes nothing: give it alone, or with topics")
        print("\n".join(asyncio.run(_list(open_program(), wanted))))
        return
    if bool(wanted) == all_:
        raise typer.BadParameter("give topics, or --all")
    by, said = _checked(by, "--why" if withdraw else "--note", {"--note": note, "--why": why})
    change = _withdraw if withdraw else _confirm
    print("\n".join(asyncio.run(change(open_program(), None if all_ else wanted, by, said))))


def _checked(by: str, option: str, words: "Mapping[str, str]") -> tuple[str, str]:
    """Name and words as they are kept. option: the one that goes with what is done. Raises typer.BadParameter."""
    from bot.answers.content import CONSOLE
    from bot.answers.knowledge.confirming import LONGEST_NAME, LONGEST_NOTE
    from bot.laws.front_matter import one_line

    by, said = one_line(by), one_line(words[option])
    if not by:
        raise typer.BadParameter("say who has read them: --by NAME")
    if by.startswith(CONSOLE) or len(by) > LONGEST_NAME:
        raise typer.BadParameter(f"--by is a person's name of at most {LONGEST_NAME} characters")
    if stray := [name for name, text in words.items() if text and name != option]:
        raise typer.BadParameter(f"--withdraw goes with --why and not with --note; {stray[0]} has no place here")
    if option == "--why" and not said:
        raise typer.BadParameter("say why they are withdrawn: --why TEXT")
    if len(said) > LONGEST_NOTE:
        raise typer.BadParameter(f"{option} has at most {LONGEST_NOTE} characters")
    return by, said


async def _confirm(program: "Program", topics: "Sequence[str] | None", by: str, note: str) -> list[str]:
    """What was confirmed. topics: None for every live entry. Raises ContentError where nothing was."""
    from bot.answers.knowledge.confirming import confirm
    from bot.errors import ContentError

    nothing = "nothing was confirmed"
    async with _changing(program, topics, nothing) as (work, wanted):
        confirmed = await confirm(work, await _confirmer(work, by), wanted, note, program.clock.now())
        if confirmed.own and topics is not None:
            raise ContentError([*(_own(topic, by) for topic in confirmed.own), nothing])
        await work.commit()
        names = await _names(work)
    return list(_report(confirmed, names, by))


async def _withdraw(program: "Program", topics: "Sequence[str] | None", by: str, why: str) -> list[str]:
    """What was withdrawn. topics: None for every live entry. Raises ContentError where nothing was."""
    from bot.answers.knowledge.confirming import withdraw

    async with _changing(program, topics, "nothing was withdrawn") as (work, wanted):
        withdrawn = await withdraw(work, await _confirmer(work, by), wanted, why, program.clock.now())
        await work.commit()
    return list(_withdrawal_report(withdrawn, named=topics is not None))


@asynccontextmanager
async def _changing(
    program: "Program", topics: "Sequence[str] | None", nothing: str
) -> "AsyncIterator[tuple[UnitOfWork, Sequence[str]]]":
    """A transaction, and the topics that it is about: None for all that are live.

    nothing: what is said last where a topic is unknown. Raises ContentError for those and for an empty base.
    """
    from bot.answers.knowledge.confirming import NotLive
    from bot.errors import ContentError

    async with program.maintained(), program.store.write() as work:
        wanted = list(await work.entries.live()) if topics is None else topics
        if not wanted:
            raise ContentError(["the base holds no entries; gonghui faq import brings some in"])
        try:
            yield work, wanted
        except NotLive as refused:
            raise ContentError([*map(_unknown, refused.topics), nothing]) from None


async def _list(program: "Program", topics: "Sequence[str]") -> list[str]:
    """Every live entry, or those of the topics, what is unconfirmed first. Raises ContentError for unknown ones."""
    from bot.answers.knowledge.confirming import standing, taken_back
    from bot.errors import ContentError

    async with program.maintained(), program.store.read() as work:
        live, kept = await work.entries.live(), await work.confirmations.kept()
        names = await _names(work)
    if unknown := [topic for topic in topics if topic not in live]:
        raise ContentError([*map(_unknown, unknown)])
    shown = sorted(dict.fromkeys(topics or live))
    confirmed, withdrawn = standing(live, kept), taken_back(live, kept)
    without = [topic for topic in shown if topic not in confirmed]
    lines = [f"{topic}: not confirmed{_taken_back(withdrawn.get(topic), names)}" for topic in without]
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


def _withdrawal_report(withdrawn: "Withdrawn", *, named: bool) -> "Iterator[str]":
    """named: whether topics were; of a whole base nobody wants to read what was not confirmed anyway."""
    yield from (f"{one.topic}: withdrawn, version {one.version} is not confirmed any more" for one in withdrawn.done)
    yield from (f"{topic}: was not confirmed" for topic in withdrawn.without if named)
    yield f"{len(withdrawn.done)} withdrawn, {len(withdrawn.without)} were not confirmed"


def _line(one: "Confirmation", names: "Mapping[str, str]") -> str:
    from bot.clock import local_date

    note = f" ({one.note})" if one.note else ""
    return f"{one.topic}: confirmed on {local_date(one.confirmed_at)} by {_name(one.confirmed_by, names)}{note}"


def _taken_back(one: "Confirmation | None", names: "Mapping[str, str]") -> str:
    from bot.clock import local_date

    if one is None or one.withdrawn_at is None:
        return ""
    return f", withdrawn on {local_date(one.withdrawn_at)} by {_name(one.withdrawn_by, names)}: {one.withdrawn_why}"


def _name(recorded: str, names: "Mapping[str, str]") -> str:
    from bot.answers.content import CONSOLE

    if not recorded.startswith(CONSOLE):
        return recorded
    return names.get(recorded.removeprefix(CONSOLE), "an account that is not known")


def _unknown(topic: str) -> str:
    return f"{topic}: is not a live entry"


def _own(topic: str, by: str) -> str:
    return f"{topic}: {by} wrote in it in the console, so somebody else has to confirm it"
