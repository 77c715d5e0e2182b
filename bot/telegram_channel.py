"""Wires the Telegram bot that people write to: one object for the web application and the jobs.

The library is loaded only where there is a token: a program without Telegram does not pay for it.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from socket import gethostname
from typing import TYPE_CHECKING

from bot.app import Program
from bot.channels.telegram.answering import KNOWN_FOR, Answering, AnsweringParts
from bot.channels.telegram.parse import CHANNEL, COMMANDS, BotName
from bot.channels.telegram.replies import ReplyWords
from bot.channels.telegram.routes import Webhook
from bot.complaints.notices import Road
from bot.errors import CannotOpen
from bot.inbox import CONVERSATION_LASTS
from bot.ops.jobs import Figures, Job
from bot.publishing.dispatch import worker_name
from bot.telegram_settings import TOKEN, is_answering
from handlers.memory import actions_in

if TYPE_CHECKING:
    from starlette.routing import Route

    from bot.channels.telegram.announcing import Announcement
    from bot.channels.telegram.api import TelegramApi
    from bot.channels.telegram.polling import Polling
    from bot.complaints.files.fetching import FileSource
    from bot.complaints.worker.notifying import WorkerCarrier
    from bot.staff.notifying import Carrier

PICK_UP_EVERY = timedelta(seconds=1)
FORGET_EVERY = timedelta(hours=1)
_CALLBACK_CHARACTERS = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class TelegramChannel:
    """The parts of the bot. answering: None where it only tells staff; polling or webhook, as it is set."""

    program: Program
    api: "TelegramApi"
    answering: Answering | None = None
    polling: "Polling | None" = None
    webhook: Webhook | None = None
    announcement: "Announcement | None" = None

    def routes(self) -> "Sequence[Route]":
        """The routes to add to the web application."""
        return self.webhook.routes() if self.webhook else []

    def jobs(self) -> tuple[Job, ...]:
        """The jobs around its updates."""
        if self.answering is None:
            return ()
        return (Job("telegram_pick_up", PICK_UP_EVERY, self.answering.pick_up, at_once=True),)

    def media(self) -> "dict[str, FileSource]":
        """Where files come from that people sent."""
        from bot.channels.telegram.media import TelegramMedia  # noqa: PLC0415 - loads the library

        return {CHANNEL: TelegramMedia(self.api.bot)}

    def worker_carriers(self) -> "dict[str, WorkerCarrier]":
        """By what workers are told that there is news."""
        from bot.channels.telegram.notices import TelegramNotices  # noqa: PLC0415 - loads the library

        return {CHANNEL: TelegramNotices(self.api.bot, self.program.wording)}

    def staff_carriers(self) -> "dict[Road, Carrier]":
        """By what staff are told, where a group is set."""
        chat = self.program.configuration.settings.telegram.staff_chat
        if not chat:
            return {}
        from bot.channels.telegram.staff_chat import StaffChat  # noqa: PLC0415 - loads the library

        return {Road.TELEGRAM: StaffChat(self.api.bot, chat)}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Ask for updates, where they are asked for, and answer, for as long as the block lasts."""
        from bot.channels.telegram.announcing import announce  # noqa: PLC0415 - loads the library

        tasks = []
        if self.answering is not None and self.announcement is not None:
            tasks.append(asyncio.create_task(announce(self.api, self.answering, self.announcement, self.program.clock)))
        if self.polling is not None:
            tasks.append(asyncio.create_task(self.polling.run()))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self.polling is not None:
                await self.polling.leave()
            if self.answering is not None:
                await self.answering.drain()
            await self.api.close()


def make_forgetting(program: Program) -> Job:
    """Forgets updates that nobody repeats or answers any more; due where there is no bot any more, too."""

    async def forget() -> Figures:
        now = program.clock.now()
        async with program.store.write() as work:
            gone = await work.telegram_updates.delete_before(now - KNOWN_FOR, now)
            await work.commit()
        return {"rows": gone}

    return Job("telegram_forget", FORGET_EVERY, forget, at_once=True)


def make_telegram(program: Program) -> TelegramChannel | None:
    """The bot, as configured; None without its token, or where it has nothing to do."""
    settings, environment = program.configuration.settings, program.configuration.environment
    token = environment.get(TOKEN)
    if not token or not (settings.telegram.staff_chat or is_answering(settings, environment)):
        return None
    from bot.channels.telegram.api import TelegramApi, Where  # noqa: PLC0415 - loads the library

    base = settings.publishing.channels.telegram.api_base
    api = TelegramApi(token, Where(base, settings.telegram.proxy))
    if not is_answering(settings, environment):
        return TelegramChannel(program=program, api=api)
    return _answering(program, api, token)


def _answering(program: Program, api: "TelegramApi", token: str) -> TelegramChannel:
    from bot.channels.telegram.announcing import Announcement  # noqa: PLC0415 - loads the library
    from bot.channels.telegram.polling import Polling  # noqa: PLC0415 - see above

    settings, clock, wording = program.configuration.settings, program.clock, program.wording
    owner = worker_name(gethostname(), os.getpid())
    answering = Answering(_parts(program, api, owner), BotName(int(token.partition(":")[0])))
    commands = {name: wording(f"telegram.command.{name}") for name in COMMANDS}
    if not settings.telegram.webhook:
        polling = Polling(source=api, answering=answering, write=program.store.write, clock=clock, owner=owner)
        told = Announcement(commands=commands)
        return TelegramChannel(program=program, api=api, answering=answering, polling=polling, announcement=told)
    place, secret = webhook_place(program, token), program.keys.hash("telegram.webhook.secret", token)
    told = Announcement(commands=commands, url=f"{settings.web.base_url}/telegram/{place}", secret=secret)
    webhook = Webhook(answering=answering, place=place, secret=secret)
    return TelegramChannel(program=program, api=api, answering=answering, webhook=webhook, announcement=told)


def webhook_place(program: Program, token: str) -> str:
    """The end of the webhook's address, from the key ring: it stands in no configuration."""
    return program.keys.hash("telegram.webhook.place", token)


def _parts(program: Program, api: "TelegramApi", owner: str) -> AnsweringParts:
    async def offered(sender: str) -> Sequence[str]:
        """What a button of the last reply may have meant."""
        not_before = program.clock.now() - CONVERSATION_LASTS
        async with program.store.read() as work:
            try:
                found = await work.conversations.find(program.keys.person(CHANNEL, sender), not_before)
            except CannotOpen:
                return []
        return actions_in(found.state)

    return AnsweringParts(
        write=program.store.write,
        receive=program.inbox.receive,
        calls=api,
        clock=program.clock,
        metrics=program.metrics,
        person=lambda sender: program.keys.person(CHANNEL, sender),
        offered=offered,
        shorten=lambda action: program.keys.hash("telegram.action", action)[:_CALLBACK_CHARACTERS],
        words=ReplyWords.of(program.wording, program.services.hotline),
        owner=owner,
        apology=program.inbox.apology,
        base_url=program.configuration.settings.web.base_url or "",
    )
