"""An entry that legal staff have confirmed, or not, as staff, readers and the operator see it."""

import re
from pathlib import Path

from bot.answers.content import import_entries
from bot.answers.entries import parse_entry
from bot.answers.knowledge.confirming import Confirmer, confirm
from bot.app import Program
from bot.operations import make_housekeeping
from bot.ops.doctor.findings import Mark
from bot.roles import Role
from tests.builders import a_message, an_entry
from tests.console import Desk, Window
from tests.fakes import FakeClock
from tests.integration.conftest import StartWeChat
from tests.integration.test_console_knowledge import desk, form_of, seen, submit, topics_on
from tests.integration.test_ops_doctor import PUBLIC, examine, quick, texts
from tests.operating import a_program
from tests.site import ARREARS, TOPICS, a_client, a_site_program, ask, visible
from tests.wechat import a_text

__all__ = ["desk", "quick"]  # fixtures: a desk with three people; the doctor asks no network

PAGE = f"/knowledge/entries/{ARREARS}"
GENERAL = "以上是一般性信息"
CONFIRMED = "菏泽市总工会法律工作人员已于2026年11月22日核对"
OPEN_FORM = re.compile(r'action="[^"]*/confirm"')


async def confirm_elsewhere(program: Program, *topics: str, by: str = "王律师") -> None:
    """As another process does; this one has to notice."""
    person = Confirmer(actor="operator", recorded=by, accounts=frozenset(), name=by)
    async with program.store.write() as work:
        await confirm(work, person, topics or [ARREARS], "", program.clock.now())
        await work.commit()


async def change(program: Program, **fields: object) -> None:
    """Another text of the entry goes live, from a file."""
    async with program.store.write() as work:
        cited = parse_entry((await work.entries.current())[ARREARS]).citations
        newer = {ARREARS: an_entry(ARREARS, **{"citations": cited, **fields})}
        await import_entries(newer, work.entries, "import", program.clock.now())
        await work.commit()


def state(html: str) -> str:
    """The line below the title that says how the entry stands."""
    return visible(html.partition('class="entry-state"')[2].partition("</div>")[0])


async def confirm_on(window: Window, **typed: str) -> str:
    """Open the page and press the button; the page it leads to."""
    html = (await window.get(PAGE)).text
    version = re.search(r'name="version" value="([0-9]+)"', html)
    fields = {"version": version[1] if version else "", "read": "1", **typed}
    return (await window.post(f"{PAGE}/confirm", fields)).text


async def test_who_may_confirms_in_two_steps_and_readers_are_told_at_once(desk: Desk) -> None:
    cadre = await desk.signed_in("zhang.wei")
    html = (await cadre.get(PAGE)).text
    assert "本会法律人员尚未确认" in state(html)
    assert "确认第 1 版" in html
    assert GENERAL in html, "the preview says it too"
    assert "勾上再确认" in await confirm_on(cadre, read="")
    assert "本会法律人员尚未确认" in state((await cadre.get(PAGE)).text)
    done = await confirm_on(cadre, note="对照了 2026 年的文本")
    assert "已确认" in done
    assert "已于 2026-11-22 由 张卫 确认：对照了 2026 年的文本" in state(done)
    assert not OPEN_FORM.search(done)
    assert CONFIRMED in done, "the preview of the page"
    assert "工会法律人员2026-11-22核对" in done, "the preview of the message"
    async with a_client(desk.program) as reader:
        page = visible((await reader.get(f"/faq/{ARREARS}")).text)
    assert CONFIRMED in page
    assert "张卫" not in page


async def withdraw_on(window: Window, **typed: str) -> str:
    """Open the page and take the confirmation back; the page it leads to."""
    html = (await window.get(PAGE)).text
    form = html.partition('/withdraw-confirmation"')[2].partition("</form>")[0]
    version = re.search(r'name="version" value="([0-9]+)"', form)
    fields = {"version": version[1] if version else "", "why": "算错了倍数", **typed}
    return (await window.post(f"{PAGE}/withdraw-confirmation", fields)).text


