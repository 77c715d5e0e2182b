"""Wires subscriptions: what sends, and the jobs that make issues, plan, send and sweep. Every process may run them."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from socket import gethostname

from bot.app import Program
from bot.channels.mail.bulletins import MailBulletins
from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.bulletins import WeChatBulletins
from bot.channels.wechat.templates import Template
from bot.notice_jobs import make_mail
from bot.ops.jobs import Figures, Job
from bot.publishing.dispatch import worker_name
from bot.site.shelf import Shelf
from bot.subscriptions.broadcasting import Broadcaster
from bot.subscriptions.bulletins import BulletinWriter
from bot.subscriptions.issues import Item, News
from bot.subscriptions.letters import LetterRound
from bot.subscriptions.making import IssueMaker
from bot.subscriptions.pacing import Rate
from bot.subscriptions.ports import BroadcastSender

MAKE_EVERY, DRAIN_EVERY = timedelta(seconds=10), timedelta(seconds=1)
SWEEP_EVERY, LETTERS_EVERY = timedelta(seconds=5), timedelta(seconds=5)
FORGET_EVERY = timedelta(hours=6)
TOKEN = "GONGHUI_TELEGRAM_TOKEN"  # noqa: S105 - the name of the variable
_SECONDS = 60


@dataclass(slots=True)
class Broadcasting:
    """The jobs, and what ends them well."""

    jobs: tuple[Job, ...] = ()
    stop: Callable[[], None] = field(default=lambda: None)


@asynccontextmanager
async def broadcasting(program: Program, wechat: WeChatApi | None) -> AsyncIterator[Broadcasting]:
    """What sends to subscribers, for as long as the block lasts; its connections are given back."""
    settings = program.configuration.settings
    if program.subscriptions is None:
        yield Broadcasting()
        return
    async with AsyncExitStack() as stack:
        mail = make_mail_bulletins(program)
        senders = await _senders(program, wechat, mail, stack)
        writer = BulletinWriter(program.wording, program.subscriptions.links, settings.federation.short_name)
        broadcaster = Broadcaster(
            write=program.store.write,
            senders=senders,
            writer=writer,
            clock=program.clock,
            worker=worker_name(gethostname(), os.getpid()),
        )
        letters = LetterRound(
            write=program.store.write,
            postman=mail,
            links=program.subscriptions.links,
            wording=program.wording,
            clock=program.clock,
            federation=settings.federation.name,
        )
        maker = IssueMaker(
            write=program.store.write,
            read=program.store.read,
            news=make_news(program),
            senders=senders,
            clock=program.clock,
            weekday=settings.subscriptions.weekday,
            hour=settings.subscriptions.digest_hour,
        )
        yield Broadcasting(_jobs(maker, broadcaster, letters, senders), broadcaster.stop)


def make_news(program: Program) -> Callable[[], Awaitable[Sequence[News]]]:
    """What is public on the site, or was; read anew only when the ledger says something new."""
    shelf = Shelf(program.store.read, _SECONDS)

    async def news() -> Sequence[News]:
        return [
            News(
                item=Item(
                    post=card.standing.post,
                    title=card.title,
                    digest=card.digest,
                    path=f"/posts/{card.slug}",
                    tags=card.tags,
                ),
                at=card.standing.first_at,
                is_withdrawn=card.is_gone,
            )
            for card in (await shelf.current()).cards.values()
        ]

    return news


def make_mail_bulletins(program: Program) -> MailBulletins | None:
    """What sends mail to subscribers; None where there is no mail for them."""
    settings = program.configuration.settings.subscriptions
    mail = make_mail(program.configuration, program.clock) if settings.email else None
    if mail is None:
        return None
    per_second = settings.mails_per_minute / _SECONDS
    # what a server takes in a minute is not counted to the millisecond: a busy machine should miss no slot
    late = timedelta(seconds=max(0.04, 0.25 / per_second))
    return MailBulletins(mail, Rate(per_second, timedelta(seconds=1), tolerance=late))


async def _senders(
    program: Program, wechat: WeChatApi | None, mail: MailBulletins | None, stack: AsyncExitStack
) -> dict[str, BroadcastSender]:
    settings, senders = program.configuration.settings, dict[str, BroadcastSender]()
    token = program.configuration.environment.get(TOKEN)
    if token and settings.telegram.enabled:
        from bot.channels.telegram.bulletins import TelegramBulletins  # noqa: PLC0415 - loads the library
        from bot.channels.telegram.publisher import make_bot  # noqa: PLC0415 - see above

        base = settings.publishing.channels.telegram.api_base
        bot = make_bot(token, base, proxy=settings.telegram.proxy)
        stack.push_async_callback(bot.request.shutdown)
        telegram = TelegramBulletins(bot)
        senders[telegram.channel] = telegram
    if mail is not None:
        senders[mail.channel] = mail
    template = settings.subscriptions.wechat
    if wechat is not None and template.template_id:
        base_url = settings.web.base_url
        of_account = Template(
            id=template.template_id,
            fields=template.fields,
            federation=settings.federation.short_name,
            page=f"{base_url}/posts" if base_url else "",
            lasting=template.lasting,
        )
        bulletins = WeChatBulletins(wechat, of_account, program.clock)
        senders[bulletins.channel] = bulletins
    return senders


def _jobs(
    maker: IssueMaker, broadcaster: Broadcaster, letters: LetterRound, senders: dict[str, BroadcastSender]
) -> tuple[Job, ...]:
    async def drain(channel: str) -> Figures:
        return await broadcaster.drain(channel)

    draining = (Job(f"broadcast_{channel}", DRAIN_EVERY, partial(drain, channel)) for channel in senders)
    return (
        Job("broadcast_make", MAKE_EVERY, maker.run, at_once=True),
        Job("broadcast_sweep", SWEEP_EVERY, broadcaster.sweep, at_once=True),
        Job("subscription_letters", LETTERS_EVERY, letters.run, at_once=True),
        Job("subscription_forget", FORGET_EVERY, letters.forget),
        *draining,
    )
