"""Wires what brings posts out: the senders of the channels that are switched on, and the jobs that knock at them.

Every process may run them: what is due is claimed in the tables.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Protocol, runtime_checkable

import httpx
import structlog

from bot.app import Program
from bot.channels.webhook.sender import make_client
from bot.ops.jobs import Job
from bot.plain_senders import make_plain_senders
from bot.publishing.ports import Sender
from bot.site.post_sender import SitePostSender
from bot.telegram_publishing import make_telegram_publisher
from bot.wechat_publishing import make_wechat_publisher
from bot.weibo_publishing import make_weibo_sender

log = structlog.get_logger(__name__)

TICK_EVERY = timedelta(milliseconds=500)
DRAIN_EVERY = timedelta(seconds=1)
"""Together less than two seconds from the time that was planned to the call."""

SWEEP_EVERY = timedelta(seconds=30)
RECONCILE_EVERY = timedelta(seconds=20)
EXAMINE_EVERY = timedelta(minutes=15)


@runtime_checkable
class Closing(Protocol):
    """A sender that holds connections of its own."""

    async def close(self) -> None:
        """Give them back."""
        ...


@asynccontextmanager
async def sending(program: Program, client: httpx.AsyncClient) -> AsyncIterator[None]:
    """The senders are there for as long as the block lasts; what they hold open is given back."""
    async with AsyncExitStack() as stack:
        webhooks = await stack.enter_async_context(make_client())
        senders = list(make_senders(program, client, webhooks))
        for sender in senders:
            if isinstance(sender, Closing):
                stack.push_async_callback(sender.close)
        program.press.open(senders)
        program.newsroom.know(senders)
        try:
            yield
        finally:
            program.press.close()


def make_senders(program: Program, client: httpx.AsyncClient, webhooks: httpx.AsyncClient) -> Iterator[Sender]:
    """The senders of the channels that are switched on and whose secrets are known."""
    configuration, clock = program.configuration, program.clock
    channels, environment = configuration.settings.publishing.channels, configuration.environment
    made = (
        make_wechat_publisher(program, client),
        make_weibo_sender(program, client),
        make_telegram_publisher(program),
    )
    yield from (sender for sender in made if sender is not None)
    if channels.site.enabled:
        yield SitePostSender(configuration.settings.web.base_url or "")
    yield from make_plain_senders(channels, environment, clock, webhooks)


def make_publishing_jobs(program: Program) -> tuple[Job, ...]:
    """The jobs that bring posts out; none where publishing is switched off."""
    if not program.configuration.settings.publishing.enabled:
        return ()
    dispatcher = program.press.dispatcher
    return (
        Job("publishing_tick", TICK_EVERY, dispatcher.tick, at_once=True),
        Job("publishing_sweep", SWEEP_EVERY, dispatcher.sweep, at_once=True),
        Job("publishing_reconcile", RECONCILE_EVERY, dispatcher.reconcile),
        Job("publishing_channels", EXAMINE_EVERY, dispatcher.examine, at_once=True),
        # While slow channels are at work the next knocks serve the others: there is always one more than channels.
        Job("publishing_drain", DRAIN_EVERY, dispatcher.drain, side_by_side=1 + len(program.press.senders)),
    )
