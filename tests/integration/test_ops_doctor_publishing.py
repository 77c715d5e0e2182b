"""What the doctor says of publishing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app import build
from bot.commands.doctor_publishing import publishing_facts
from bot.ops.doctor.findings import Mark
from bot.ops.doctor.publishing import PublishingFacts, check_publishing
from bot.publishing.ports import ChannelHealth, HealthState
from bot.roles import Role
from tests.builders import a_configuration
from tests.integration.test_ops_doctor import examine, quick, texts  # noqa: F401 - `quick` is a fixture for all

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
ENOUGH = {Role.PUBLICIST: 2, Role.SUPERVISOR: 2}


def told(tmp_path: Path, facts: PublishingFacts, **publishing: Any) -> dict[Mark, str]:
    """The findings as one text for each mark."""
    settings = a_configuration(tmp_path, {"publishing": publishing}).settings
    found = list(check_publishing(settings, facts, NOW))
    return {mark: "\n".join(finding.text for finding in found if finding.mark is mark) for mark in Mark}


def test_levels_of_review_without_people_are_named(tmp_path: Path) -> None:
    assert "初审" not in told(tmp_path, PublishingFacts(ENOUGH))[Mark.WARNING]
    assert "第 2 级审核（终审）还没有人" in told(tmp_path, PublishingFacts({Role.PUBLICIST: 3}))[Mark.WARNING]
    few = told(tmp_path, PublishingFacts({Role.SUPERVISOR: 1}))[Mark.WARNING]
    assert "第 1 级审核（初审）只有 1 人" in few


def test_each_channel_is_told_with_its_rights_its_quota_and_the_end_of_its_authorisation(tmp_path: Path) -> None:
    soon = ChannelHealth(state=HealthState.READY, expires_at=NOW + timedelta(days=1), lasts=timedelta(days=30))
    facts = PublishingFacts(
        ENOUGH,
        {
            "wechat": ChannelHealth(state=HealthState.NOT_GRANTED, detail="48001"),
            "weibo": soon,
            "telegram": ChannelHealth(state=HealthState.UNREACHABLE, detail="TimeoutError"),
            "mastodon": ChannelHealth(state=HealthState.READY, quota={"posts_today": 0}),
        },
    )
    found = told(tmp_path, facts)
    assert "wechat：账号没有这项权限（48001）" in found[Mark.FAULT]
    assert "weibo：授权 2026-11-23 10:00 到期" in found[Mark.WARNING]
    assert "telegram：现在连不上（TimeoutError）" in found[Mark.WARNING]
    assert "mastodon：posts_today 用完了" in found[Mark.WARNING]


def test_what_is_risky_or_off_is_said(tmp_path: Path) -> None:
    assert "不对外发布" in told(tmp_path, PublishingFacts(), enabled=False)[Mark.NOTE]
    assert (
        "没有启用任何发布渠道" in told(tmp_path, PublishingFacts(), channels={"site": {"enabled": False}})[Mark.WARNING]
    )
    assert "web.base_url 没有设置" in told(tmp_path, PublishingFacts())[Mark.WARNING]


async def test_channels_are_asked_where_there_is_an_installation_and_nothing_is_made_where_there_is_none(
    tmp_path: Path,
) -> None:
    configuration = a_configuration(tmp_path)
    assert await publishing_facts(configuration, usable=False) == PublishingFacts()
    assert not (tmp_path / "data").exists()
    program = build(configuration)
    async with program.maintained():
        pass
    facts = await publishing_facts(configuration, usable=True)
    assert (facts.people, facts.health["site"].state) == ({}, HealthState.READY)
    assert any("site：可用" in text for text in texts(await examine(tmp_path), Mark.OK))
