"""Wires publishing in the WeChat account: the sender, its budget, and the events that say what came of it."""

import httpx

from bot.app import Program
from bot.channels.wechat.api import WeChatApi
from bot.channels.wechat.parse import CHANNEL
from bot.channels.wechat.publish_events import PublishEvents, Receive, Said
from bot.channels.wechat.publish_steps import Mode
from bot.channels.wechat.publisher import WeChatPublisher
from bot.store.issued_pictures import PicturesIssued
from bot.store.stored_value import StoredValue


def make_wechat_publisher(program: Program, client: httpx.AsyncClient) -> WeChatPublisher | None:
    """The sender of the account; None where the channel is off or its AppSecret is not known.

    The callback of the section `wechat` need not be on: without its events WeChat is asked what came of an article.
    """
    settings, environment = program.configuration.settings, program.configuration.environment
    channel, account = settings.publishing.channels.wechat, settings.wechat
    secret = environment.get("GONGHUI_WECHAT_SECRET")
    if not channel.enabled or not secret or not account.app_id:
        return None
    tokens = StoredValue(program.store, program.clock, f"wechat.access_token:{account.app_id}")
    return WeChatPublisher(
        api=WeChatApi(
            client=client,
            base=account.api_base,
            app_id=account.app_id,
            secret=secret,
            tokens=tokens,
            clock=program.clock,
        ),
        issued=PicturesIssued(program.store, program.clock, CHANNEL),
        clock=program.clock,
        mode=Mode(channel.mode),
        open_comments=channel.open_comments,
        confirmed=channel.administrator_confirms,
    )


def with_publish_events(said: Said, receive: Receive) -> Receive:
    """What receives messages of the account, having told publishing what WeChat reports about its jobs."""
    return PublishEvents(said, receive).receive
