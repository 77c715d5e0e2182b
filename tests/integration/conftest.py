"""Fixtures of the integration tests."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import httpx
import pytest

from bot.app import Program, build
from bot.clock import Clock
from bot.web import make_web
from tests.fakes import FakeClock, ScriptedRanker, ScriptedRankers
from tests.wechat import ENVIRON, WeChatServer, a_wechat_configuration

if TYPE_CHECKING:
    from bot.answers.keeper import RankerFactory

StartWeChat = Callable[..., AbstractAsyncContextManager[tuple[Program, WeChatServer]]]


@pytest.fixture
def start_wechat(tmp_path: Path, clock: FakeClock) -> StartWeChat:
    """Starts a program with the WeChat channel; its section of the settings can be changed.

    `at` is the clock of both sides. Whatever says 工资 is a question about arrears.
    """

    @asynccontextmanager
    async def started(
        environ: Mapping[str, str] = ENVIRON, *, at: Clock = clock, **section: object
    ) -> AsyncIterator[tuple[Program, WeChatServer]]:
        configuration = a_wechat_configuration(tmp_path, environ, **section)
        rankers = ScriptedRankers(ScriptedRanker({"工资": "wage.arrears"}, {}))
        program = build(configuration, clock=at, rankers=cast("RankerFactory", rankers))
        transport = httpx.ASGITransport(make_web(program))
        async with program.running(), httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            yield program, WeChatServer(client, at)

    return started
