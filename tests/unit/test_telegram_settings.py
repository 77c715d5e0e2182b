"""The section `telegram`: every fault at once, by its path, and nothing switched on that nobody has asked for."""

from pathlib import Path

import pytest
import yaml

from bot.errors import ConfigurationError
from bot.telegram_settings import Telegram, is_answering
from tests.builders import ROOT, a_configuration

TOKEN = {"GONGHUI_TELEGRAM_TOKEN": "7001:AAtoken-of-tests"}
HTTPS = {"base_url": "https://ask.example.org"}


def faults_of(folder: Path, environ: dict[str, str], web: dict[str, str] | None = None, **section: object) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        a_configuration(folder, {"telegram": section, "web": web or HTTPS}, environ)
    return caught.value.faults


def test_a_token_is_all_that_is_needed_and_nothing_more_is_switched_on_by_it(tmp_path: Path) -> None:
    configuration = a_configuration(tmp_path, environ=TOKEN)
    telegram = configuration.settings.telegram
    assert is_answering(configuration.settings, configuration.environment)
    assert (telegram.webhook, telegram.complaints, telegram.staff_chat, telegram.proxy) == (False, False, "", "")
    assert not is_answering(configuration.settings, {})


def test_the_token_alone_may_be_for_publishing(tmp_path: Path) -> None:
    configuration = a_configuration(tmp_path, {"telegram": {"enabled": False}}, TOKEN)
    assert not is_answering(configuration.settings, configuration.environment)


def test_what_needs_the_token_is_named_at_once(tmp_path: Path) -> None:
    web = {"base_url": "http://ask.example.org"}
    faults = faults_of(tmp_path, {}, web, webhook=True, complaints=True, staff_chat="-1001234567890")
    for name in ("telegram.webhook", "telegram.complaints", "telegram.staff_chat"):
        assert any(name in fault and "GONGHUI_TELEGRAM_TOKEN" in fault for fault in faults), name
    assert any("telegram.webhook" in fault and "web.base_url" in fault for fault in faults)


@pytest.mark.parametrize(
    "url", ["", "http://ask.example.org", "https://ask.example.org:8080", "https://ask.example.org:99999"]
)
def test_a_webhook_needs_an_address_that_telegram_calls(tmp_path: Path, url: str) -> None:
    faults = faults_of(tmp_path, TOKEN, {"base_url": url} if url else {"host": "127.0.0.1"}, webhook=True)
    assert "web.base_url" in "".join(faults)


def test_a_webhook_at_a_port_that_telegram_calls_is_taken(tmp_path: Path) -> None:
    changes = {"telegram": {"webhook": True}, "web": {"base_url": "https://ask.example.org:8443"}}
    assert a_configuration(tmp_path, changes, TOKEN).settings.telegram.webhook


def test_faults_of_single_settings_are_told_together(tmp_path: Path) -> None:
    said = "".join(faults_of(tmp_path, {}, proxy="ftp://127.0.0.1", staff_chat="群", complaints="maybe", colour="red"))
    for name in ("proxy", "staff_chat", "complaints", "colour"):
        assert f"telegram.{name}" in said


@pytest.mark.parametrize(
    "proxy",
    ["127.0.0.1:1080", "socks4://127.0.0.1:1080", "socks5://", "http://127.0.0.1:99999", "http://[::1", "http://a:0"],
)
def test_what_is_no_proxy_is_refused(tmp_path: Path, proxy: str) -> None:
    assert "telegram.proxy" in "".join(faults_of(tmp_path, TOKEN, proxy=proxy))


def test_a_password_of_the_proxy_has_no_place_in_a_file_and_is_not_repeated(tmp_path: Path) -> None:
    said = "".join(faults_of(tmp_path, TOKEN, proxy="socks5://zhang:geheim7@127.0.0.1:1080"))
    assert "telegram.proxy" in said
    assert "geheim7" not in said


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:3128", "https://proxy.example.org", "socks5://[::1]:1080"])
def test_proxies_that_are_taken(tmp_path: Path, proxy: str) -> None:
    assert a_configuration(tmp_path, {"telegram": {"proxy": proxy}}, TOKEN).settings.telegram.proxy == proxy


@pytest.mark.parametrize("token", ["AAtoken", "7001:", "7001:AA/../x", "7001:AA BB"])
def test_what_is_no_token_is_told_without_showing_it(tmp_path: Path, token: str) -> None:
    said = "".join(faults_of(tmp_path, {"GONGHUI_TELEGRAM_TOKEN": token}))
    assert "GONGHUI_TELEGRAM_TOKEN" in said
    assert token not in said


def test_every_setting_stands_in_the_shipped_file_with_its_default() -> None:
    source = (ROOT / "config.yaml").read_text(encoding="utf-8")
    section = source.partition("\ntelegram:")[2].partition("\n\n")[0].splitlines()[1:]
    written = "\n".join(line.strip().removeprefix("# ") for line in section if line.startswith("  # ") and ": " in line)
    shown = yaml.safe_load(written)
    assert shown == Telegram().model_dump()
