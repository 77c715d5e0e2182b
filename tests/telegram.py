"""A program with the Telegram bot, and the other side of it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import httpx
import yaml

from bot.app import Program, build
from bot.channels.telegram.answering import Answering
from bot.clock import Clock
from bot.complaints.cases import CaseMessage, Direction
from bot.settings import Configuration, load_configuration
from bot.telegram_channel import TelegramChannel, make_telegram, webhook_place
from tests.emulators.served import serving
from tests.emulators.telegram_chat import TOKEN, Said, TelegramChat, push
from tests.fakes import FakeClock, ScriptedRanker, ScriptedRankers
from tests.wechat import a_wechat_configuration

if TYPE_CHECKING:
    from bot.answers.keeper import RankerFactory

NEAR = {"补偿": ("termination.severance", "contract.double-wage")}
ENVIRON = {"GONGHUI_TELEGRAM_TOKEN": TOKEN}
BASE_URL = "https://ask.example.org"


def a_telegram_configuration(
    folder: Path, api_base: str, environ: Mapping[str, str] | None = None, **section: object
) -> Configuration:
    """The shipped configuration with a few of the shipped entries, and the bot at that API."""

    made = a_wechat_configuration(
        folder, {**ENVIRON, **(environ or {}), "GONGHUI_WECHAT_TOKEN": "t", "GONGHUI_WECHAT_AES_KEY": "a" * 43}
    )
    raw = yaml.safe_load(made.path.read_text(encoding="utf-8"))
    raw["wechat"] = {"enabled": False, "app_id": ""}
    raw["web"] = {"base_url": BASE_URL}
    raw["telegram"] = section or None
    raw["publishing"]["channels"]["telegram"] = {"enabled": False, "chat": "", "api_base": api_base}
    made.path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return load_configuration(made.path, {**ENVIRON, **(environ or {})})


@dataclass
class Talk:
    """A running program, the bot's API, and people who write."""

    program: Program
    channel: TelegramChannel
    chat: TelegramChat
    client: httpx.AsyncClient = field(repr=False)
    polled: list[Answering] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"/telegram/{webhook_place(self.program, TOKEN)}"

    @property
    def secret(self) -> str:
        return self.program.keys.hash("telegram.webhook.secret", TOKEN)

    async def push(self, update: Any, *, secret: str | None = None) -> int:
        """One update by the webhook, answered as far as it can be."""
        response = await push(self.client, self.place, self.secret if secret is None else secret, update)
        await self.settled()
        return response.status_code

    async def settled(self) -> None:
        """Everything that was begun has come to its end."""
        assert self.channel.answering is not None
        for answering in (self.channel.answering, *self.polled):
            while undone := {task for task in _tasks(answering) if not task.done()}:
                await asyncio.wait(undone)
                await asyncio.sleep(0)

    async def says(self, *texts: str, user: int = 7) -> Said:
        for text in texts:
            assert await self.push(self.chat.text(text, user=user)) == 200
        return self.chat.last(user)

    async def taps(self, label: str, *, user: int = 7) -> Said:
        """Tap the button under the last message whose label holds that."""
        buttons = self.chat.last(user).buttons
        data = next(data for shown, data in buttons.items() if label in shown)
        assert await self.push(self.chat.tap(data, user=user)) == 200
        return self.chat.last(user)


async def union_writes(program: Program, case_id: str, text: str) -> None:
    """A cadre writes to the worker, who is to be told of it."""
    now = program.clock.now()
    message = CaseMessage(id=uuid4().hex, sent_at=now, by="a" * 32, direction=Direction.TO_WORKER, text=text)
    async with program.store.write() as work:
        (link,) = await work.links.of(case_id)
        await work.messages.add(case_id, message)
        await work.worker_notices.add(case_id, link.id, "news", now)
        await work.commit()


def _tasks(answering: Answering) -> set[asyncio.Task[None]]:
    noting = {answering._endings._task} if answering._endings._task else set()
    return {*answering._at_work.values(), *answering._taps, *noting}


@asynccontextmanager
async def a_talk(
    folder: Path,
    clock: Clock | None = None,
    environ: Mapping[str, str] | None = None,
    rankers: ScriptedRankers | None = None,
    **section: object,
) -> AsyncIterator[Talk]:
    """A program whose bot is called by a webhook; its section of the settings can be changed."""
    from bot.web import make_web

    chat = TelegramChat()
    async with serving(chat.answer) as served:
        configuration = a_telegram_configuration(folder, served.base, environ, **{"webhook": True, **section})
        rankers = rankers or ScriptedRankers(ScriptedRanker({"工资": "wage.arrears"}, NEAR))
        program = build(configuration, clock=clock or FakeClock(), rankers=cast("RankerFactory", rankers))
        channel = make_telegram(program)
        assert channel is not None
        web = make_web(program)
        web.router.routes[:] = [*channel.routes(), *web.router.routes]
        transport = httpx.ASGITransport(web)
        async with program.running(), httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            try:
                yield Talk(program, channel, chat, client)
            finally:
                assert channel.answering is not None
                await channel.answering.drain()
                await channel.api.close()
