"""The section `subscriptions`: every fault at once, by its path."""

from pathlib import Path

import pytest

from bot.errors import ConfigurationError
from tests.builders import a_configuration


def faults_of(folder: Path, **section: object) -> str:
    with pytest.raises(ConfigurationError) as caught:
        a_configuration(folder, {"subscriptions": section})
    return str(caught.value)


def test_the_digest_is_due_on_friday_unless_said_otherwise(tmp_path: Path) -> None:
    settings = a_configuration(tmp_path).settings.subscriptions
    assert (settings.weekday, settings.digest_hour, settings.email) == (4, 10, False)
    assert a_configuration(tmp_path, {"subscriptions": {"digest_day": "monday"}}).settings.subscriptions.weekday == 0


def test_mail_needs_a_server_and_an_address_for_its_links(tmp_path: Path) -> None:
    said = faults_of(tmp_path, email=True)
    assert "notices.mail.host" in said
    assert "web.base_url" in said


def test_a_notice_in_wechat_needs_what_it_is_made_of(tmp_path: Path) -> None:
    said = faults_of(tmp_path, wechat={"template_id": "t1", "fields": {"time2": "time"}})
    for place in ("wechat.fields", "wechat.page", "wechat.enabled"):
        assert place in said


def test_a_section_that_is_switched_off_has_no_faults(tmp_path: Path) -> None:
    assert not a_configuration(
        tmp_path, {"subscriptions": {"enabled": False, "email": True}}
    ).settings.subscriptions.enabled
