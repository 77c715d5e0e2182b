"""Wires the senders that need nothing but settings and secrets: Mastodon, webhooks, and what is carried by hand."""

from collections.abc import Iterator

import httpx

from bot.channels.by_hand.sender import ByHandSender
from bot.channels.mastodon.api import MastodonApi
from bot.channels.mastodon.sender import MastodonSender
from bot.channels.webhook.sender import Target, WebhookSender
from bot.clock import Clock
from bot.publishing.ports import Sender
from bot.publishing_settings import Channels
from bot.settings import Environment


def make_plain_senders(
    channels: Channels, environment: Environment, clock: Clock, webhooks: httpx.AsyncClient
) -> Iterator[Sender]:
    """The senders of the channels that are switched on. webhooks: made by `make_client` of the webhook's sender.

    A channel whose secret is not known has no sender; the configuration names that as a fault.
    """
    token = environment.get("GONGHUI_MASTODON_TOKEN")
    mastodon = channels.mastodon
    if mastodon.enabled and token and mastodon.server:
        api = MastodonApi(server=mastodon.server, token=token, clock=clock)
        yield MastodonSender(api, clock, visibility=mastodon.visibility, characters=mastodon.characters)
    if channels.webhook.enabled:
        for target in _targets(channels, environment):
            yield WebhookSender(target, client=webhooks, clock=clock)
    if channels.by_hand.enabled:
        for platform in channels.by_hand.platforms:
            yield ByHandSender(platform.id)


def _targets(channels: Channels, environment: Environment) -> Iterator[Target]:
    for target in channels.webhook.targets:
        own, shared = f"GONGHUI_WEBHOOK_SECRET_{target.id.upper()}", "GONGHUI_WEBHOOK_SECRET"
        secret = environment.get(own) or environment.get(shared)
        if secret:
            yield Target(
                id=target.id,
                url=target.url,
                secret=secret,
                private=target.private,
                embed_pictures=target.embed_pictures,
                deduplicates=target.deduplicates,
            )
