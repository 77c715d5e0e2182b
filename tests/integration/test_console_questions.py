"""Questions that nobody could answer become phrasings and entries; and why a question found what it found."""

import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from bot.answers.entries import parse_entry
from bot.answers.knowledge.form import read_source
from bot.knowledge_desk import make_knowledge_jobs
from bot.laws.citation import Citation
from bot.publishing.law_reviews import CitingEntry
from bot.roles import Role
from tests.console import Desk, Window, a_console
from tests.fakes import FakeClock
from tests.site import ARREARS, ASKS_ARREARS, ASKS_NEAR, ASKS_OTHER, DOUBLE, IN_DANGER, SEVERANCE, visible

QUESTIONS = "/knowledge/questions"
HEAT = ("高温津贴一天多少钱", "高温补贴每天给多少", "高温津贴一天多少钱")


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    async with a_console(tmp_path, clock) as desk:
        await desk.hire("xuan", Role.PUBLICIST, name="宣宣")
        await desk.hire("zhang.wei", Role.CADRE, name="张卫")
        yield desk


async def record(desk: Desk, text: str, id: str, **fields: object) -> None:
    values: dict[str, object] = {
        "asked_at": desk.clock.now(),
        "channel": "site",
        "person": "p",
        "text": text,
        "outcome": "suggest",
        "reason": "",
        "topics": (SEVERANCE, DOUBLE),
        "scores": (0.3, 0.2),
        "base": "x",
    }
    async with desk.program.store.write() as work:
        await work.questions.record(id=id, **{**values, **fields})  # type: ignore[arg-type]
        await work.commit()


async def dislike(desk: Desk, question: str, topic: str = ARREARS) -> None:
    async with desk.program.store.write() as work:
        await work.votes.cast(
            person=question, topic=topic, question=question, channel="site", helpful=False, now=desk.clock.now()
        )
        await work.commit()


def cluster_of(html: str, heading: str) -> dict[str, str]:
    """The hidden fields of the form of the cluster of that heading."""
    section = next(part for part in html.split("<section")[1:] if f">{heading}<" in part)
    fields = dict(re.findall(r'<input type="hidden" name="(days|kind|ids)" value="([^"]*)"', section))
    examples = re.search(r'name="examples"[^>]*>(.*?)</textarea>', section, re.DOTALL)
    assert examples
    topic = re.search(r'name="topic".*?<option value="([^"]*)"', section, re.DOTALL)
    assert topic
    return {**fields, "examples": examples[1], "topic": topic[1]}


async def test_alike_questions_stand_together_with_their_counts(desk: Desk) -> None:
    for number, text in enumerate(HEAT):
        await record(desk, text, f"h{number}")
    await record(desk, "公积金怎么提取", "f")
    await record(desk, "工资拖着不给", "d", outcome="answer", topics=(ARREARS,))
    await dislike(desk, "d")
    await record(desk, "你好", "s", outcome="none", reason="small_talk.greeting")
    await record(desk, ASKS_OTHER, "o", outcome="none", reason="other_law")
    page = await (await desk.signed_in("xuan")).get(QUESTIONS)
    text = visible(page.text)
    assert "一共 5 个" in text
    assert re.search(r"高温津贴一天多少钱 3 次", text)
    assert "高温补贴每天给多少" in text
    assert re.search(r"工资拖着不给 1 次 · 1 次没帮助", text)
    assert "你好" not in text
    assert ASKS_OTHER not in text
    assert ASKS_OTHER in (await (await desk.signed_in("xuan")).get(f"{QUESTIONS}?kind=other")).text
    assert cluster_of(page.text, HEAT[0])["topic"] == SEVERANCE, "the nearest entry is chosen beforehand"
    assert cluster_of(page.text, "工资拖着不给")["topic"] == ARREARS, "the one that did not help comes first"


async def test_one_click_makes_a_phrasing_of_a_cluster(desk: Desk) -> None:
    for number, text in enumerate(HEAT):
        await record(desk, text, f"h{number}")
    window = await desk.signed_in("xuan")
    fields = cluster_of((await window.get(QUESTIONS)).text, HEAT[0])
    done = await window.post(
        f"{QUESTIONS}/act", {**fields, "what": "phrasing", "topic": ARREARS, "phrasing": "高温津贴一天多少钱"}
    )
    assert "已加到" in done.text
    assert "没有要补充的问题" in done.text
    async with desk.program.store.read() as work:
        draft = await work.entry_drafts.open_of(ARREARS)
    assert draft is not None
    assert parse_entry(draft.source).ask[-1] == "高温津贴一天多少钱"
    assert "高温津贴" not in " ".join(desk.program.answers.base.entries[ARREARS].ask), "not live yet"


