"""The site as tests meet it: a program whose ranking is scripted, and a browser without a screen."""

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import httpx

from bot.app import Program, build
from bot.clock import Clock
from bot.settings import Configuration
from bot.web import make_web
from tests.builders import ROOT, a_configuration
from tests.fakes import ScriptedRanker, ScriptedRankers

if TYPE_CHECKING:
    from bot.answers.keeper import RankerFactory

ARREARS, DOUBLE, SEVERANCE = "wage.arrears", "contract.double-wage", "termination.severance"
TOPICS = (ARREARS, DOUBLE, SEVERANCE, "wage.final-pay", "wage.proof", "injury.recognition", "dispute.routes")
ASKS_ARREARS = "公司三个月没发工资"
ASKS_NEAR = "被辞退了能要多少补偿"
ASKS_OTHER = "离婚财产怎么分"
IN_DANGER = "老板不给钱，我想自杀"


def a_site_configuration(folder: Path, changes: dict[str, object] | None = None) -> Configuration:
    """The shipped configuration and words with a few of the shipped entries."""
    content = folder / "content"
    for part in ("laws", "lexicon", "replies", "complaints"):
        shutil.copytree(ROOT / "content" / part, content / part)
    for topic in TOPICS:
        file = Path("faq", *topic.split(".")).with_suffix(".md")
        (content / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "content" / file, content / file)
    return a_configuration(folder, {"content_dir": str(content), **(changes or {})})


def build_scripted(configuration: Configuration, clock: Clock | None = None) -> Program:
    """A program that understands the questions above, whatever the ranking engine thinks of them."""
    ranker = ScriptedRanker({"没发工资": ARREARS}, {"补偿": (SEVERANCE, DOUBLE, ARREARS)})
    return build(configuration, clock=clock, rankers=cast("RankerFactory", ScriptedRankers(ranker)))


@asynccontextmanager
async def a_site_program(folder: Path, clock: Clock) -> AsyncIterator[Program]:
    """That program, running."""
    program = build_scripted(a_site_configuration(folder), clock)
    async with program.running():
        yield program


def a_client(program: Program, **headers: str) -> httpx.AsyncClient:
    """A browser of its own, with its own cookies, that sends what browsers send."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(make_web(program), raise_app_exceptions=False, client=("127.0.0.1", 4711)),
        base_url="http://site.test",
        headers={"accept": "text/html,*/*;q=0.8", "sec-fetch-site": "same-origin", **headers},
    )


async def ask(client: httpx.AsyncClient, text: str, key: str = "") -> str:
    """Say something on the conversation page; the page it leads to."""
    response = await client.post("/chat", data={"q": text, "key": key}, follow_redirects=True)
    assert response.status_code == 200, response.text
    return response.text


def visible(html: str) -> str:
    """What stands on a page, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
