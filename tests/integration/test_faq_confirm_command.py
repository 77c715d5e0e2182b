"""`gonghui faq confirm` and `list` as an operator types them, and what a look-up in the terminal says afterwards."""

import asyncio
import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.answers.content import CONSOLE
from bot.answers.entries import render_entry
from bot.answers.knowledge.confirming import days, read_standing
from bot.cli import app
from bot.clock import local_date
from bot.commands.ask import live_base
from bot.errors import ContentError
from bot.keyring import load_key_ring
from bot.settings import load_configuration
from bot.staff.members import StaffMember
from bot.store import peek
from bot.store.engine import make_engine
from bot.store.migrate import downgrade
from bot.store.peek import peek_base
from bot.store.unit_of_work import SqlStore, UnitOfWork
from tests.builders import ROOT, a_configuration, an_entry
from tests.integration.test_faq_commands import Command, succeeded, write

ARREARS, PROOF = "wage.arrears", "wage.proof"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """An installation with two entries in its base."""
    content = tmp_path / "content"
    for part in ("complaints", "laws", "lexicon", "replies"):
        shutil.copytree(ROOT / "content" / part, content / part)
    a_configuration(tmp_path, {"content_dir": str(content)})
    monkeypatch.setenv("GONGHUI_CONFIG", str(tmp_path / "config.yaml"))
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: object) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    bring_in(invoke, tmp_path)
    return invoke


def bring_in(run: Command, tmp_path: Path, **changes: object) -> None:
    arrears, proof = an_entry(ARREARS, **changes), an_entry(PROOF, title="怎么证明欠薪", ask=("没有合同怎么证明",))
    folder = write(tmp_path / "in", arrears=render_entry(arrears), proof=render_entry(proof))
    succeeded(run("faq", "import", folder))


def in_base(tmp_path: Path, act: Callable[[UnitOfWork], Awaitable[object]]) -> object:
    """What comes of doing that in a transaction of another process."""

    async def doing() -> object:
        url = f"sqlite+aiosqlite:///{tmp_path}/data/gonghui.db"
        store = SqlStore(make_engine(url), load_key_ring(tmp_path / "data" / "keys.json"))
        async with store.write() as work:
            made = await act(work)
            await work.commit()
        await store.close()
        return made

    return asyncio.run(doing())


def confirmed(tmp_path: Path) -> set[str]:
    found = in_base(tmp_path, read_standing)
    assert isinstance(found, dict)
    return set(found)


def test_one_entry_is_confirmed_listed_and_not_confirmed_twice(run: Command, tmp_path: Path) -> None:
    output = succeeded(run("faq", "confirm", ARREARS, "--by", "王律师", "--note", "对照2026年文本"))
    assert "wage.arrears: confirmed, version 1" in output
    assert "1 confirmed, 0 already confirmed" in output
    listed = succeeded(run("faq", "confirm", "--list"))
    assert listed.index("wage.proof: not confirmed") < listed.index("wage.arrears: confirmed on 20")
    assert "by 王律师 (对照2026年文本)" in listed
    assert "1 confirmed, 1 not confirmed" in listed
    again = succeeded(run("faq", "confirm", ARREARS, "--by", "李律师"))
    assert "by 王律师 (对照2026年文本), already" in again
    assert "0 confirmed, 1 already confirmed" in again
    assert "1 confirmed, 1 already confirmed" in succeeded(run("faq", "confirm", "--all", "--by", "李律师"))
    assert "wage.proof" not in succeeded(run("faq", "confirm", "--list", ARREARS))


def test_a_changed_entry_has_to_be_confirmed_again_and_one_put_back_has_not(run: Command, tmp_path: Path) -> None:
    succeeded(run("faq", "confirm", "--all", "--by", "王律师"))
    bring_in(run, tmp_path, title="新的标题")
    assert confirmed(tmp_path) == {PROOF}
    bring_in(run, tmp_path)
    assert confirmed(tmp_path) == {ARREARS, PROOF}


def test_every_unknown_topic_is_named_and_nothing_is_confirmed(run: Command, tmp_path: Path) -> None:
    result = run("faq", "confirm", ARREARS, "wage.none", "wage.nothing", "--by", "王律师")
    assert isinstance(result.exception, ContentError)
    assert result.exception.faults == [
        "wage.none: is not a live entry",
        "wage.nothing: is not a live entry",
        "nothing was confirmed",
    ]
    assert confirmed(tmp_path) == set()
    assert isinstance(run("faq", "confirm", "--list", "wage.none").exception, ContentError)


