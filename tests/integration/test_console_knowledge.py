"""The knowledge desk in the console: written by one, agreed to by another, live at once."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from bot.answers.content import import_entries
from bot.answers.entries import parse_entry, render_entry
from bot.clock import local_date
from bot.roles import Role
from tests.builders import an_entry
from tests.console import Desk, Window, a_console
from tests.fakes import FakeClock
from tests.integration.test_console_walls import routes_of, send
from tests.site import ARREARS, visible

PAGE = f"/knowledge/entries/{ARREARS}"
FIELD = re.compile(
    r'<(?:input|textarea|select)[^>]*\bname="(?P<name>[^"]+)"[^>]*?(?:value="(?P<value>[^"]*)"[^>]*)?>(?P<inner>.*?)'
    r"(?=</textarea>|</select>|<(?:input|textarea|select|button|div|label)\b)",
    re.DOTALL,
)


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    async with a_console(tmp_path, clock) as desk:
        await desk.hire("xuan", Role.PUBLICIST, name="宣宣")
        await desk.hire("zhang.wei", Role.CADRE, name="张卫")
        await desk.hire("sun.jian", Role.SUPERVISOR, name="孙建")
        yield desk


def form_of(html: str) -> dict[str, str]:
    """What the browser would send of the form of an entry if nothing was typed."""
    form = html.partition("data-preview=")[2].partition("</form>")[0]
    fields = {}
    for name in re.findall(r'<textarea[^>]*\bname="([^"]+)"', form):
        inner = re.search(rf'<textarea[^>]*\bname="{re.escape(name)}"[^>]*>(.*?)</textarea>', form, re.DOTALL)
        assert inner
        fields[name] = unescape(inner[1])
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        assert name
        fields[name[1]] = unescape(value[1]) if value else ""
    for name, inner in re.findall(r'<select[^>]*\bname="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', inner)
        assert chosen, name
        fields[name] = unescape(chosen[1] or chosen[2])
    fields.pop("csrftoken", None)
    return fields


def topics_on(html: str) -> list[str]:
    """The entries that a list leads to, in its order."""
    return re.findall(r'href="[^"]*/knowledge/entries/([a-z]+\.[a-z-]+)"', html)


def seen(html: str) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', html)
    assert found, visible(html)
    return found[1]


async def live(desk: Desk, topic: str = ARREARS) -> str:
    async with desk.program.store.read() as work:
        return (await work.entries.current()).get(topic, "")


async def submit(window: Window, path: str = PAGE, **typed: str) -> str:
    """Type over an entry and hand it to a second person; the page it leads to."""
    fields = form_of((await window.get(path)).text)
    response = await window.post(f"{path}/save", {**fields, **typed, "submit": "1"})
    assert response.status_code == 200, visible(response.text)
    return response.text


async def test_a_form_sent_back_unchanged_changes_nothing(desk: Desk) -> None:
    window = await desk.signed_in("xuan")
    for topic in desk.program.answers.base.entries:
        path = f"/knowledge/entries/{topic}"
        fields = form_of((await window.get(path)).text)
        assert "没有改动" in (await window.post(f"{path}/save", fields)).text, topic
    async with desk.program.store.read() as work:
        assert await work.entry_drafts.list() == []


async def test_what_one_writes_goes_live_when_another_agrees(desk: Desk) -> None:
    publicist, cadre = await desk.signed_in("xuan"), await desk.signed_in("zhang.wei")
    before = await live(desk)
    page = await submit(publicist, title="工资拖着不发怎么办")
    assert "已送审" in page
    assert "通过，马上生效" not in page
    assert await live(desk) == before
    listed = await cadre.get("/knowledge/entries?only=review")
    assert ARREARS in listed.text
    page = (await cadre.get(PAGE)).text
    assert "和线上的不同" in page
    assert "<mark>" in page
    done = await cadre.post(f"{PAGE}/agree", {"seen": seen(page)})
    assert "已生效" in done.text
    assert parse_entry(await live(desk)).title == "工资拖着不发怎么办"
    assert desk.program.answers.base.entries[ARREARS].title == "工资拖着不发怎么办", "live in this process at once"
    versions = visible((await cadre.get(f"{PAGE}/versions")).text)
    assert "第 1 版 → 第 2 版" in versions
    assert "宣宣" in versions
    assert "随程序附带" in versions


async def test_nobody_agrees_to_their_own_words(desk: Desk) -> None:
    cadre, supervisor = await desk.signed_in("zhang.wei"), await desk.signed_in("sun.jian")
    page = await submit(cadre, title="我自己写的")
    assert "要由另一位同志审核" in page
    assert "要由另一位" in (await cadre.post(f"{PAGE}/agree", {"seen": seen(page)})).text
    assert "我自己写的" not in await live(desk)
    page = (await supervisor.get(PAGE)).text
    back = await supervisor.post(f"{PAGE}/return", {"seen": seen(page), "comment": "标题要像职工说的话"})
    assert "已退回" in back.text
    assert "标题要像职工说的话" in (await cadre.get(PAGE)).text
    page = await submit(supervisor, title="改了一个字")
    assert "要由另一位" in (await supervisor.post(f"{PAGE}/agree", {"seen": seen(page)})).text
    assert "要由另一位" in (await cadre.post(f"{PAGE}/agree", {"seen": seen(page)})).text, "an earlier writer neither"


async def test_a_publicist_cannot_agree_and_a_leader_cannot_write(desk: Desk) -> None:
    await desk.hire("boss", Role.LEADER)
    await desk.hire("admin", Role.ADMINISTRATOR)
    publicist, leader = await desk.signed_in("xuan"), await desk.signed_in("boss")
    page = await submit(publicist, title="一")
    assert (await publicist.post(f"{PAGE}/agree", {"seen": seen(page)})).status_code == 403
    assert "保存草稿" not in (await leader.get(PAGE)).text
    assert (await leader.post(f"{PAGE}/save", {"title": "x"})).status_code == 403
    assert (await leader.get("/knowledge/questions")).status_code == 403
    administrator = await desk.signed_in("admin")
    for path in ("entries", "questions", "test", "due", f"entries/{ARREARS}", f"entries/{ARREARS}/versions"):
        assert (await administrator.get(f"/knowledge/{path}")).status_code == 403, path


async def test_no_address_of_the_desk_changes_anything_for_those_who_only_read(desk: Desk) -> None:
    """Walks every address of the desk that there is, with the form token of the member."""
    logins = {Role.LEADER: "boss", Role.OPERATOR: "hotline", Role.ADMINISTRATOR: "admin"}
    addresses = [(method, path) for method, path in routes_of(desk) if path.startswith("/knowledge/")]
    assert len(addresses) > 15
    for role, login in logins.items():
        await desk.hire(login, role)
        window = await desk.signed_in(login)
        for method, path in addresses:
            reads = method == "GET" and path != "/knowledge/entries/new" and "questions" not in path
            if role is not Role.ADMINISTRATOR and (reads or path == "/knowledge/test"):
                continue
            response = await send(window.client, method, path.replace("{topic}", ARREARS), window.token)
            assert response.status_code == 403, f"{role} {method} {path}: {response.status_code}"


async def test_faults_stand_beside_their_fields_and_nothing_typed_is_lost(desk: Desk) -> None:
    window = await desk.signed_in("xuan")
    fields = form_of((await window.get(PAGE)).text)
    typed = {
        "checked_on": "昨天",
        "citations": "劳动合同法 第三十条\n劳动合同法 第一千条\n《这是什么》哪一条",
        "section-0": "",
        "ask": "",
        "short": "第一句。<b>粗</b>",
    }
    response = await window.post(f"{PAGE}/save", {**fields, **typed, "submit": "1"})
    assert response.status_code == 422
    page = visible(response.text)
    for told in ("要写成日期", "有一行读不懂", "这一节要有内容", "至少要有一种问法", "已经存成草稿"):
        assert told in page, told
    kept = form_of((await window.get(PAGE)).text)
    assert kept["checked_on"] == "昨天"
    assert kept["short"] == typed["short"]
    assert kept["citations"].splitlines() == ["《劳动合同法》第30条", "《劳动合同法》第1000条", "《这是什么》哪一条"]
    mended = {**kept, "checked_on": "2026-11-20", "citations": "劳动合同法 30\n劳动合同法 1000", "section-0": "1. 催要"}
    response = await window.post(f"{PAGE}/save", {**mended, "ask": "不发工资", "submit": "1"})
    assert "没有《劳动合同法》第1000条这一条" in visible(response.text)


async def test_two_who_write_at_once_lose_nothing(desk: Desk) -> None:
    one, other = await desk.signed_in("xuan"), await desk.signed_in("zhang.wei")
    mine, theirs = [form_of((await window.get(PAGE)).text) for window in (one, other)]
    await one.post(f"{PAGE}/save", {**mine, "title": "宣宣写的标题"})
    late = await other.post(f"{PAGE}/save", {**theirs, "title": "张卫写的标题"})
    assert late.status_code == 409
    assert "宣宣改过这个条目" in late.text
    assert form_of(late.text)["title"] == "张卫写的标题"
    assert "宣宣" in visible(late.text)
    again = await other.post(f"{PAGE}/save", form_of(late.text))
    assert "草稿已保存" in again.text
    assert form_of(again.text)["title"] == "张卫写的标题"


async def test_the_preview_saves_nothing_and_shows_page_and_message(desk: Desk) -> None:
    window = await desk.signed_in("xuan")
    fields = form_of((await window.get(PAGE)).text)
    page = await window.post(f"{PAGE}/preview", {**fields, "short": "先打 12333。" + "长" * 800, "show": "form"})
    assert form_of(page.text)["short"].startswith("先打 12333。")
    assert "超过微信一条消息的长度" in page.text
    assert "srcdoc=" in page.text
    assert "site." in page.text
    part = await window.client.post(
        f"/console{PAGE}/preview", data={**fields, "csrftoken": window.token}, headers={"x-gonghui": "part"}
    )
    assert "<html" not in part.text.partition("srcdoc=")[0]
    assert "没有必须改的问题" in part.text
    file = await window.post(f"{PAGE}/preview", {**fields, "title": "换一个标题", "show": "file"})
    assert "title: 换一个标题" in file.text
    async with desk.program.store.read() as work:
        assert await work.entry_drafts.list() == []


async def test_the_text_of_the_file_can_be_written_too_and_keeps_what_no_form_can_say(desk: Desk) -> None:
    window = await desk.signed_in("xuan")
    page = (await window.get(f"{PAGE}?tab=file")).text
    broken = form_of(page)["source"].replace("region: 全国", "regio: 全国")
    saved = await window.post(f"{PAGE}/save", {"tab": "file", "seen": seen(page), "source": broken})
    assert "regio: 全国" in saved.text
    assert "没有这一栏" in saved.text
    mended = form_of(saved.text)["source"].replace("regio:", "region:")
    saved = await window.post(f"{PAGE}/save", {"tab": "file", "seen": seen(saved.text), "source": mended})
    assert "没有这一栏" not in saved.text


async def test_a_version_that_went_live_meanwhile_is_not_covered_unseen(desk: Desk, clock: FakeClock) -> None:
    publicist, cadre = await desk.signed_in("xuan"), await desk.signed_in("zhang.wei")
    await submit(publicist, title="宣宣的标题")
    async with desk.program.store.write() as work:
        entry = parse_entry(await live(desk))
        newer = {ARREARS: an_entry(ARREARS, title="文件里的新标题", citations=entry.citations)}
        await import_entries(newer, work.entries, "import", clock.now())
        await work.commit()
    page = (await cadre.get(PAGE)).text
    assert "起草以后线上有了新的一版" in page
    refused = await cadre.post(f"{PAGE}/agree", {"seen": seen(page)})
    assert "线上又有了新的一版" in refused.text
    assert "文件里的新标题" in await live(desk)
    page = (await publicist.get(PAGE)).text
    page = (await publicist.post(f"{PAGE}/take-back", {"seen": seen(page)})).text
    page = (await publicist.post(f"{PAGE}/renew", {"seen": seen(page)})).text
    assert "线上有了新的一版" not in page
    page = (await publicist.post(f"{PAGE}/save", {**form_of(page), "title": "对照过的标题", "submit": "1"})).text
    await cadre.post(f"{PAGE}/agree", {"seen": seen((await cadre.get(PAGE)).text)})
    assert "对照过的标题" in await live(desk)


async def test_a_new_entry_gets_its_own_topic_and_can_be_given_up(desk: Desk) -> None:
    window = await desk.signed_in("xuan")
    await window.get("/knowledge/entries/new")
    assert (await window.post("/knowledge/entries/new", {"name": "", "category": "wage"})).status_code == 422
    page = await window.post("/knowledge/entries/new", {"name": "年终奖没发怎么办", "category": "wage"})
    assert page.url.path.endswith("wage.new-1122-1")
    path = page.url.path.removeprefix("/console")
    fields = {**form_of(page.text), "topic": ARREARS}
    taken = await window.post(f"{path}/save", fields)
    assert taken.status_code == 422
    assert "已经有条目或者草稿" in taken.text
    renamed = await window.post(f"{path}/save", {**fields, "topic": "wage.bonus"})
    assert renamed.url.path.endswith("wage.bonus")
    assert form_of(renamed.text)["title"] == "年终奖没发怎么办"
    assert "wage.bonus" in (await window.get("/knowledge/entries?only=draft")).text
    gone = await window.post("/knowledge/entries/wage.bonus/drop", {"seen": seen(renamed.text)})
    assert gone.url.path == "/console/knowledge/entries"
    assert "草稿已放弃" in gone.text
    assert (await window.get("/knowledge/entries/wage.bonus")).status_code == 404


async def test_the_list_is_searched_filtered_and_shows_what_is_urgent_first(desk: Desk, clock: FakeClock) -> None:
    async with desk.program.store.write() as work:
        old = an_entry("wage.old", title="过期的", review_by=an_entry().checked_on.replace(year=2025))
        await work.entries.save("wage.old", render_entry(old), "import", clock.now())
        await work.votes.cast(person="p", topic=ARREARS, question="", channel="site", helpful=False, now=clock.now())
        await work.commit()
    await desk.program.keeper.refresh()
    window = await desk.signed_in("xuan")
    page = (await window.get("/knowledge/entries")).text
    assert page.index("过期的") < page.index(ARREARS)
    assert "复核超期" in page
    assert ARREARS not in (await window.get("/knowledge/entries?only=overdue")).text
    assert "过期的" not in (await window.get("/knowledge/entries?only=disliked")).text
    found = (await window.get("/knowledge/entries", params={"q": "欠薪"})).text
    assert ARREARS in found
    assert "过期的" not in found
    due = visible((await window.get("/knowledge/due")).text)
    assert "复核超期，职工看到时带提示" in due
    assert "过期的" in due


async def test_what_has_to_be_reviewed_within_sixty_days_stands_first_the_earliest_before(
    desk: Desk, clock: FakeClock
) -> None:
    days = {"wage.later": 60, "wage.sooner": 3, "wage.far": 61}
    async with desk.program.store.write() as work:
        for topic, left in days.items():
            entry = an_entry(topic, title=topic, review_by=local_date(clock.now()) + timedelta(days=left))
            await work.entries.save(topic, render_entry(entry), "import", clock.now())
        await work.commit()
    await desk.program.keeper.refresh()
    window = await desk.signed_in("xuan")
    listed = topics_on((await window.get("/knowledge/entries")).text)
    assert listed[:2] == ["wage.sooner", "wage.later"]
    assert set(listed) > set(days)
    assert topics_on((await window.get("/knowledge/entries?only=near")).text) == ["wage.sooner", "wage.later"]
    due = (await window.get("/knowledge/due")).text
    assert "六十天内要复核" in due
    assert topics_on(due) == ["wage.sooner", "wage.later"]