async def test_one_click_makes_an_entry_of_a_cluster(desk: Desk) -> None:
    for number, text in enumerate(HEAT):
        await record(desk, text, f"h{number}")
    window = await desk.signed_in("xuan")
    fields = cluster_of((await window.get(QUESTIONS)).text, HEAT[0])
    page = await window.post(
        f"{QUESTIONS}/act", {**fields, "what": "entry", "category": "hours", "phrasing": "高温津贴一天多少钱"}
    )
    assert page.url.path.endswith("/knowledge/entries/hours.new-1122-1")
    async with desk.program.store.read() as work:
        draft = await work.entry_drafts.open_of("hours.new-1122-1")
        assert draft is not None
    form = read_source(draft.source)
    assert form is not None
    assert form.title == "高温津贴一天多少钱"
    assert form.ask.splitlines() == ["高温津贴一天多少钱", "高温补贴每天给多少"]
    assert "没有要补充的问题" in (await window.get(QUESTIONS)).text


async def test_what_is_dismissed_stays_away_and_what_is_new_comes(desk: Desk, clock: FakeClock) -> None:
    await record(desk, HEAT[0], "h0")
    window = await desk.signed_in("xuan")
    fields = cluster_of((await window.get(QUESTIONS)).text, HEAT[0])
    assert "已忽略" in (await window.post(f"{QUESTIONS}/act", {**fields, "what": "dismissed"})).text
    await record(desk, HEAT[0], "h1")
    page = visible((await window.get(QUESTIONS)).text)
    assert "一共 1 个" in page
    clock.advance(days=40)
    window = await desk.signed_in("xuan")
    assert "没有要补充的问题" in (await window.get(QUESTIONS)).text
    assert "一共 1 个" in visible((await window.get(f"{QUESTIONS}?days=90")).text)


async def test_a_phrasing_without_an_entry_and_one_in_review_are_refused_and_nothing_is_marked(desk: Desk) -> None:
    await record(desk, HEAT[0], "h0")
    window = await desk.signed_in("xuan")
    fields = {**cluster_of((await window.get(QUESTIONS)).text, HEAT[0]), "what": "phrasing", "phrasing": "一"}
    assert "请先选一个条目" in (await window.post(f"{QUESTIONS}/act", {**fields, "topic": "no.such"})).text
    await window.post(f"{QUESTIONS}/act", {**fields, "ids": ""})
    async with desk.program.store.write() as work:
        draft = await work.entry_drafts.open_of(SEVERANCE)
        assert draft is not None
        await work.entry_drafts.change(draft, desk.clock.now(), state="in_review")
        await work.commit()
    refused = await window.post(f"{QUESTIONS}/act", {**fields, "phrasing": "二"})
    assert "可能正在审核" in refused.text
    assert "一共 1 个" in visible(refused.text)


async def test_the_job_forgets_marks(desk: Desk) -> None:
    await record(desk, HEAT[0], "h0")
    async with desk.program.store.write() as work:
        await work.entry_drafts.mark(["h0", "gone"], "dismissed", "a", desk.clock.now())
        await work.commit()
    (job,) = make_knowledge_jobs(desk.program)
    assert await job.run() == {"rows": 1}


async def ask(window: Window, question: str) -> str:
    await window.get("/knowledge/test")
    response = await window.post("/knowledge/test", {"question": question})
    assert response.status_code == 200
    assert "question=" not in str(response.url)
    return visible(response.text)


async def test_the_hit_test_says_what_a_worker_gets_and_leads_to_the_entry(desk: Desk) -> None:
    window = await desk.signed_in("zhang.wei")
    answered = await ask(window, ASKS_ARREARS)
    assert "直接答复" in answered
    assert "单位拖欠工资怎么办" in answered
    assert "改问法" in answered
    near = await ask(window, ASKS_NEAR)
    assert "列出相近的问题" in near
    assert "经济补偿" in near
    assert "没有排出相近的条目" in await ask(window, "今天天气")
    assert "当作寒暄" in await ask(window, "你好")
    assert "先提醒职工" in await ask(window, IN_DANGER)
    async with desk.program.store.read() as work:
        assert await work.questions.count() == 0, "nothing of it is recorded"


async def test_an_entry_whose_law_has_changed_is_listed_until_somebody_has_read_it(desk: Desk) -> None:
    reviews = desk.program.newsroom.law_reviews
    entry = CitingEntry(ARREARS, "单位拖欠工资怎么办", (Citation("劳动合同法", 30),))
    async with desk.program.store.write() as work:
        await reviews.note(work, "劳动合同法", [(30, 0)], [entry], desk.clock.now())
        await work.commit()
    window = await desk.signed_in("xuan")
    page = (await window.get("/knowledge/due")).text
    assert "《劳动合同法》第30条" in visible(page)
    path = re.search(r'action="/console(/knowledge/due/law/[0-9a-f]+)"', page)
    assert path
    assert "对照新法看过了" in (await window.post(path[1])).text
    assert "《劳动合同法》" not in (await window.get("/knowledge/due")).text
    assert desk.clock.now().date() == date(2026, 11, 22)
