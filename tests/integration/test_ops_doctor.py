"""`gonghui doctor`: everything at once, nothing changed, nothing secret shown."""

import os
import shutil
import socket
import stat
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml
from sqlalchemy.engine import URL
from typer.testing import CliRunner

from bot.cli import app
from bot.commands import doctor as command
from bot.keyring import create_key_ring
from bot.ops.doctor import content, time
from bot.ops.doctor.findings import Mark, Section, has_faults, ok, render, section
from bot.ops.doctor.settings import setting_lines
from bot.settings import Settings, inspect_configuration
from tests.builders import ROOT, a_configuration
from tests.fakes import FakeClock
from tests.operating import a_program, small_content
from tests.postgres import postgres_database

PUBLIC = {"web": {"base_url": "https://ask.example.org"}}
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network and no models: what they say is tested below."""

    async def agreed(_: str) -> datetime:
        return datetime.now(UTC)

    monkeypatch.setattr(time, "ask_time", agreed)
    monkeypatch.setattr(content, "probe_encoder", lambda _: "")


async def examine(
    folder: Path, changes: Mapping[str, object] | None = None, environ: Mapping[str, str] | None = None
) -> list[Section]:
    raw = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    raw |= {"data_dir": str(folder / "data"), "content_dir": str(small_content(folder)), **(changes or {})}
    (folder / "config.yaml").write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return await command.examine(*inspect_configuration(folder / "config.yaml", environ or {}), NOW)


def texts(sections: list[Section], mark: Mark) -> list[str]:
    return [finding.text for part in sections for finding in part.findings if finding.mark is mark]


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_mode, path.stat().st_size) for path in folder.rglob("*") if path.is_file()}


async def installed(folder: Path, clock: FakeClock) -> None:
    """An installation as it is after a first start."""
    async with a_program(folder, clock).running() as program:
        program.backups.make("daily")


async def test_an_installation_that_works_has_no_fault_and_says_what_was_looked_at(
    tmp_path: Path, clock: FakeClock
) -> None:
    await installed(tmp_path, clock)
    sections = await examine(tmp_path, PUBLIC)
    assert texts(sections, Mark.FAULT) == []
    titles = [
        "设置",
        "密钥和口令",
        "文件",
        "磁盘",
        "数据库",
        "问答",
        "发布",
        "订阅",
        "提醒",
        "文字",
        "时间",
        "语义模型",
    ]
    assert [part.title for part in sections] == titles
    assert all(part.findings for part in sections)


async def test_before_the_first_start_there_is_no_fault_and_nothing_is_created(tmp_path: Path) -> None:
    sections = await examine(tmp_path, PUBLIC)
    assert texts(sections, Mark.FAULT) == []
    assert not (tmp_path / "data").exists()


async def test_looking_changes_nothing(tmp_path: Path, clock: FakeClock) -> None:
    await installed(tmp_path, clock)
    await examine(tmp_path)
    before = tree(tmp_path / "data")
    await examine(tmp_path)
    after = tree(tmp_path / "data")
    journals = ("-wal", "-shm")
    assert {p: v for p, v in before.items() if not p.endswith(journals)} == {
        p: v for p, v in after.items() if not p.endswith(journals)
    }


async def test_faults_of_settings_files_keys_and_content_are_told_together(tmp_path: Path, clock: FakeClock) -> None:
    await installed(tmp_path, clock)
    (tmp_path / "data").chmod(0o755)
    (tmp_path / "data" / "keys.json").chmod(0o644)
    (tmp_path / "data" / "gonghui.db").chmod(0o640)
    (tmp_path / "content" / "faq" / "wage" / "broken.md").write_text("nothing", encoding="utf-8")
    faults = texts(await examine(tmp_path, environ={"GONGHUI_TYPO": "1"}), Mark.FAULT)
    for part in ("GONGHUI_TYPO", "权限是 755", "keys.json 的权限是 644", "gonghui.db 的权限是 640", "broken.md"):
        assert any(part in fault for fault in faults), (part, faults)


async def test_broken_settings_do_not_keep_the_other_checks_from_being_made(tmp_path: Path) -> None:
    sections = await examine(tmp_path, {"web": {"port": "x"}, "logging": {"level": "loud"}})
    faults = texts(sections, Mark.FAULT)
    assert len(faults) == 2
    assert {"设置", "时间", "语义模型"} == {part.title for part in sections}


RISKS = {
    "no base url": ({}, {}, "web.base_url 没有设置"),
    "no feeds": ({}, {}, "/feeds/atom.xml"),
    "http": ({"web": {"base_url": "http://ask.example.org"}}, {}, "没有加密"),
    "no icp": (PUBLIC, {}, "federation.icp"),
    "plain mode": (
        {"wechat": {"enabled": True, "app_id": "wx1", "mode": "plain"}},
        {"GONGHUI_WECHAT_TOKEN": "t"},
        "wechat.mode 是 plain",
    ),
    "compatible mode": (
        {"wechat": {"enabled": True, "app_id": "wx1", "mode": "compatible"}},
        {"GONGHUI_WECHAT_TOKEN": "t", "GONGHUI_WECHAT_AES_KEY": "a" * 43},
        "wechat.mode 是 compatible",
    ),
    "no app secret": (
        {"wechat": {"enabled": True, "app_id": "wx1"}},
        {"GONGHUI_WECHAT_TOKEN": "t", "GONGHUI_WECHAT_AES_KEY": "a" * 43},
        "GONGHUI_WECHAT_SECRET",
    ),
    "short token": ({}, {"GONGHUI_METRICS_TOKEN": "short"}, "GONGHUI_METRICS_TOKEN 太短"),
    "unknown holidays": ({}, {}, "2027 年的节假日"),
}


@pytest.mark.parametrize(("changes", "environ", "words"), RISKS.values(), ids=RISKS.keys())
async def test_what_is_risky_is_a_warning(
    tmp_path: Path, changes: dict[str, object], environ: dict[str, str], words: str
) -> None:
    sections = await examine(tmp_path, changes, environ)
    assert any(words in text for text in texts(sections, Mark.WARNING)), texts(sections, Mark.WARNING)


async def test_believing_every_proxy_is_a_fault(tmp_path: Path) -> None:
    sections = await examine(tmp_path, {"web": {"trusted_proxies": ["0.0.0.0/0"]}})
    assert any("0.0.0.0/0" in text for text in texts(sections, Mark.FAULT))


async def test_credentials_are_told_by_presence_and_never_shown(tmp_path: Path) -> None:
    secret = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    environ = {"GONGHUI_WECHAT_AES_KEY": secret, "GONGHUI_METRICS_TOKEN": secret}
    sections = await examine(tmp_path, environ=environ)
    assert "GONGHUI_WECHAT_AES_KEY 已设置" in texts(sections, Mark.OK)
    assert any(text.startswith("GONGHUI_WECHAT_TOKEN 未设置：") for text in texts(sections, Mark.NOTE))
    assert secret not in "\n".join(render(sections))


async def test_keys_that_do_not_fit_the_database_are_a_fault(tmp_path: Path, clock: FakeClock) -> None:
    from bot.operations import make_health

    async with a_program(tmp_path, clock).running() as program:
        assert (await make_health(program).check()).is_well
    (tmp_path / "data" / "keys.json").unlink()
    assert any("打不开" in text for text in texts(await examine(tmp_path), Mark.FAULT))
    assert not (tmp_path / "data" / "keys.json").exists()
    create_key_ring(tmp_path / "data" / "keys.json")
    assert any("打不开" in text for text in texts(await examine(tmp_path), Mark.FAULT))


async def test_a_damaged_key_ring_is_a_fault(tmp_path: Path, clock: FakeClock) -> None:
    await installed(tmp_path, clock)
    (tmp_path / "data" / "keys.json").write_text("{}")
    assert any("密钥环不能用" in text for text in texts(await examine(tmp_path), Mark.FAULT))


async def test_a_damaged_database_is_a_fault(tmp_path: Path, clock: FakeClock) -> None:
    await installed(tmp_path, clock)
    for path in (tmp_path / "data").glob("gonghui.db*"):
        path.unlink()
    (tmp_path / "data" / "gonghui.db").write_bytes(b"rubbish" * 1000)
    assert any("数据库用不了" in text for text in texts(await examine(tmp_path), Mark.FAULT))


@pytest.mark.parametrize(("version", "mark"), [("9999", Mark.FAULT), ("0000", Mark.NOTE)], ids=["newer", "older"])
async def test_a_database_of_another_version_is_told(
    tmp_path: Path, clock: FakeClock, version: str, mark: Mark
) -> None:
    async with a_program(tmp_path, clock).running() as program, program.store.engine.begin() as connection:
        await connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")
    assert any(version in text for text in texts(await examine(tmp_path), mark))


@pytest.mark.postgres
async def test_a_postgres_database_is_looked_at_too(postgres: URL, tmp_path: Path, clock: FakeClock) -> None:
    with postgres_database(postgres) as url:
        assert any("PostgreSQL 数据库能用" in t for t in texts(await examine(tmp_path, {}, database(url)), Mark.OK))
        async with a_program(tmp_path, clock, environ=database(url)).running():
            pass
        assert any("与程序一致" in t for t in texts(await examine(tmp_path, {}, database(url)), Mark.OK))
    faults = texts(await examine(tmp_path, {}, database(url)), Mark.FAULT)
    assert any("PostgreSQL 数据库用不了" in text for text in faults)


def database(url: str) -> dict[str, str]:
    return {"GONGHUI_DATABASE_URL": url}


async def test_a_server_that_is_not_there_is_told_without_the_password(tmp_path: Path) -> None:
    url = "postgresql+psycopg://gonghui:s3cret@127.0.0.1:1/gonghui"
    sections = await examine(tmp_path, {}, database(url))
    assert any("数据库用不了" in text for text in texts(sections, Mark.FAULT))
    assert "s3cret" not in "\n".join(render(sections))


async def test_old_copies_are_told(tmp_path: Path, clock: FakeClock) -> None:
    clock.advance(days=-4)
    await installed(tmp_path, clock)
    assert any("4 天前" in text for text in texts(await examine(tmp_path), Mark.WARNING))


async def test_a_sentence_that_an_editor_deleted_is_a_fault(tmp_path: Path) -> None:
    replies = own_copy(tmp_path, "replies")
    words = yaml.safe_load((replies / "zh.yaml").read_text(encoding="utf-8"))
    del words["vote"]["thanks_up"], words["media"], words["error"]["apology"]
    (replies / "zh.yaml").write_text(yaml.safe_dump(words, allow_unicode=True), encoding="utf-8")
    faults = texts(await examine(tmp_path), Mark.FAULT)
    for key in ("vote.thanks_up", "media.", "error.apology"):
        assert any(key in fault for fault in faults), (key, faults)


async def test_a_sentence_with_a_field_that_nobody_fills_in_is_a_fault(tmp_path: Path) -> None:
    replies = own_copy(tmp_path, "replies")
    text = (replies / "zh.yaml").read_text(encoding="utf-8")
    (replies / "zh.yaml").write_text(text.replace("{hotline}", "{hotlin}", 1), encoding="utf-8")
    assert any("hotlin" in fault for fault in texts(await examine(tmp_path), Mark.FAULT))


async def test_a_rule_without_words_and_a_broken_rule_list_are_faults(tmp_path: Path) -> None:
    lexicon = own_copy(tmp_path, "lexicon")
    (lexicon / "emergencies.yaml").write_text("rules:\n  - id: flood\n    any: [洪水]\n", encoding="utf-8")
    (lexicon / "small_talk.yaml").write_text("rules:\n  - id: thanks\n    any: ['(']\n", encoding="utf-8")
    faults = texts(await examine(tmp_path), Mark.FAULT)
    assert any("emergency.flood" in fault for fault in faults), faults
    assert any("small_talk.yaml" in fault for fault in faults), faults


def own_copy(folder: Path, part: str) -> Path:
    """A part of the content that a test may change."""
    path = small_content(folder) / part
    path.unlink()
    shutil.copytree(ROOT / "content" / part, path)
    return path


def test_a_check_that_breaks_is_a_finding_and_its_earlier_findings_stay() -> None:
    def check():  # noqa: ANN202
        yield ok("fine")
        raise ValueError("secret 13812345678")

    broken = section("部分", check)
    assert [finding.mark for finding in broken.findings] == [Mark.OK, Mark.FAULT]
    assert "ValueError" in broken.findings[1].text
    assert "13812345678" not in broken.findings[1].text
    assert has_faults([broken])


DRIFTS = [(0, Mark.OK), (29, Mark.OK), (31, Mark.WARNING), (299, Mark.WARNING), (301, Mark.FAULT), (-301, Mark.FAULT)]


@pytest.mark.parametrize(("seconds", "mark"), DRIFTS)
def test_drift_of_the_clock_is_judged_by_what_wechat_accepts(seconds: int, mark: Mark) -> None:
    (finding,) = time.check_clock(NOW, NOW + timedelta(seconds=seconds), "a server")
    assert finding.mark is mark


def test_a_clock_that_nobody_could_be_asked_about_is_not_called_right() -> None:
    (finding,) = time.check_clock(NOW, None, "a server")
    assert finding.mark is Mark.NOTE
    assert "没有核对" in finding.text


def test_the_holidays_of_known_years_only_are_known() -> None:
    assert time.knows_holidays(2026)
    assert not time.knows_holidays(2099)


class Dated(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(404)
        self.end_headers()

    def date_time_string(self, timestamp: float | None = None) -> str:
        return "Sun, 22 Nov 2026 02:00:00 GMT"

    def log_message(self, *_: object) -> None: ...


async def test_the_time_is_read_from_a_web_server_whatever_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Dated)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        assert await time.ask_time(f"http://127.0.0.1:{server.server_port}") == NOW
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def test_a_web_server_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(time, "PATIENCE_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert await time.ask_time(f"http://127.0.0.1:{silent.getsockname()[1]}") is None
    assert await time.ask_time("http://127.0.0.1:1") is None


ENDS = {
    "killed": ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", "信号 4"),
    "raises": ("raise ImportError('no such engine')", "no such engine"),
    "works": ("pass", ""),
}


@pytest.mark.parametrize(("code", "reason"), ENDS.values(), ids=ENDS.keys())
def test_an_encoder_that_would_kill_the_process_is_found_out_in_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, reason: str
) -> None:
    """The slow encoder's engine dies with SIGILL on a processor without AVX2."""
    monkeypatch.undo()
    interpreter = tmp_path / "python"
    interpreter.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{code}"\n')
    interpreter.chmod(0o755)
    monkeypatch.setattr(content.sys, "executable", str(interpreter))
    found = content.probe_encoder("SlowEncoder")
    assert (reason in found) if reason else (found == "")


