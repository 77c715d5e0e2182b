"""Weibo and Telegram from the configuration: what has to stand in it, and the senders that are made of it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from bot.app import Program, build
from bot.channels.telegram.publisher import TelegramPublisher
from bot.channels.weibo.sender import WeiboSender
from bot.errors import ConfigurationError
from bot.publishing.ports import HealthState, Sender
from bot.telegram_publishing import make_telegram_publisher
from bot.weibo_publishing import make_weibo_authorising, make_weibo_sender
from tests.builders import a_configuration
from tests.fakes import FakeClock

WEIBO = {"enabled": True, "app_key": "2323547071", "safe_domain": "union.test"}
TELEGRAM = {"enabled": True, "chat": "@heze_union"}
WEB = {"base_url": "https://desk.union.test"}
SECRETS = {"GONGHUI_WEIBO_APP_SECRET": "s3cret", "GONGHUI_TELEGRAM_TOKEN": "7001:AA"}

Make = Callable[..., Program]


@pytest.fixture
def make(tmp_path: Path, clock: FakeClock) -> Make:
    def made(weibo: dict, telegram: dict, web: dict | None = None, environ: dict | None = None) -> Program:
        changes = {
            "publishing": {"channels": {"weibo": weibo, "telegram": telegram}},
            "web": WEB if web is None else web,
        }
        configuration = a_configuration(tmp_path, changes, SECRETS if environ is None else environ)
        return build(configuration, clock=clock)

    return made


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as client:
        yield client


def faults_of(make: Make, *given: dict) -> str:
    with pytest.raises(ConfigurationError) as caught:
        make(*given)
    return "\n".join(caught.value.faults)


def test_everything_that_is_missing_is_named_at_once(make: Make) -> None:
    faults = faults_of(make, {"enabled": True, "unattended": True}, {"enabled": True}, {}, {})
    for name in (
        "weibo.app_key",
        "weibo.safe_domain",
        "weibo.server_address",
        "telegram.chat",
        "web.base_url",
        *SECRETS,
    ):
        assert name in faults, name


@pytest.mark.parametrize(
    ("weibo", "telegram", "name"),
    [
        (WEIBO | {"safe_domain": "other.test"}, {}, "weibo.safe_domain"),
        (WEIBO | {"safe_domain": "https://union.test"}, {}, "weibo.safe_domain"),
        (WEIBO | {"server_address": "10.0.0.1"}, {}, "weibo.server_address"),
        (WEIBO | {"server_address": "here"}, {}, "weibo.server_address"),
        (WEIBO | {"app_key": "wx12"}, {}, "weibo.app_key"),
        (WEIBO | {"api_base": "https://api.weibo.com/2"}, {}, "weibo.api_base"),
        ({}, TELEGRAM | {"chat": "heze_union"}, "telegram.chat"),
        ({}, TELEGRAM | {"chat": "1234567890"}, "telegram.chat"),
    ],
    ids=["elsewhere", "address", "inner", "no_ip", "no_key", "path", "no_at", "person"],
)
def test_what_cannot_work_is_told_before_anything_runs(make: Make, weibo: dict, telegram: dict, name: str) -> None:
    assert name in faults_of(make, weibo, telegram)


async def test_what_is_off_or_has_no_secret_has_no_sender(make: Make, client: httpx.AsyncClient) -> None:
    off = make({}, {}, environ={})
    assert (make_weibo_sender(off, client), make_weibo_authorising(off, client), make_telegram_publisher(off)) == (
        None,
        None,
        None,
    )


async def test_senders_are_made_as_configured_and_a_person_confirms_by_default(
    make: Make, client: httpx.AsyncClient
) -> None:
    program = make(WEIBO, TELEGRAM | {"chat": "-1001234567890"})
    weibo, telegram = make_weibo_sender(program, client), make_telegram_publisher(program)
    assert isinstance(weibo, WeiboSender)
    assert isinstance(telegram, TelegramPublisher)
    senders: list[Sender] = [weibo, telegram]
    assert [(sender.channel, sender.attended) for sender in senders] == [("weibo", True), ("telegram", False)]
    await telegram.close()
    alone = make_weibo_sender(make(WEIBO | {"unattended": True, "server_address": "58.57.0.9"}, {}), client)
    assert alone
    assert not alone.attended


async def test_the_health_of_an_account_that_nobody_has_authorised(make: Make, client: httpx.AsyncClient) -> None:
    program = make(WEIBO, {})
    async with program.maintained():
        await program.migrate()
        sender = make_weibo_sender(program, client)
        assert sender
        assert (await sender.health()).state is HealthState.UNAUTHORISED
