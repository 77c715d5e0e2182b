"""The whole conversation against a server that others wrote (npm telegram-test-api), by asking and by webhook."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import httpx
import pytest
import uvicorn

from bot.app import Program, build
from bot.clock import SystemClock
from bot.complaints.cases import FileState
from bot.notice_jobs import make_notice_jobs
from bot.operations import make_file_jobs
from bot.telegram_channel import TelegramChannel, make_telegram
from bot.web import make_web
from tests.builders import ROOT
from tests.chat import registered
from tests.emulators.npm import TELEGRAM, node_server, npm_modules
from tests.evidence import a_jpeg
from tests.fakes import ScriptedRanker, ScriptedRankers
from tests.telegram import BASE_URL, NEAR, TOKEN, a_telegram_configuration, union_writes

pytestmark = pytest.mark.node
SERVER = ROOT / "tests" / "emulators" / "telegram_chat_server.cjs"
USER = {"id": 7, "first_name": "张三", "is_bot": False}
CHAT = {"id": 7, "type": "private", "first_name": "张三"}
UNTIL = 400


@pytest.fixture
def base(pytestconfig: pytest.Config) -> Iterator[str]:
    photo = base64.b64encode(a_jpeg()).decode()
    with node_server(SERVER, npm_modules(pytestconfig, "npm-telegram", TELEGRAM), photo) as base:
        yield base


@dataclass
class Phone:
    """Somebody with Telegram on the phone."""

    telegram: httpx.AsyncClient
    seen: int = 0

    async def hears(self) -> dict:
        """The next message of the bot."""
        for _ in range(UNTIL):
            told = (await self.telegram.post("/getUpdatesHistory", json={"token": TOKEN})).json()["result"]
            from_bot = [one["message"] for one in told if "message" in one and "chat_id" in one["message"]]
            if len(from_bot) > self.seen:
                self.seen += 1
                return from_bot[self.seen - 1]
            await asyncio.to_thread(Event().wait, 0.02)
        raise AssertionError("nothing is heard")

    async def says(self, text: str) -> dict:
        where, entities = "/sendMessage", {}
        if text.startswith("/"):
            where, entities = "/sendCommand", {"entities": [{"type": "bot_command", "offset": 0, "length": len(text)}]}
        return await self.sends(where, text=text, **entities)

    async def sends(self, where: str = "/sendMessage", **content: object) -> dict:
        said = {"botToken": TOKEN, "date": 1_795_312_800, "from": USER, "chat": CHAT, **content}
        assert (await self.telegram.post(where, json=said)).status_code == 200
        return await self.hears()

    async def taps(self, message: dict, label: str) -> dict:
        buttons = [button for row in message["reply_markup"]["inline_keyboard"] for button in row]
        data = next(button["callback_data"] for button in buttons if label in button["text"])
        under = {"message_id": 1, "date": 1_795_312_800, "chat": CHAT, "text": "…"}
        tap = {"botToken": TOKEN, "from": USER, "message": under, "data": data}
        assert (await self.telegram.post("/sendCallback", json=tap)).status_code == 200
        return await self.hears()


@asynccontextmanager
async def a_bot(folder: Path, base: str, *, webhook: bool) -> AsyncIterator[tuple[Program, TelegramChannel, str]]:
    """The program as it serves, with its real clock; the address at which it listens."""
    configuration = a_telegram_configuration(folder, base, webhook=webhook, complaints=True)
    rankers = ScriptedRankers(ScriptedRanker({"工资": "wage.arrears"}, NEAR))
    program = build(configuration, clock=SystemClock(), rankers=rankers)  # type: ignore[arg-type]
    channel = make_telegram(program)
    assert channel is not None
    if not webhook:
        async with program.running(), channel.running():
            yield program, channel, ""
        return
    web = make_web(program)
    web.router.lifespan_context = None  # type: ignore[assignment]  # the test runs the parts itself
    web.router.routes[:] = channel.routes()
    server = uvicorn.Server(uvicorn.Config(web, port=0, log_level="error", lifespan="off"))
    async with program.running(), channel.running():
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - the library has no event for it
            await asyncio.sleep(0)
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield program, channel, f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            await serving


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
async def test_ask_pick_vote_complain_with_a_photo_track_and_receive(base: str, tmp_path: Path, webhook: bool) -> None:
    async with (
        a_bot(tmp_path, base, webhook=webhook) as (program, channel, address),
        httpx.AsyncClient(base_url=base) as client,
    ):
        if webhook:
            await hooked(client, address)
        phone = Phone(client)
        assert "服务台" in (await phone.says("/start"))["text"]
        near = await phone.says("被辞退能要多少补偿")
        picked = await phone.taps(near, "1.")
        assert "依据" in picked["text"]
        assert "谢谢" in (await phone.taps(picked, "有用"))["text"]
        notice = await phone.says("/complain")
        assert "境外" in notice["text"]
        asked = await phone.taps(notice, "同意经过境外")
        for answer in ("同意", "同意", "都不同意", "保密", "工资", "恒泰建筑公司", "曹县", "老板三个月没发工资"):
            asked = await phone.says(answer)
        for answer in ("1", "1", "1", "二十多人", "一万二", "把工资发了", "王师傅 13800001111"):
            if "照片" in asked["text"]:
                break
            asked = await phone.says(answer)
        while "照片" not in asked["text"]:
            asked = await phone.says("跳过")
        taken = await phone.sends(photo=[{"file_id": "photo-1", "file_unique_id": "u", "width": 320, "height": 240}])
        assert "收到" in taken["text"] or "1" in taken["text"]
        wish = await phone.says("没有了")
        summary = await phone.taps(wish, "写出内容")
        filed = await phone.taps(summary, "提交")
        receipt = re.search(r"登记凭证号：(\d{4} \d{4} \d{4} \d{4})", filed["text"])
        assert receipt, filed["text"]
        ((case, _),) = await registered(program)
        jobs = {job.name: job for job in make_file_jobs(program, client, channel)}
        await jobs["fetch_files"].run()
        async with program.store.read() as work:
            assert [file.state for file in await work.files.of_case(case.id)] == [FileState.KEPT]
        tracked = await phone.says(receipt[1])
        assert case.number in tracked["text"]
        await phone.taps(tracked, "不看了")

        await union_writes(program, case.id, "已经联系单位")
        notices = {job.name: job for job in make_notice_jobs(program, client, None, channel)}
        await notices["send_worker_notices"].run()
        news = await phone.hears()
        assert "已经联系单位" in news["text"]
        assert "登记凭证号" in (await phone.taps(news, "凭登记凭证打开"))["text"]
        assert "已经联系单位" in (await phone.says(receipt[1]))["text"]
        for _ in range(UNTIL):
            commands = (await client.get("/commands")).json()["result"]
            if commands:
                break
            await asyncio.sleep(0)
        assert [one["command"] for one in commands] == ["ask", "complain", "track", "stop", "help"]


async def hooked(client: httpx.AsyncClient, address: str) -> None:
    """Wait until the bot has told where to call it, and lead these calls to where it listens in this test."""
    for _ in range(UNTIL):
        hooks = (await client.get("/hooks")).json()["result"]
        if hooks:
            (hook,) = hooks.values()
            assert hook["url"].startswith(BASE_URL)
            moved = {**hook, "url": hook["url"].replace(BASE_URL, address)}
            assert (await client.post(f"/bot{TOKEN}/setWebhook", json=moved)).status_code == 200
            return
        await asyncio.sleep(0)
    raise AssertionError("no webhook was set")
