"""`gonghui staff` and `gonghui audit` as an operator types them, and the head that is kept outside the database."""

import asyncio
import json
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import create_engine, text
from structlog.testing import capture_logs
from typer.testing import CliRunner

from bot.app import Program, build
from bot.audit import AuditEntry
from bot.cli import app
from bot.operations import make_audit_heads, make_staff_jobs
from bot.ops.audit_head import HeadFileDamaged
from bot.settings import load_configuration
from bot.staff.members import Stage
from tests.builders import a_configuration
from tests.fakes import FakeClock

Command = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    a_configuration(tmp_path)
    monkeypatch.setenv("GONGHUI_CONFIG", str(tmp_path / "config.yaml"))
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


def succeeded(result: Result) -> str:
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def execute(folder: Path, *statements: str) -> None:
    engine = create_engine(f"sqlite:///{folder}/data/gonghui.db")
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_an_account_made_at_the_terminal_signs_in_and_changes_its_password(run: Command, tmp_path: Path) -> None:
    shown = succeeded(run("staff", "add", "admin", "--name", "张三", "--role", "administrator"))
    password = re.search(r"首次密码 (\S+)", shown)
    assert password

    async def sign_in() -> Stage:
        program = build(load_configuration(tmp_path / "config.yaml", {}))
        async with program.maintained():
            accounts = program.staff.accounts
            return (await accounts.sign_in("admin", password[1], "127.0.0.1", program.clock.now())).stage

    assert asyncio.run(sign_in()) is Stage.CHANGE
    assert "admin  张三  管理员" in succeeded(run("staff", "list"))


def test_accounts_are_listed_shut_opened_unlocked_and_reset(run: Command) -> None:
    assert "还没有账号" in succeeded(run("staff", "list"))
    run("staff", "add", "admin", "--name", "张三", "--role", "administrator")
    first = succeeded(
        run(
            "staff", "add", "li.si", "--name", "李四", "--role", "cadre", "--district", "mudan", "--district", "caoxian"
        )
    )
    assert "li.si  李四  维权干部  caoxian、mudan  从未登录" in succeeded(run("staff", "list"))
    succeeded(run("staff", "disable", "LI.SI"))
    assert "li.si（已停用）" in succeeded(run("staff", "list"))
    succeeded(run("staff", "enable", "li.si"))
    succeeded(run("staff", "unlock", "li.si"))
    second = succeeded(run("staff", "reset", "li.si"))
    assert first != second
    shown = succeeded(run("audit", "verify"))
    assert "共 6 条，完好。" in shown


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("add", "admin", "--name", "张三", "--role", "leader"), "已经有这个登录名"),
        (("add", "new", "--name", "张三", "--role", "king"), "没有这个角色"),
        (("add", "new", "--name", "张三", "--role", "cadre"), "区县不对"),
        (("add", "新人", "--name", "张三", "--role", "leader"), "登录名用"),
        (("disable", "admin"), "最后一个管理员"),
        (("reset", "nobody"), "没有这个账号"),
    ],
    ids=["taken", "role", "district", "login", "last", "unknown"],
)
def test_what_cannot_be_is_told_in_words(run: Command, arguments: tuple[str, ...], why: str) -> None:
    succeeded(run("staff", "add", "admin", "--name", "张三", "--role", "administrator"))
    result = run("staff", *arguments)
    assert result.exit_code == 2
    assert why in result.output


def test_verifying_finds_what_was_done_to_the_log(run: Command, tmp_path: Path) -> None:
    for login in ("one", "two", "three"):
        run("staff", "add", login, "--name", "张三", "--role", "administrator")
    head = re.search(r"末尾 (\S+)", succeeded(run("audit", "verify")))
    assert head
    execute(tmp_path, "DELETE FROM audit WHERE seq = 3")
    assert "共 2 条，完好。" in succeeded(run("audit", "verify"))
    cut = run("audit", "verify", "--head", head[1])
    assert (cut.exit_code, "第 3 条应当还在末尾" in cut.output) == (1, True)
    execute(tmp_path, "UPDATE audit SET actor = 'b' WHERE seq = 1")
    edited = run("audit", "verify")
    assert (edited.exit_code, "第 1 条被改过" in edited.output) == (1, True)
    assert run("audit", "verify", "--head", "3:x").exit_code == 2


def test_the_head_that_was_kept_is_compared_without_being_named(run: Command, tmp_path: Path) -> None:
    run("staff", "add", "one", "--name", "张三", "--role", "administrator")
    run("staff", "add", "two", "--name", "张三", "--role", "administrator")
    succeeded(run("audit", "accept", "--yes"))
    succeeded(run("audit", "verify"))
    execute(tmp_path, "DELETE FROM audit WHERE seq >= 2")
    assert "第 2 至 3 条应当还在末尾" in run("audit", "verify").output
    succeeded(run("audit", "accept", "--yes"))
    succeeded(run("audit", "verify"))
    kept = json.loads((tmp_path / "data/audit-head.json").read_text(encoding="utf-8"))
    assert [given_up.partition(":")[0] for given_up in kept["given_up"]] == ["3"]


async def log(program: Program, times: int = 1) -> None:
    async with program.store.write() as work:
        for _ in range(times):
            await work.audit.append(AuditEntry("system", "case.seen"))
        await work.commit()


async def test_the_head_is_kept_in_a_private_file_and_in_the_log(program: Program) -> None:
    heads = make_audit_heads(program)
    await log(program, 3)
    with capture_logs() as lines:
        await heads.keep()
        await heads.keep()
    assert [(line["event"], line["seq"]) for line in lines] == [("audit.head", 3)]
    assert lines[0]["mac"] == heads.known().mac
    assert stat.S_IMODE(heads.path.stat().st_mode) == 0o600


async def test_a_head_that_the_log_no_longer_holds_is_an_alarm_and_stays(
    program: Program, clock: FakeClock, tmp_path: Path
) -> None:
    heads = make_audit_heads(program)
    await log(program, 3)
    await heads.keep()
    known = heads.known()
    execute(tmp_path, "DELETE FROM audit WHERE seq > 1")
    clock.advance(seconds=1)
    await log(program, 5)
    with capture_logs() as lines:
        assert await heads.keep() == {"broken": 1}
    assert [(line["event"], line["log_level"]) for line in lines] == [("audit.broken", "error")]
    assert heads.known() == known


async def test_a_damaged_head_file_is_told_and_not_written_over(program: Program) -> None:
    heads = make_audit_heads(program)
    heads.path.parent.mkdir(parents=True, exist_ok=True)
    heads.path.write_text("{}", encoding="utf-8")
    with pytest.raises(HeadFileDamaged):
        await heads.keep()
    assert heads.path.read_text(encoding="utf-8") == "{}"


async def test_the_service_keeps_the_head_and_forgets_sessions_by_itself(program: Program) -> None:
    await log(program)
    jobs = {job.name: job for job in make_staff_jobs(program)}
    assert set(jobs) == {"keep_audit_head", "forget_sessions"}
    for job in jobs.values():
        assert job.at_once
        await job.run()
    assert make_audit_heads(program).known().seq == 1
