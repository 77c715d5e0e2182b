"""One suite of conversations for every channel: the same words have the same outcome wherever they are said."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Protocol, cast
from xml.etree.ElementTree import fromstring

import httpx
import pytest

from bot.app import Program, build
from bot.channels.terminal.render import render as render_for_terminal
from bot.messages import Kind, Message
from bot.web import make_web
from tests.chat import registered
from tests.fakes import FakeClock, ScriptedRanker, ScriptedRankers
from tests.site import a_client
from tests.telegram import a_talk
from tests.wechat import ENVIRON, WeChatServer, a_text, a_wechat_configuration

ANSWERS = {"没发工资": "wage.arrears"}
NEAR = {"补偿": ("termination.severance", "contract.double-wage")}
DIALOGUE = (
    ("经 Telegram 传到境外", "同意"),
    ("您同意这样处理", "同意"),
    ("敏感信息，法律要求单独问您", "同意"),
    ("同意把您的事转给", "都不同意"),
    ("您想怎么登记", "保密"),
    ("是哪方面的事", "工资"),
    ("是哪个单位", "恒泰建筑公司"),
    ("在哪个县区", "曹县"),
    ("出了什么事", "老板三个月没发工资，二十多人"),
    ("还有就接着说", "1"),
    ("对不对？", "1"),
    ("从什么时候开始的", "今年3月"),
    ("还在这个单位干吗", "1"),
    ("一共多少人", "二十人"),
    ("涉及多少钱", "一万二"),
    ("希望怎么解决", "把工资发了"),
    ("请留姓名和电话", "王师傅 13800001111"),
    ("有照片", "没有了"),
    ("提醒您吗", "不用"),
    ("请核对", "提交"),
)
"""What is asked, by a piece of its words, and what is answered: each channel asks what it needs to know."""


@dataclass(frozen=True)
class Heard:
    """What somebody reads. choices: how many things may be picked."""

    text: str
    choices: int


class Person(Protocol):
    """Somebody on some channel."""

    program: Program

    async def say(self, text: str) -> Heard: ...

    async def pick(self, number: int) -> Heard: ...


async def topics(program: Program) -> list[tuple[str, list[str]]]:
    """What was asked, with its outcome and the topics found, the first first."""
    async with program.store.read() as work:
        return [(one.outcome, list(one.topics)) for one in reversed(await work.questions.recent(10))]


def numbered(text: str) -> int:
    """How many choices a text lists."""
    return len(re.findall(r"^\d{1,2}\. ", text, re.MULTILINE))


@dataclass
class AtTerminal:
    program: Program
    said: int = 0

    async def say(self, text: str) -> Heard:
        self.said += 1
        now = self.program.clock.now()
        message = Message("terminal", "somebody", f"m{self.said}", Kind.TEXT, now, text=text)
        reply = await self.program.inbox.receive(message)
        assert reply is not None
        return Heard(render_for_terminal(reply, "https://ask.example.org"), len(reply.choices))

    async def pick(self, number: int) -> Heard:
        return await self.say(str(number))


@dataclass
class OnWeChat:
    program: Program
    server: WeChatServer

    async def say(self, text: str) -> Heard:
        answer = await self.server.push(a_text(text))
        assert answer.status == 200
        document = fromstring(answer.document)
        said = document.findtext("Content") or ""
        return Heard(said, numbered(said))

    async def pick(self, number: int) -> Heard:
        return await self.say(str(number))


@dataclass
class OnTheSite:
    program: Program
    client: httpx.AsyncClient
    page: str = ""

    async def say(self, text: str) -> Heard:
        found = re.search(r'name="key" value="([^"]+)"', self.page or (await self.client.get("/chat")).text)
        said = {"q": text, "key": found[1] if found else ""}
        response = await self.client.post("/chat", data=said, follow_redirects=True)
        assert response.status_code == 200
        self.page = response.text
        latest = self.page[self.page.index('id="latest"') :].partition("</ol>\n  </div>")[0]
        text = unescape(re.sub(r"<[^>]+>", "", latest)).partition("服务台答复：")[2]
        return Heard(text, latest.count('class="choice-number"'))

    async def pick(self, number: int) -> Heard:
        return await self.say(str(number))


@dataclass
class OnTelegram:
    program: Program
    talk: object

    async def say(self, text: str) -> Heard:
        said = await self.talk.says(text)  # type: ignore[attr-defined]
        return self._heard(said)

    async def pick(self, number: int) -> Heard:
        return self._heard(await self.talk.taps(f"{number}. "))  # type: ignore[attr-defined]

    def _heard(self, said: object) -> Heard:
        labels = said.buttons  # type: ignore[attr-defined]
        return Heard(said.text, sum(re.match(r"\d{1,2}\. ", label) is not None for label in labels))  # type: ignore[attr-defined]


def rankers() -> ScriptedRankers:
    return ScriptedRankers(ScriptedRanker(ANSWERS, NEAR))


@asynccontextmanager
async def a_program(folder: Path, clock: FakeClock) -> AsyncIterator[Program]:
    configuration = a_wechat_configuration(folder, ENVIRON)
    program = build(configuration, clock=clock, rankers=cast("object", rankers()))  # type: ignore[arg-type]
    async with program.running():
        yield program


@asynccontextmanager
async def at_terminal(folder: Path, clock: FakeClock) -> AsyncIterator[Person]:
    async with a_program(folder, clock) as program:
        yield AtTerminal(program)


@asynccontextmanager
async def on_wechat(folder: Path, clock: FakeClock) -> AsyncIterator[Person]:
    async with a_program(folder, clock) as program:
        transport = httpx.ASGITransport(make_web(program))
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            yield OnWeChat(program, WeChatServer(client, clock))


@asynccontextmanager
async def on_the_site(folder: Path, clock: FakeClock) -> AsyncIterator[Person]:
    async with a_program(folder, clock) as program, a_client(program) as client:
        yield OnTheSite(program, client)


@asynccontextmanager
async def on_telegram(folder: Path, clock: FakeClock) -> AsyncIterator[Person]:
    async with a_talk(folder, clock, rankers=rankers(), complaints=True) as talk:
        yield OnTelegram(talk.program, talk)


CHANNELS: dict[str, Callable[[Path, FakeClock], AbstractAsyncContextManager[Person]]] = {
    "terminal": at_terminal,
    "wechat": on_wechat,
    "site": on_the_site,
    "telegram": on_telegram,
}


@pytest.fixture(params=CHANNELS)
async def person(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Person]:
    async with CHANNELS[request.param](tmp_path, clock) as person:
        yield person


def title(person: Person, topic: str) -> str:
    return person.program.answers.base.entries[topic].title


async def test_a_question_gets_the_same_answer_and_as_much_to_pick(person: Person) -> None:
    heard = await person.say("公司三个月没发工资")
    entry = person.program.answers.base.entries["wage.arrears"]
    assert title(person, "wage.arrears") in heard.text
    served = set(person.program.answers.served(person.program.clock.now()))
    assert heard.choices == len([one for one in entry.related if one in served][:3]) + 1  # and the complaint
    assert await topics(person.program) == [("answer", ["wage.arrears"])]


async def test_near_questions_are_offered_and_the_second_one_is_shown(person: Person) -> None:
    near = await person.say("被辞退能要多少补偿")
    assert near.choices == 2
    picked = await person.pick(2)
    assert title(person, "contract.double-wage") in picked.text
    assert [outcome for outcome, _ in await topics(person.program)] == ["suggest"]


async def test_what_is_not_known_is_not_invented(person: Person) -> None:
    heard = await person.say("火星上的天气怎么样")
    assert heard.choices == 0
    assert "12351" in heard.text or "12348" in heard.text
    assert [outcome for outcome, _ in await topics(person.program)] == ["none"]


async def test_a_vote_in_words_counts_for_the_answer_last_shown(person: Person) -> None:
    await person.say("公司三个月没发工资")
    assert "谢谢" in (await person.say("有用")).text
    async with person.program.store.read() as work:
        assert await work.votes.tally("wage.arrears") == (1, 0)


async def test_an_emergency_is_answered_first(person: Person) -> None:
    heard = await person.say("工地塌了有人被埋在下面，快救人")
    assert "120" in heard.text


async def test_a_complaint_is_filed_with_the_same_facts_and_opens_by_its_receipt(person: Person) -> None:
    heard = await person.say("我要投诉")
    for _ in range(30):
        if "登记凭证号" in heard.text:
            break
        answer = next((answer for asked, answer in DIALOGUE if asked in heard.text), None)
        assert answer, heard.text
        heard = await person.say(answer)
    receipt = re.search(r"登记凭证号：(\d{4} \d{4} \d{4} \d{4})", heard.text)
    assert receipt, heard.text
    ((case, said),) = await registered(person.program)
    assert said is not None
    facts = (case.category, case.district, case.confidentiality, said.employer, said.wish, said.phone)
    assert facts == ("wage", "caoxian", "confidential", "恒泰建筑公司", "把工资发了", "13800001111")
    assert said.narrative.startswith("老板三个月没发工资")
    assert (said.people.low, said.money.low) != (None, None)
    assert case.number in (await person.say(receipt[1])).text
    assert case.number in (await person.say("进度")).text
