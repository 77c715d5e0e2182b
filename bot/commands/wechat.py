"""`gonghui wechat`: the official account's menu."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.app import Program
    from bot.channels.wechat.menu import Button

app = typer.Typer(no_args_is_help=True, help="The WeChat official account.")
menu = typer.Typer(no_args_is_help=True, help="The account's menu, from content/menu/wechat.yaml.")
app.add_typer(menu, name="menu")

MENU_FILE = "menu/wechat.yaml"


@menu.command()
def push(
    *, dry_run: Annotated[bool, typer.Option("--dry-run", help="check the menu and show it, send nothing")] = False
) -> None:
    """Send the menu to WeChat; where the account may not, print what to enter by hand."""
    from bot.commands.context import open_program

    if not asyncio.run(_push(open_program(), dry_run=dry_run)):
        raise typer.Exit(1)


async def _push(program: "Program", *, dry_run: bool) -> bool:
    """Whether the menu is set, or only had to be checked."""
    from bot.channels.wechat.api import NOT_GRANTED
    from bot.channels.wechat.menu import menu_payload
    from bot.errors import VendorError

    async with program.maintained():
        await program.prepare_base()
        buttons, base_url = await _load(program)
        secret = program.configuration.environment.get("GONGHUI_WECHAT_SECRET")
        if dry_run or not secret:
            print("\n".join(_outline(buttons, base_url)))
            if not dry_run:
                print("\n没有发送：环境变量 GONGHUI_WECHAT_SECRET（AppSecret）没有设置。")
            return dry_run
        try:
            await _send(program, secret, menu_payload(buttons, base_url))
        except VendorError as error:
            if error.code != NOT_GRANTED:
                raise
            print("\n".join(_instructions(program, buttons, base_url)))
            return False
    print("菜单已经设置好。关注者五分钟内就能看到，重新关注可以立刻看到。")
    return True


async def _load(program: "Program") -> "tuple[tuple[Button, ...], str]":
    from bot.channels.wechat.menu import load_menu
    from handlers.menu import ACTIONS

    settings = program.configuration.settings
    base_url = settings.web.base_url or ""
    async with program.store.read() as work:
        topics = await work.entries.current()
    buttons = load_menu(
        settings.content_dir / MENU_FILE,
        actions=ACTIONS,
        topics=topics,
        base_url=base_url,
    )
    return buttons, base_url


async def _send(program: "Program", secret: str, payload: dict[str, object]) -> None:
    import httpx

    from bot.channels.wechat.api import WeChatApi
    from bot.store.stored_value import StoredValue

    wechat = program.configuration.settings.wechat
    tokens = StoredValue(program.store, program.clock, f"wechat.access_token:{wechat.app_id}")
    async with httpx.AsyncClient() as client:
        api = WeChatApi(
            client=client,
            base=wechat.api_base,
            app_id=wechat.app_id,
            secret=secret,
            tokens=tokens,
            clock=program.clock,
        )
        await api.create_menu(payload)


def _instructions(program: "Program", buttons: "tuple[Button, ...]", base_url: str) -> "Iterator[str]":
    from bot.channels.wechat.menu import menu_by_hand
    from bot.channels.wechat.render import render_text
    from handlers.menu import COMPLAIN, HOTLINE, TRACK, hotline_reply

    texts = {
        HOTLINE: render_text(hotline_reply(program.services), base_url),
        COMPLAIN: program.wording("intake.by_hand"),
        TRACK: program.wording("track.ask"),
    }
    yield "微信不允许这个公众号用接口设置菜单（48001，一般是没有认证）。"
    yield "请登录 https://mp.weixin.qq.com，在“自定义菜单”里手工填写："
    yield ""
    yield from menu_by_hand(buttons, base_url, texts)


def _outline(buttons: "tuple[Button, ...]", base_url: str) -> "Iterator[str]":
    for button in buttons:
        yield _described(button, base_url)
        yield from (f"    {_described(child, base_url)}" for child in button.children)


def _described(button: "Button", base_url: str) -> str:
    if button.children:
        return button.name
    return f"{button.name} -> {button.page(base_url) if button.kind == 'page' else f'点击 {button.key}'}"
