"""What the doctor says of the Telegram bot."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.telegram.answering import KNOWN_FOR
from bot.ops.doctor import settings as module
from bot.ops.doctor.database import DatabaseFacts, check_database
from bot.ops.doctor.findings import Mark, render
from tests.integration.test_ops_doctor import PUBLIC, examine, quick, texts  # noqa: F401 - `quick` is a fixture for all

TOKEN = {"GONGHUI_TELEGRAM_TOKEN": "7001:AAtoken-of-tests"}
SOCKS = {"telegram": {"proxy": "socks5://127.0.0.1:1080"}}


async def test_without_a_token_it_is_off_and_that_is_no_fault(tmp_path: Path) -> None:
    sections = await examine(tmp_path, PUBLIC)
    assert any("Telegram 没有启用" in text for text in texts(sections, Mark.NOTE))
    assert not any("elegram" in text for text in [*texts(sections, Mark.FAULT), *texts(sections, Mark.WARNING)])


async def test_the_way_is_told_and_the_token_never(tmp_path: Path) -> None:
    polling = await examine(tmp_path, {**PUBLIC, **SOCKS}, TOKEN)
    assert "Telegram 已启用：轮询，经代理" in texts(polling, Mark.OK)
    called = await examine(tmp_path, {**PUBLIC, "telegram": {"webhook": True}}, TOKEN)
    assert "Telegram 已启用：网络回调（telegram.webhook）" in texts(called, Mark.OK)
    off = await examine(tmp_path, {**PUBLIC, "telegram": {"enabled": False}}, TOKEN)
    assert any("Telegram 没有启用" in text for text in texts(off, Mark.NOTE))
    shown = "\n".join([*render(polling), *render(called), *render(off)])
    assert "AAtoken" not in shown


async def test_that_a_token_lets_the_bot_answer_people_is_said_plainly(tmp_path: Path) -> None:
    told = "谁给这个机器人发消息都会得到答复"
    assert any(told in text for text in texts(await examine(tmp_path, PUBLIC, TOKEN), Mark.NOTE))
    off = await examine(tmp_path, {**PUBLIC, "telegram": {"enabled": False}}, TOKEN)
    assert not any(told in text for text in texts(off, Mark.NOTE))


async def test_updates_that_wait_for_another_bot_are_counted(tmp_path: Path) -> None:
    facts = DatabaseFacts("SQLite", version="1", newest="1", stranded=3)
    (found,) = [one for one in check_database(facts) if one.mark is Mark.WARNING]
    assert "3 条 Telegram 消息" in found.text
    assert "26 小时" in found.text
    assert timedelta(hours=26) == KNOWN_FOR


async def test_complaints_on_servers_abroad_are_risky(tmp_path: Path) -> None:
    sections = await examine(tmp_path, {**PUBLIC, "telegram": {"complaints": True}}, TOKEN)
    assert any("telegram.complaints" in text and "第38、39条" in text for text in texts(sections, Mark.WARNING))


async def test_a_group_is_pointed_at(tmp_path: Path) -> None:
    sections = await examine(tmp_path, {**PUBLIC, "telegram": {"staff_chat": "-1001234567890"}}, TOKEN)
    assert any("Telegram 群会收到到期提醒" in text for text in texts(sections, Mark.NOTE))


async def test_a_server_of_ones_own_without_encryption_is_risky(tmp_path: Path) -> None:
    changes = {"publishing": {"channels": {"telegram": {"api_base": "http://127.0.0.1:8081"}}}}
    sections = await examine(tmp_path, {**PUBLIC, **changes}, TOKEN)
    assert any("telegram.api_base" in text for text in texts(sections, Mark.WARNING))


async def test_a_socks_proxy_needs_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any("socksio" in text for text in texts(await examine(tmp_path, {**PUBLIC, **SOCKS}, TOKEN), Mark.FAULT))
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    assert any("socksio" in text for text in texts(await examine(tmp_path, {**PUBLIC, **SOCKS}, TOKEN), Mark.FAULT))


async def test_faults_of_the_section_are_told_with_all_others(tmp_path: Path) -> None:
    sections = await examine(tmp_path, {"telegram": {"webhook": True, "staff_chat": "@staff_group"}})
    found = "\n".join(texts(sections, Mark.FAULT))
    for name in ("telegram.webhook", "telegram.staff_chat", "web.base_url"):
        assert name in found
