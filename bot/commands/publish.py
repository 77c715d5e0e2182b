"""`gonghui publish`: what goes out where and when; and, without a service that runs, sending what is due."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.app import Program
    from bot.publishing.deliveries import Delivery
    from bot.publishing.planned import Planned
    from bot.publishing.posts import Post

_DAYS = 14


def publish(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="show what would go where and when; send and change nothing")
    ] = False,
    days: Annotated[int, typer.Option(min=1, max=366, help="with --dry-run: so many days ahead")] = _DAYS,
) -> None:
    """Send what is due, once, and ask what came of what nobody knows.

    `gonghui serve` does so by itself; this is for a machine on which it does not run.
    """
    from bot.commands.context import open_program

    program = open_program()
    lines = asyncio.run(_dry_run(program, days) if dry_run else _send(program))
    print("\n".join(lines))


async def _send(program: "Program") -> "list[str]":
    import httpx

    from bot.errors import ConfigurationError
    from bot.publishing_jobs import sending

    if not program.configuration.settings.publishing.enabled:
        raise ConfigurationError(["publishing.enabled 是 false：不对外发布"])
    async with program.maintained(), httpx.AsyncClient() as client, sending(program, client):
        dispatcher = program.press.dispatcher
        found = [await dispatcher.tick(), await dispatcher.sweep(), await dispatcher.reconcile()]
        figures = [*found, await dispatcher.drain()]
    return [", ".join(f"{name} {count}" for part in figures for name, count in part.items())]


async def _dry_run(program: "Program", days: int) -> "list[str]":
    from datetime import timedelta

    now = program.clock.now()
    async with program.maintained(), program.store.read() as work:
        planned = await program.press.planner.upcoming(work, now, now + timedelta(days=days))
        posts = await work.posts.find_all({one.post for one in planned})
    lines = [_line(program, one, posts.get(one.post)) for one in planned]
    return [*lines, *_summary(program, planned, days)]


def _line(program: "Program", one: "Planned", post: "Post | None") -> str:
    """One line: when, where, what, and what stands in its way."""
    from bot.clock import SHANGHAI

    words = program.newsroom.words
    when = f"{one.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    what = f"{one.title} ({post.content.slug})" if post is not None else one.title
    state = words.label("delivery", one.delivery.state) if one.delivery else words.label("delivery", "planned")
    kind = f" · {words.label('kind', one.delivery.kind)}" if one.delivery and one.delivery.kind != "publish" else ""
    notes = "；".join(_notes(program, one, post))
    return f"{when}  {words.channel(one.channel)}{kind}  {what}  {state}" + (f"  ！{notes}" if notes else "")


def _notes(program: "Program", one: "Planned", post: "Post | None") -> Iterator[str]:
    """What would hold it when it is due, as far as that can be told today."""
    from bot.clock import local_date
    from bot.publishing.rechecking import Rechecker

    words = program.newsroom.words
    if not program.configuration.settings.publishing.enabled:
        yield "publishing.enabled 是 false，不会发出"
    if one.channel not in program.newsroom.enabled:
        yield words.label("finding", "channel_off")
    if one.delivery is not None and one.delivery.code:
        yield one.delivery.code
    if post is not None:
        rechecker = Rechecker(program.newsroom.checker.register)
        yield from map(words.finding, rechecker.check(post, one.delivery or _to_come(one, post), local_date(one.at)))


def _to_come(one: "Planned", post: "Post") -> "Delivery":
    """The delivery that a schedule will make of it."""
    from bot.publishing.deliveries import Delivery, DeliveryState, Kind

    return Delivery(
        id="",
        post=post.id,
        channel=one.channel,
        occurrence="",
        kind=Kind.PUBLISH,
        state=DeliveryState.PLANNED,
        rendering=post.approved.get(one.channel, ""),
        due_at=one.at,
        made_at=one.at,
    )


def _summary(program: "Program", planned: "Sequence[Planned]", days: int) -> Iterator[str]:
    counts = Counter(one.channel for one in planned)
    told = "，".join(f"{program.newsroom.words.channel(channel)} {count} 次" for channel, count in counts.items())
    yield f"今后 {days} 天共 {len(planned)} 次{'：' + told if told else '，没有安排'}。没有发送任何内容。"
