"""Which senders there are by the settings."""

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from bot.channels.webhook.sender import WebhookSender
from bot.plain_senders import make_plain_senders
from bot.publishing.post_files import CHANNEL
from bot.publishing_settings import Channels, WebhookTarget
from bot.settings import Environment
from bot.store.publishing_tables import DeliveryRow
from tests.fakes import FakeClock

CHANNELS = {
    "mastodon": {"enabled": True, "server": "https://social.union.test"},
    "webhook": {
        "enabled": True,
        "targets": [
            {"id": "paper", "name": "菏泽日报", "url": "https://paper.union.test/in", "deduplicates": True},
            {"id": "portal", "name": "市政府网站", "url": "https://portal.union.test/in"},
        ],
    },
    "by_hand": {"platforms": [{"id": "toutiao", "name": "今日头条"}]},
}


async def senders(**secrets: str) -> dict[str, object]:
    environment = Environment({f"GONGHUI_{name.upper()}": SecretStr(value) for name, value in secrets.items()})
    async with httpx.AsyncClient() as client:
        made = make_plain_senders(Channels.model_validate(CHANNELS), environment, FakeClock(), client)
        return {sender.channel: sender for sender in made}


async def test_every_target_and_platform_is_a_channel_of_its_own() -> None:
    made = await senders(mastodon_token="m", webhook_secret="shared", webhook_secret_paper="own")
    assert list(made) == ["mastodon", "webhook.paper", "webhook.portal", "by_hand.toutiao"]
    assert {*made} <= {*Channels.model_validate(CHANNELS).enabled()}
    targets = [sender._target for sender in made.values() if isinstance(sender, WebhookSender)]
    assert [(target.secret, target.deduplicates) for target in targets] == [("own", True), ("shared", False)]
    assert "own" not in repr(targets)


async def test_without_its_secret_a_channel_sends_nothing() -> None:
    assert list(await senders(webhook_secret_portal="own")) == ["webhook.portal", "by_hand.toutiao"]


@pytest.mark.parametrize(
    "url",
    ["http://paper.union.test/in", "https://u:p@paper.union.test/in", "https://paper.union.test/in#x", "ftp://x/in"],
    ids=["unencrypted", "password", "fragment", "scheme"],
)
def test_an_address_that_is_never_called_is_a_fault_of_the_settings(url: str) -> None:
    with pytest.raises(ValidationError):
        WebhookTarget(id="paper", name="菏泽日报", url=url)
    assert WebhookTarget(id="paper", name="菏泽日报", url="http://127.0.0.1:9000/in").url.startswith("http://")


@pytest.mark.parametrize("family", ["webhook", "by_hand"])
def test_the_longest_code_of_a_channel_fits_its_column_and_the_files_of_posts(family: str) -> None:
    code = f"{family}.a{'b' * 14}"
    WebhookTarget(id=code.partition(".")[2], name="菏泽日报", url="https://paper.union.test/in")
    with pytest.raises(ValidationError):
        WebhookTarget(id=code.partition(".")[2] + "b", name="菏泽日报", url="https://paper.union.test/in")
    longest = DeliveryRow.__table__.c.channel.type.length  # type: ignore[attr-defined]
    assert len(code) <= longest
    assert CHANNEL.fullmatch(code)
