"""Notices in the console: the badge, and what did not go out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.complaints.notices import Road, Sending, StaffNotice
from bot.roles import Role
from tests.cases import register
from tests.console import Desk, a_console
from tests.fakes import FakeClock

NUMBER = "HZ261122-048213"


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    async with a_console(tmp_path, clock) as desk:
        for login, role in (("admin", Role.ADMINISTRATOR), ("super", Role.SUPERVISOR), ("cadre", Role.CADRE)):
            await desk.hire(login, role)
        yield desk


async def give_up(desk: Desk, *, unknown: bool = False) -> str:
    """A mail to the cadre that did not go out; its id."""
    async with desk.program.store.write() as work:
        notice = StaffNotice(
            key="overdue:1", road=Road.MAIL, kind="overdue", staff=desk.staff["cadre"].id, number=NUMBER
        )
        await work.notices.add(notice, desk.clock.now())
        (claimed,) = await work.notices.claim_letter(desk.clock.now(), {Road.MAIL})
        await work.notices.finish(claimed.id, desk.clock.now(), error="unreachable", unknown=unknown)
        await work.commit()
    return claimed.id


async def state(desk: Desk, id: str) -> Sending:
    async with desk.program.store.write() as work:
        due = await work.notices.claim_letter(desk.clock.now(), {Road.MAIL})
        if id in {one.id for one in due}:
            return Sending.PLANNED
        (one,) = await work.notices.troubled()
    return one.state


async def test_what_did_not_go_out_is_told_on_the_first_page_of_those_who_see_to_it(desk: Desk) -> None:
    await give_up(desk)
    for login, told in (("admin", True), ("super", True), ("cadre", False)):
        window = await desk.signed_in(login)
        assert ("有 1 条提醒没有顺利送到" in (await window.get("/")).text) is told
        page = await window.get("/notices")
        assert page.status_code == (200 if told else 403)
        assert ("没有送到" in page.text and "连不上服务器" in page.text) is told


async def test_the_list_says_who_was_not_told_and_not_what_of(desk: Desk) -> None:
    await give_up(desk)
    page = (await (await desk.signed_in("admin")).get("/notices")).text
    assert "干部丙" in page
    assert "已超期" in page
    assert NUMBER not in page


async def test_what_nobody_knows_of_is_sent_again_only_on_somebodys_word_and_logged(desk: Desk) -> None:
    id = await give_up(desk, unknown=True)
    window = await desk.signed_in("admin")
    page = await window.get("/notices")
    assert "不知道送到没有" in page.text
    assert await state(desk, id) is Sending.UNKNOWN
    again = await window.post("/notices/retry", {"id": id})
    assert "马上重发" in again.text
    assert "都送到了" in again.text
    assert await state(desk, id) is Sending.PLANNED
    assert (await window.post("/notices/retry", {"id": id})).status_code == 404
    async with desk.program.store.read() as work:
        records, _ = await work.audit.page(action="notice.retried")
    assert [(record.actor, record.details) for record in records] == [(desk.staff["admin"].id, {"notice": id})]


async def test_what_was_taken_note_of_leaves_the_list(desk: Desk) -> None:
    await give_up(desk)
    window = await desk.signed_in("super")
    await window.get("/notices")
    assert "都送到了" in (await window.post("/notices/noted")).text
    assert "没有顺利送到" not in (await window.get("/")).text


async def test_a_cadre_cannot_have_anything_sent(desk: Desk) -> None:
    id = await give_up(desk)
    window = await desk.signed_in("cadre")
    await window.get("/")
    for path in ("/notices/retry", "/notices/noted"):
        assert (await window.post(path, {"id": id})).status_code == 403
    assert await state(desk, id) is Sending.FAILED


async def test_a_worker_who_was_not_told_is_shown_with_the_number_to_those_who_may_see_the_case(desk: Desk) -> None:
    case = await register(desk.program.store, number=NUMBER)
    async with desk.program.store.write() as work:
        await work.worker_notices.add(case.id, 1, "news", desk.clock.now())
        (claimed,) = await work.worker_notices.claim_due(desk.clock.now())
        await work.worker_notices.finish(claimed.id, desk.clock.now(), error="43101")
        await work.commit()
    for login, sees in (("super", True), ("admin", False)):
        page = (await (await desk.signed_in(login)).get("/notices")).text
        assert "职工没有订阅" in page
        assert (NUMBER in page) is sees


@pytest.mark.parametrize(
    ("kind", "data", "said", "page"),
    [
        ("post_held", {"title": "欠薪怎么办", "channel": "微博", "delivery": "d1"}, "欠薪怎么办", "/deliveries/d1"),
        ("post_review", {"title": "欠薪怎么办", "post": "p1"}, "等您审核", "/posts/p1"),
        ("post_reauthorise", {"channel": "微博", "post": "", "delivery": ""}, "微博要重新授权", "/channels"),
        ("overdue", {"title": "首次答复", "due": "2026-11-30"}, "首次答复", f"/case/{NUMBER}"),
    ],
)  # fmt: skip
async def test_what_is_told_on_the_first_page_says_what_it_is_about_and_leads_there(
    desk: Desk, kind: str, data: dict[str, str], said: str, page: str
) -> None:
    """Where neither mail nor group is set up, the first page is all that staff get."""
    number = NUMBER if kind == "overdue" else ""
    async with desk.program.store.write() as work:
        staff = desk.staff["cadre"].id
        notice = StaffNotice(key="k:1", road=Road.CONSOLE, kind=kind, staff=staff, number=number, data=data)
        await work.notices.add(notice, desk.clock.now())
        await work.commit()
    shown = (await (await desk.signed_in("cadre")).get("/")).text
    assert said in shown
    assert f'href="/console{page}"' in shown
    assert "有事项要看" not in shown
