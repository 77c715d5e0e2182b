"""Wires publishing on Weibo: the authorisation of the account, which the console asks for, and the sender."""

import httpx

from bot.app import Program
from bot.channels.weibo.api import WeiboApi
from bot.channels.weibo.authorising import WeiboAuthorising
from bot.channels.weibo.sender import WeiboSender


def make_weibo_authorising(program: Program, client: httpx.AsyncClient) -> WeiboAuthorising | None:
    """What asks for the authorisation and keeps it; None where the channel is off or not set up."""
    settings, environment = program.configuration.settings, program.configuration.environment
    weibo = settings.publishing.channels.weibo
    secret = environment.get("GONGHUI_WEIBO_APP_SECRET")
    if not weibo.enabled or not weibo.app_key or not secret or not settings.web.base_url:
        return None
    return WeiboAuthorising(
        api=WeiboApi(client=client, base=weibo.api_base),
        app_key=weibo.app_key,
        secret=secret,
        base_url=settings.web.base_url,
        read=program.store.read,
        write=program.store.write,
        clock=program.clock,
    )


def make_weibo_sender(program: Program, client: httpx.AsyncClient) -> WeiboSender | None:
    """The sender of the account; None where the channel is off or not set up."""
    authorising = make_weibo_authorising(program, client)
    if authorising is None:
        return None
    weibo = program.configuration.settings.publishing.channels.weibo
    return WeiboSender(
        api=WeiboApi(client=client, base=weibo.api_base),
        authorising=authorising,
        clock=program.clock,
        attended=not weibo.unattended,
        server_address=weibo.server_address,
    )
