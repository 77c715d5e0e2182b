"""Accounts and the audit log in the console."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.roles import Role
from tests.console import Desk, a_console
from tests.fakes import FakeClock
from tests.site import visible


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    async with a_console(tmp_path, clock) as desk:
        await desk.hire("admin", Role.ADMINISTRATOR)
        yield desk


async def test_a_new_account_gets_a_first_password_that_is_shown_once(desk: Desk) -> None:
    window = await desk.signed_in("admin")
    await window.get("/staff/new")
    fields = {"login": "Wang.Fang", "name": "王芳", "role": "cadre", "districts": ["mudan", "caoxian"]}
    page = await window.post("/staff/new", fields)
    found = re.search(r'id="first-password">([^<]+)<', page.text)
    assert found
    listed = visible((await window.get("/staff")).text)
    assert "王芳" in listed
    assert "曹县、牡丹区" in listed
    assert found[1] not in listed
    newcomer = desk.browser()
    assert (await newcomer.sign_in("wang.fang", found[1])).url.path == "/console/password"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"login": "Ünfit!", "name": "甲", "role": "leader"}, "账号只能用小写字母"),
        ({"login": "a.b", "name": "", "role": "leader"}, "请填姓名"),
        ({"login": "a.b", "name": "甲", "role": "cadre"}, "要选负责的区县"),
        ({"login": "a.b", "name": "甲", "role": "worker"}, "请选一个角色"),
        ({"login": "a.b", "name": "甲", "role": "x"}, "请选一个角色"),
        ({"login": "admin", "name": "甲", "role": "leader"}, "已经有人用了"),
    ],
    ids=["login", "name", "districts", "worker", "role", "taken"],
)
async def test_what_is_wrong_with_an_account_is_said_and_nothing_typed_is_lost(
    desk: Desk, fields: dict[str, str], words: str
) -> None:
    window = await desk.signed_in("admin")
    response = await window.post("/staff/new", fields)
    assert response.status_code == 422
    assert words in response.text
    assert f'value="{fields["login"]}"' in response.text


async def test_an_account_is_changed_reset_and_shut(desk: Desk) -> None:
    member = await desk.hire("li.na", Role.CADRE, name="李娜")
    window, hers = await desk.signed_in("admin"), await desk.signed_in("li.na")
    at = f"/staff/account/{member.id}"
    await window.get(at)
    changed = await window.post(at, {"name": "李娜娜", "role": "supervisor", "active": "1"})
    assert "李娜娜" in changed.text
    assert (await hers.get("/")).url.path == "/console/login"
    reset = await window.post(f"{at}/reset")
    assert "初始密码" in reset.text
    assert (await desk.browser().sign_in("li.na")).status_code == 422
    await window.post(at, {"name": "李娜娜", "role": "supervisor"})
    assert "已停用" in (await window.get("/staff")).text
    assert (await window.get("/staff/account/" + "0" * 32)).status_code == 404


async def test_nobody_shuts_out_themselves_or_the_last_administrator(desk: Desk) -> None:
    window = await desk.signed_in("admin")
    admin = desk.staff["admin"]
    await window.get(f"/staff/account/{admin.id}")
    await window.post(f"/staff/account/{admin.id}", {"name": "管理员甲", "role": "leader"})
    async with desk.program.store.read() as work:
        found = await work.staff.find(admin.id)
    assert found is not None
    assert (found.role, found.active) == (Role.ADMINISTRATOR, True)


async def test_the_supervisor_reads_the_log_and_the_administrator_only_checks_it(desk: Desk) -> None:
    await desk.hire("sun.jian", Role.SUPERVISOR, name="孙建")
    admin, supervisor = await desk.signed_in("admin"), await desk.signed_in("sun.jian")
    assert "审计记录的内容由督办查看" in (await admin.get("/audit")).text
    read = visible((await supervisor.get("/audit?action=staff.")).text)
    assert "建立账号" in read
    assert "孙建" in read
    for window in (admin, supervisor):
        assert "首尾相接" in (await window.post("/audit/verify")).text
    assert "看审计记录" in (await supervisor.get("/audit")).text
    for wrong in ("page=x", "since=x"):
        assert (await supervisor.get(f"/audit?{wrong}")).status_code == 400