@pytest.mark.parametrize(
    "arguments",
    [
        (ARREARS,),
        ("--all",),
        ("--by", "王律师"),
        (ARREARS, "--all", "--by", "王律师"),
        ("--list", "--all"),
        ("--list", "--by", "王律师"),
        (ARREARS, "--by", "   "),
        (ARREARS, "--by", "console:" + "a" * 32),
        (ARREARS, "--by", "王" * 65),
        (ARREARS, "--by", "王律师", "--note", "长" * 201),
        (ARREARS, "--by", "王律师", "--why", "错了"),
    ],
    ids=[
        "no name",
        "all, no name",
        "no topic",
        "both",
        "list all",
        "list by",
        "blank",
        "account",
        "long",
        "long note",
        "a reason for nothing",
    ],
)
def test_what_is_not_clear_is_refused_and_nothing_confirmed(
    run: Command, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    assert run("faq", "confirm", *arguments).exit_code == 2
    assert confirmed(tmp_path) == set()


def test_nobody_confirms_at_the_terminal_what_they_wrote_in_the_console(run: Command, tmp_path: Path) -> None:
    succeeded(run("staff", "add", "zhang.wei", "--name", "张卫", "--role", "cadre", "--district", "mudan"))

    async def write_in_console(work: UnitOfWork) -> StaffMember:
        member = await work.staff.find_login("zhang.wei")
        assert member
        at = datetime(2026, 11, 22, tzinfo=UTC)
        await work.entries.save(ARREARS, render_entry(an_entry(ARREARS, title="张卫写的")), f"{CONSOLE}{member.id}", at)
        return member

    in_base(tmp_path, write_in_console)
    for name in ("张卫", "Zhang.Wei"):
        result = run("faq", "confirm", ARREARS, PROOF, "--by", name)
        assert isinstance(result.exception, ContentError)
        assert f"{ARREARS}: {name} wrote in it in the console" in str(result.exception)
    assert confirmed(tmp_path) == set()
    output = succeeded(run("faq", "confirm", "--all", "--by", "张卫"))
    assert "somebody else has to confirm it" in output
    assert "1 confirmed, 0 already confirmed, 1 left to somebody else" in output
    assert "1 confirmed, 1 already confirmed" in succeeded(run("faq", "confirm", "--all", "--by", "王律师"))


def test_a_look_up_in_the_terminal_knows_what_is_confirmed(run: Command, tmp_path: Path) -> None:
    configuration = load_configuration(tmp_path / "config.yaml")
    assert live_base(configuration).confirmed_on == {}
    succeeded(run("faq", "confirm", ARREARS, "--by", "王律师"))
    standing = in_base(tmp_path, read_standing)
    assert isinstance(standing, dict)
    assert live_base(configuration).confirmed_on == days(standing)
    assert set(days(standing)) == {ARREARS}
    bring_in(run, tmp_path, title="改了")
    assert live_base(configuration).confirmed_on == {}


def test_a_look_up_reads_a_base_that_was_not_brought_up_to_date_yet(run: Command, tmp_path: Path) -> None:
    async def take_the_table_away(work: UnitOfWork) -> None:
        from sqlalchemy import text

        await work._connection.execute(text("DROP TABLE entry_confirmation"))

    in_base(tmp_path, take_the_table_away)
    found = peek_base(load_configuration(tmp_path / "config.yaml").database_url)
    assert found is not None
    assert set(found[0]) == {ARREARS, PROOF}
    assert found[2] == {}


def test_a_confirmation_is_withdrawn_listed_and_given_anew(run: Command, tmp_path: Path) -> None:
    succeeded(run("faq", "confirm", "--all", "--by", "王律师"))
    output = succeeded(run("faq", "confirm", ARREARS, "--withdraw", "--by", "李律师", "--why", "算错了倍数"))
    assert "wage.arrears: withdrawn, version 1 is not confirmed any more" in output
    assert "1 withdrawn, 0 were not confirmed" in output
    assert confirmed(tmp_path) == {PROOF}
    listed = succeeded(run("faq", "confirm", "--list"))
    assert "wage.arrears: not confirmed, withdrawn on 20" in listed
    assert "by 李律师: 算错了倍数" in listed
    again = succeeded(run("faq", "confirm", ARREARS, "--withdraw", "--by", "赵律师", "--why", "又一次"))
    assert "wage.arrears: was not confirmed" in again
    rest = succeeded(run("faq", "confirm", "--all", "--withdraw", "--by", "李律师", "--why", "法律改了"))
    assert "1 withdrawn, 1 were not confirmed" in rest
    assert "wage.arrears" not in rest
    succeeded(run("faq", "confirm", ARREARS, "--by", "王律师"))
    assert confirmed(tmp_path) == {ARREARS}
    assert live_base(load_configuration(tmp_path / "config.yaml")).confirmed_on.keys() == {ARREARS}


@pytest.mark.parametrize(
    "arguments",
    [
        (ARREARS, "--by", "王律师"),
        (ARREARS, "--by", "王律师", "--why", "  "),
        (ARREARS, "--why", "错了"),
        (ARREARS, "--by", "王律师", "--why", "长" * 201),
        (ARREARS, "--by", "王律师", "--why", "错了", "--note", "备注"),
        (ARREARS, "--list"),
        ("--by", "王律师", "--why", "错了"),
    ],
    ids=["no reason", "blank reason", "no name", "long reason", "note", "list", "no topic"],
)
def test_what_is_not_clear_is_refused_and_nothing_withdrawn(
    run: Command, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    succeeded(run("faq", "confirm", ARREARS, "--by", "王律师"))
    assert run("faq", "confirm", "--withdraw", *arguments).exit_code == 2
    assert confirmed(tmp_path) == {ARREARS}


def test_every_unknown_topic_is_named_and_nothing_is_withdrawn(run: Command, tmp_path: Path) -> None:
    succeeded(run("faq", "confirm", ARREARS, "--by", "王律师"))
    result = run("faq", "confirm", "--withdraw", ARREARS, "wage.none", "--by", "王律师", "--why", "错了")
    assert isinstance(result.exception, ContentError)
    assert result.exception.faults == ["wage.none: is not a live entry", "nothing was withdrawn"]
    assert confirmed(tmp_path) == {ARREARS}


def test_a_look_up_does_not_give_one_text_the_confirmation_of_the_next(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The base changes just between the reading of the texts and that of the confirmations."""
    bring_in(run, tmp_path, title="下一版")
    succeeded(run("faq", "confirm", ARREARS, "--by", "王律师"))
    bring_in(run, tmp_path)
    assert confirmed(tmp_path) == set()
    read_confirmed = peek._confirmed_on

    def after_a_change(connection: sqlite3.Connection) -> dict[str, date]:
        monkeypatch.setattr(peek, "_confirmed_on", read_confirmed)
        bring_in(run, tmp_path, title="下一版")
        return read_confirmed(connection)

    monkeypatch.setattr(peek, "_confirmed_on", after_a_change)
    found = peek_base(load_configuration(tmp_path / "config.yaml").database_url)
    assert found is not None
    assert "下一版" not in found[0][ARREARS]
    assert found[2] == {}
    assert confirmed(tmp_path) == {ARREARS}, "the change was there"


def test_a_look_up_reads_confirmations_of_a_database_that_knows_no_withdrawals(run: Command, tmp_path: Path) -> None:
    succeeded(run("faq", "confirm", ARREARS, "--by", "王律师"))

    async def go_back() -> None:
        engine = make_engine(f"sqlite+aiosqlite:///{tmp_path}/data/gonghui.db")
        await downgrade(engine, "0009")
        await engine.dispose()

    asyncio.run(go_back())
    found = peek_base(load_configuration(tmp_path / "config.yaml").database_url)
    assert found is not None
    assert set(found[2]) == {ARREARS}


def test_entries_are_listed_by_the_day_of_their_review(run: Command, tmp_path: Path) -> None:
    today = local_date(datetime.now(UTC))
    days = {"arrears": 5, "proof": -1, "bonus": 60, "far": 61}
    sources = {
        name: render_entry(
            an_entry(
                f"wage.{name}",
                title=f"标题{name}",
                checked_on=today - timedelta(days=9),
                review_by=today + timedelta(days=left),
            )
        )
        for name, left in days.items()
    }
    succeeded(run("faq", "import", write(tmp_path / "more", **sources)))
    succeeded(run("faq", "confirm", "wage.bonus", "--by", "王律师"))
    lines = succeeded(run("faq", "list")).splitlines()
    assert [line.partition(":")[0] for line in lines[:4]] == ["wage.proof", "wage.arrears", "wage.bonus", "wage.far"]
    assert lines[0] == f"wage.proof: review overdue since {today - timedelta(days=1)}, not confirmed, 标题proof"
    assert lines[1] == f"wage.arrears: review by {today + timedelta(days=5)} (5 days left), not confirmed, 标题arrears"
    assert lines[2].endswith("(60 days left), confirmed, 标题bonus")
    assert "left" not in lines[3]
    assert lines[-1] == "4 entries, 1 overdue, 2 to be reviewed within 60 days"
    assert len(lines) == 5
    assert succeeded(run("faq", "list", "--due")).splitlines() == [*lines[:3], lines[-1]]


def test_an_entry_that_nobody_can_read_is_named_in_the_list(run: Command, tmp_path: Path) -> None:
    async def garble(work: UnitOfWork) -> None:
        await work.entries.save(PROOF, "no entry", "old program", datetime.now(UTC))

    in_base(tmp_path, garble)
    assert f"{PROOF}: cannot be read; gonghui doctor says why" in succeeded(run("faq", "list", "--due"))