async def test_a_confirmation_is_taken_back_with_a_reason_and_readers_are_told_at_once(desk: Desk) -> None:
    cadre, supervisor = await desk.signed_in("zhang.wei"), await desk.signed_in("sun.jian")
    assert "没有人确认过" in await withdraw_on(supervisor, version="1")
    await confirm_on(cadre)
    assert "要写明为什么" in await withdraw_on(supervisor, why="  ")
    assert "已于 2026-11-22 由 张卫 确认" in state((await cadre.get(PAGE)).text)
    done = await withdraw_on(supervisor, why="<b>算错了倍数</b>")
    assert "已撤回确认" in done
    assert "尚未确认 原来的确认已于 2026-11-22 由 孙建 撤回：&lt;b&gt;算错了倍数" in state(done)
    assert "<b>算错" not in done
    assert OPEN_FORM.search(done), "it can be confirmed anew"
    async with a_client(desk.program) as reader:
        page = (await reader.get(f"/faq/{ARREARS}")).text
    assert GENERAL in page
    assert "算错了倍数" not in page
    assert "撤回条目的确认" in visible((await supervisor.get("/audit")).text)
    assert "原来的确认" not in state(await confirm_on(cadre)), "what is confirmed anew is confirmed"


async def test_only_legal_staff_take_a_confirmation_back(desk: Desk) -> None:
    await confirm_elsewhere(desk.program)
    window = await desk.signed_in("xuan")
    assert "withdraw-confirmation" not in (await window.get(PAGE)).text
    denied = await window.post(f"{PAGE}/withdraw-confirmation", {"version": "1", "why": "错了"})
    assert denied.status_code == 403
    assert "由 王律师 确认" in state((await window.get(PAGE)).text)


async def test_what_went_live_meanwhile_is_not_withdrawn_unseen(desk: Desk) -> None:
    cadre = await desk.signed_in("zhang.wei")
    await change(desk.program, title="刚刚换上的一版")
    await confirm_elsewhere(desk.program)
    assert "线上刚换了别的一版" in await withdraw_on(cadre, version="1")
    assert "由 王律师 确认" in state((await cadre.get(PAGE)).text)


async def test_only_legal_staff_are_offered_it_and_only_they_can(desk: Desk) -> None:
    await desk.hire("boss", Role.LEADER)
    await desk.hire("hotline", Role.OPERATOR)
    for login in ("xuan", "boss", "hotline"):
        window = await desk.signed_in(login)
        html = (await window.get(PAGE)).text
        assert "本会法律人员尚未确认" in state(html), login
        assert not OPEN_FORM.search(html), login
        assert (await window.post(f"{PAGE}/confirm", {"version": "1", "read": "1"})).status_code == 403, login
    assert OPEN_FORM.search((await (await desk.signed_in("sun.jian")).get(PAGE)).text)


async def test_who_wrote_what_is_live_leaves_it_to_somebody_else(desk: Desk) -> None:
    cadre, supervisor = await desk.signed_in("zhang.wei"), await desk.signed_in("sun.jian")
    await submit(cadre, title="张卫写的标题")
    await supervisor.post(f"{PAGE}/agree", {"seen": seen((await supervisor.get(PAGE)).text)})
    html = (await cadre.get(PAGE)).text
    assert "要由另一位同志确认" in html
    assert not OPEN_FORM.search(html)
    assert "要由另一位同志确认" in await confirm_on(cadre, version="2")
    assert "由 孙建 确认" in state(await confirm_on(supervisor))
    assert "由 孙建 确认" in state((await cadre.get(PAGE)).text)


async def test_a_draft_does_not_hide_how_the_live_entry_stands(desk: Desk) -> None:
    cadre, publicist = await desk.signed_in("zhang.wei"), await desk.signed_in("xuan")
    fields = form_of((await publicist.get(PAGE)).text)
    await publicist.post(f"{PAGE}/save", {**fields, "title": "还没有生效的标题"})
    html = (await cadre.get(PAGE)).text
    assert "线上的本会法律人员尚未确认" in state(html)
    assert "不是下面的草稿" in html
    html = await confirm_on(cadre)
    assert "线上的已于 2026-11-22 由 张卫 确认" in state(html)
    assert GENERAL in html, "the preview is of the draft, which nobody has confirmed"


async def test_what_went_live_meanwhile_is_not_confirmed_unseen(desk: Desk) -> None:
    cadre = await desk.signed_in("zhang.wei")
    await cadre.get(PAGE)
    await change(desk.program, title="刚刚换上的一版")
    page = await confirm_on(cadre, version="1")
    assert "线上刚换了别的一版" in page
    assert "尚未确认" in state(page)
    for nonsense in ("", "x", "0", "9" * 30):
        assert "尚未确认" in state(await confirm_on(cadre, version=nonsense))
    missing = await cadre.post("/knowledge/entries/wage.none/confirm", {"version": "1", "read": "1"})
    assert missing.status_code == 404


