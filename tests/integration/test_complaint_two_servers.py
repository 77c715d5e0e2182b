"""Two server processes on one PostgreSQL share a dialogue in WeChat, and one of them is killed in the middle."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy.engine import URL

from bot.clock import SystemClock
from tests.chat import THE_REST, TO_THE_STORY
from tests.postgres import postgres_database
from tests.serving import Server, a_server
from tests.wechat import ENVIRON, WeChatServer, a_text, a_wechat_configuration

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def database(postgres: URL) -> Iterator[str]:
    with postgres_database(postgres) as url:
        yield url


@pytest.fixture
def servers(database: str, tmp_path: Path) -> Iterator[list[Server]]:
    environ = {**ENVIRON, "GONGHUI_DATABASE_URL": database}
    configuration = a_wechat_configuration(tmp_path, environ)
    with (
        a_server(configuration.path, environ, tmp_path / "first.log") as first,
        a_server(configuration.path, environ, tmp_path / "second.log") as second,
    ):
        yield [first, second]


async def says(server: Server, text: str) -> str:
    """What the server answers to a worker's message within WeChat's five seconds."""
    async with httpx.AsyncClient(base_url=server.url, timeout=5) as client:
        answer = await WeChatServer(client, SystemClock()).push(a_text(text))
    assert answer.status == 200
    return answer.text


async def test_a_dialogue_goes_from_one_process_to_the_other_and_outlives_one(
    servers: list[Server], database: str
) -> None:
    first, second = servers
    for number, text in enumerate(TO_THE_STORY):
        await says(servers[number % 2], text)
    assert THE_REST[0] in await says(first, THE_REST[0])
    first.process.kill()
    first.process.wait()
    for text in THE_REST[1:]:
        await says(second, text)
    assert "恒泰建筑公司" in await says(second, "提交")
    assert "登记凭证号" in await says(second, "提交")
    with psycopg.connect(database.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM complaint_case").fetchone() == (1,)