def test_every_setting_is_listed_with_its_value_and_meaning(tmp_path: Path) -> None:
    lines = list(setting_lines(a_configuration(tmp_path).settings))
    assert "web.port = 8000    # port to listen on" in lines
    assert len(lines) > len(Settings.model_fields)


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str]:
    monkeypatch.setenv("GONGHUI_CONFIG", str(folder / "config.yaml"))
    result = CliRunner().invoke(app, ["doctor", *arguments])
    return result.exit_code, result.output


def test_the_command_ends_with_0_when_all_is_well_and_2_with_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_configuration(tmp_path, {"content_dir": str(small_content(tmp_path))})
    status, output = run(tmp_path, monkeypatch)
    assert status == 0, output
    assert "没有错误" in output
    status, output = run(tmp_path, monkeypatch, "--settings")
    assert "answers.question_retention_days = 180" in output
    (tmp_path / "config.yaml").write_text("federation: {}\nnonsense: 1\n", encoding="utf-8")
    status, output = run(tmp_path, monkeypatch)
    assert status == 2
    assert "  ✗ " in output
    assert "nonsense" in output
    assert "federation.name" in output


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
async def test_files_of_another_user_are_told(tmp_path: Path, clock: FakeClock) -> None:
    await installed(tmp_path, clock)
    os.chown(tmp_path / "data" / "keys.json", 12345, 12345)
    assert any("属于用户 12345" in text for text in texts(await examine(tmp_path), Mark.NOTE))
    assert stat.S_IMODE((tmp_path / "data" / "keys.json").stat().st_mode) == 0o600


def test_findings_are_shown_with_marks_and_counted() -> None:
    assert list(render([Section("空", ())])) == ["一切正常。"]
    assert list(render([Section("部分", (ok("好"),))])) == ["部分", "  ✓ 好", "", "一切正常。"]
