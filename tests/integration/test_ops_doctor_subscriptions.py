"""What the doctor says of subscriptions."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app import build
from bot.commands.doctor_subscriptions import subscription_facts
from bot.ops.doctor.findings import Mark
from bot.ops.doctor.subscriptions import SubscriptionFacts, check_subscriptions
from bot.subscriptions.service import Subscriptions
from bot.subscriptions.subscribers import EMAIL, TELEGRAM, WECHAT, Pace, SubscriberState
from tests.broadcasts import FakeSender, Office
from tests.builders import a_configuration
from tests.fakes import FakeClock
from tests.integration.test_ops_doctor import examine, quick, texts  # noqa: F401 - `quick` is a fixture for all

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
MAIL = {"mail": {"host": "127.0.0.1", "sender": "union@example.org", "security": "none"}}
A = SubscriberState.ACTIVE


def told(tmp_path: Path, facts: SubscriptionFacts, **changes: Any) -> dict[Mark, str]:
    """The findings as one text for each mark."""
    found = list(check_subscriptions(a_configuration(tmp_path, changes).settings, facts))
    return {mark: "\n".join(finding.text for finding in found if finding.mark is mark) for mark in Mark}


def test_how_many_follow_by_each_channel_is_told(tmp_path: Path) -> None:
    facts = SubscriptionFacts({(TELEGRAM, A): 1200, (EMAIL, A): 3}, able=frozenset({TELEGRAM, EMAIL}))
    found = told(tmp_path, facts)
    assert found[Mark.OK] == "在订：Telegram 1,200，邮件 3，微信 0"
    assert (found[Mark.WARNING], found[Mark.FAULT]) == ("", "")


def test_whoever_cannot_be_told_is_pointed_at(tmp_path: Path) -> None:
    found = told(tmp_path, SubscriptionFacts({(TELEGRAM, A): 2, (EMAIL, A): 3, (WECHAT, A): 4}, granted=4))
    for words in ("Telegram有 2 人在订", "邮件有 3 人在订", "微信有 4 人在订", "微信有 4 人同意过接收通知"):
        assert words in found[Mark.WARNING]
    assert (
        "永远没有可发的"
        in (
            told(
                tmp_path,
                SubscriptionFacts({}, able=frozenset({TELEGRAM})),
                publishing={"channels": {"site": {"enabled": False}}},
            )[Mark.WARNING]
        )
    )


def test_what_waits_and_what_nobody_has_looked_at_is_told(tmp_path: Path) -> None:
    found = told(tmp_path, SubscriptionFacts({}, unconfirmed=5, letters=6, unseen=37))
    assert "5 个邮箱 7 天内没有确认" in found[Mark.NOTE]
    assert "6 封确认邮件" in found[Mark.WARNING]
    assert "37 条结果不明" in found[Mark.WARNING]


def test_mail_that_is_too_slow_for_a_day_is_told(tmp_path: Path) -> None:
    changes = {"web": {"base_url": "https://ask.test"}, "notices": MAIL}
    facts = SubscriptionFacts({(EMAIL, A): 90_000}, able=frozenset({EMAIL}))
    assert "mails_per_minute" in told(tmp_path, facts, subscriptions={"email": True}, **changes)[Mark.WARNING]
    quicker = {"email": True, "mails_per_minute": 70}
    assert told(tmp_path, facts, subscriptions=quicker, **changes)[Mark.WARNING] == ""


async def test_mail_subscriptions_without_the_settings_of_mail_are_a_fault(tmp_path: Path) -> None:
    found = "\n".join(texts(await examine(tmp_path, {"subscriptions": {"email": True}}), Mark.FAULT))
    assert "subscriptions.email" in found
    assert "notices.mail.host" in found
    assert "web.base_url" in found


def test_subscriptions_that_are_off_are_said_to_be(tmp_path: Path) -> None:
    assert "subscriptions.enabled" in told(tmp_path, SubscriptionFacts(), subscriptions={"enabled": False})[Mark.NOTE]


async def test_the_facts_are_those_of_the_database(tmp_path: Path, clock: FakeClock) -> None:
    configuration = a_configuration(tmp_path)
    assert await subscription_facts(configuration, NOW, usable=False) == SubscriptionFacts()
    program = build(configuration, clock=clock)
    async with program.maintained():
        office = Office(program.store, program.keys, clock, FakeSender(clock))
        await office.subscribe("1", "2", "3")
        office.publish()
        await office.maker.run()
        service = Subscriptions(program.keys, office.service.links, (EMAIL, WECHAT))
        async with program.store.write() as work:
            await service.ask(work, "zhang@example.org", (), Pace.WEEKLY, "source", clock.now())
            await service.subscribe(work, WECHAT, "o1", (), Pace.WEEKLY, clock.now())
            await service.grant(work, WECHAT, "o1")
            await work.commit()
        await office.lose_one(clock)
        facts = await subscription_facts(configuration, clock.now() + timedelta(days=8), usable=True)
    assert (facts.active(TELEGRAM), facts.active(EMAIL), facts.active(WECHAT)) == (3, 0, 1)
    assert (facts.unconfirmed, facts.letters, facts.granted, facts.unseen) == (1, 1, 1, 1)
    shown = texts(await examine(tmp_path), Mark.OK)
    assert not any("example.org" in text for text in shown)