async def test_the_list_counts_and_filters_what_is_unconfirmed(desk: Desk) -> None:
    await confirm_elsewhere(desk.program, *TOPICS[1:])
    window = await desk.signed_in("xuan")
    listed = (await window.get("/knowledge/entries?only=unconfirmed")).text
    assert re.search(r"本会未确认<span[^>]*>1</span>", listed)
    assert topics_on(listed) == [ARREARS]
    assert "未确认" in listed
    await confirm_elsewhere(desk.program)
    assert "没有符合的条目" in (await window.get("/knowledge/entries?only=unconfirmed")).text
    assert "2026-11-22" in (await window.get("/knowledge/entries")).text
    await change(desk.program)
    assert ARREARS in (await window.get("/knowledge/entries?only=unconfirmed")).text


async def test_a_name_given_at_the_terminal_stands_on_the_page_of_the_desk(desk: Desk) -> None:
    await confirm_elsewhere(desk.program, by="<b>王律师</b>")
    html = (await (await desk.signed_in("xuan")).get(PAGE)).text
    assert "由 &lt;b&gt;王律师&lt;/b&gt; 确认" in html


async def test_the_page_of_an_entry_says_what_it_is_until_it_is_confirmed(tmp_path: Path, clock: FakeClock) -> None:
    async with a_site_program(tmp_path, clock) as program, a_client(program) as reader:
        before = await reader.get(f"/faq/{ARREARS}")
        assert GENERAL in before.text
        assert "依据核对日期" in before.text
        assert "法律工作人员" not in before.text
        await confirm_elsewhere(program)
        assert GENERAL in (await reader.get(f"/faq/{ARREARS}")).text, "this process has not noticed yet"
        assert await make_housekeeping(program).refresh_base() == {"changed": 1}
        after = await reader.get(f"/faq/{ARREARS}", headers={"if-none-match": before.headers["etag"]})
        assert after.status_code == 200
        page = visible(after.text)
        assert f"{CONFIRMED}。" in page
        assert "12351" in page.partition(CONFIRMED)[2].partition("不等于申请仲裁")[0]
        assert "依据核对日期" in page
        assert GENERAL not in page
        assert "工会法律人员2026-11-22核对" in visible(await ask(reader, "公司三个月没发工资"))
        await change(program)
        await make_housekeeping(program).refresh_base()
        assert GENERAL in (await reader.get(f"/faq/{ARREARS}")).text


async def test_a_confirmation_by_another_process_is_noticed_without_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    async with a_program(tmp_path, clock).running() as program:
        async with a_program(tmp_path, clock).maintained() as other:
            await confirm_elsewhere(other)
        reply = await program.inbox.receive(a_message("工资"))
        assert reply is not None
        assert GENERAL in reply.note
        clock.advance(seconds=30)
        assert await make_housekeeping(program).refresh_base() == {"changed": 1}
        assert await make_housekeeping(program).refresh_base() == {"changed": 0}
        reply = await program.inbox.receive(a_message("工资"))
        assert reply is not None
        assert "2026-11-22" in reply.note


async def test_in_wechat_the_remark_is_shorter_once_an_entry_is_confirmed(start_wechat: StartWeChat) -> None:
    async with start_wechat() as (program, wechat):
        assert GENERAL in (await wechat.push(a_text("公司拖欠工资怎么办"))).text
        await confirm_elsewhere(program)
        await program.keeper.refresh()
        answer = (await wechat.push(a_text("公司拖欠工资怎么办"))).text
    assert "工会法律人员2026-11-22核对，拿不准请打12351。" in answer
    assert GENERAL not in answer


async def test_the_doctor_counts_what_is_unconfirmed_and_calls_it_no_fault(tmp_path: Path, clock: FakeClock) -> None:
    async with a_program(tmp_path, clock).running():
        pass
    sections = await examine(tmp_path, PUBLIC)
    assert any("1 个条目本会法律人员还没有确认（共 1 条）" in text for text in texts(sections, Mark.WARNING))
    assert texts(sections, Mark.FAULT) == []
    async with a_program(tmp_path, clock).maintained() as program:
        await confirm_elsewhere(program)
    sections = await examine(tmp_path, PUBLIC)
    assert not any("还没有确认" in text for text in texts(sections, Mark.WARNING))
    assert "1 个条目本会法律人员都已确认" in texts(sections, Mark.OK)
    async with a_program(tmp_path, clock).maintained() as program, program.store.write() as work:
        source = (await work.entries.current())[ARREARS]
        await work.entries.save(ARREARS, source.replace("工资", "工钱", 1), "import", clock.now())
        await work.commit()
    assert any("1 个条目本会" in text for text in texts(await examine(tmp_path, PUBLIC), Mark.WARNING))
