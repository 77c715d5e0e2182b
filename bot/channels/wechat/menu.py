"""The account's menu: read from `content/menu/wechat.yaml`, checked, and shaped for WeChat. Pure but for the file."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ContentError
from bot.fitting import utf8_bytes

MOST_BUTTONS = 3
MOST_CHILDREN = 5
NAME_BYTES = 16
CHILD_NAME_BYTES = 60
KEY_BYTES = 128
URL_BYTES = 1024

_TARGETS = ("action", "entry", "page")


@dataclass(frozen=True, slots=True)
class Button:
    """One button: it has children, or a target (`kind` says what `target` is)."""

    name: str
    kind: str = ""
    target: str = ""
    children: tuple["Button", ...] = ()

    @property
    def key(self) -> str:
        """What WeChat sends when the button is clicked; an entry's key is also its QR scene."""
        return self.target if self.kind == "action" else f"faq_{self.target.replace('.', '_').replace('-', '_')}"

    def page(self, base_url: str) -> str:
        """The address that the button opens; of an entry, its page on the site."""
        path = f"/faq/{self.target}" if self.kind == "entry" else self.target
        return f"{base_url}{path}" if path.startswith("/") else path


def load_menu(path: Path, *, actions: Collection[str], topics: Collection[str], base_url: str) -> tuple[Button, ...]:
    """Read the menu. Raises ContentError with every fault: shape, WeChat's limits, unknown targets."""
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ContentError([f"{path}: {' '.join(str(error).split())}"]) from error
    listed = tree.get("buttons") if isinstance(tree, dict) else None
    if not isinstance(listed, list):
        raise ContentError([f"{path}: 要有一个 buttons 列表"])
    faults: list[str] = []
    buttons = tuple(_read_button(raw, f"buttons.{n}", faults) for n, raw in enumerate(listed))
    faults += _limit_faults(buttons)
    for button in _leaves(buttons):
        faults += _target_faults(button, actions, topics, base_url)
    if faults:
        raise ContentError([f"{path}: {fault}" for fault in faults])
    return buttons


def menu_payload(buttons: tuple[Button, ...], base_url: str) -> dict[str, Any]:
    """The menu as WeChat's API takes it."""
    return {"button": [_payload(button, base_url) for button in buttons]}


def menu_by_hand(buttons: tuple[Button, ...], base_url: str, texts: Mapping[str, str]) -> Iterator[str]:
    """What to enter in WeChat's console, line by line, where the API may not be used.

    A menu made by hand cannot send clicks to the bot: an entry opens its page, and an action
    sends a fixed text (`texts`, by action) or opens the site.
    """
    for button in buttons:
        if button.children:
            yield button.name
            yield from (f"    {_line(child, base_url, texts)}" for child in button.children)
        else:
            yield _line(button, base_url, texts)


def _line(button: Button, base_url: str, texts: Mapping[str, str]) -> str:
    if button.kind == "action" and button.target in texts:
        indented = texts[button.target].replace("\n", "\n        ")
        return f"{button.name} -> 发送消息（文字）：\n        {indented}"
    page = f"{base_url}/" if button.kind == "action" else button.page(base_url)
    return f"{button.name} -> 跳转网页：{page}"


def _payload(button: Button, base_url: str) -> dict[str, Any]:
    if button.children:
        return {"name": button.name, "sub_button": [_payload(child, base_url) for child in button.children]}
    if button.kind == "page":
        return {"name": button.name, "type": "view", "url": button.page(base_url)}
    return {"name": button.name, "type": "click", "key": button.key}


def _read_button(raw: object, where: str, faults: list[str], *, may_have_children: bool = True) -> Button:
    if not isinstance(raw, dict) or not isinstance(raw.get("name"), str):
        faults.append(f"{where}: 要有 name")
        return Button("")
    name, targets = raw["name"], [kind for kind in _TARGETS if kind in raw]
    known = {"name", *_TARGETS} | ({"children"} if may_have_children else set())
    faults += [f"{where}.{key}: 这里不认识这一项" for key in raw if key not in known]
    children = raw.get("children") if may_have_children else None
    if isinstance(children, list) and not targets:
        below = (
            _read_button(child, f"{where}.children.{n}", faults, may_have_children=False)
            for n, child in enumerate(children)
        )
        return Button(name, children=tuple(below))
    if len(targets) != 1 or "children" in raw or not isinstance(raw[targets[0]], str):
        faults.append(f"{where}: 要有而且只有一项 {'、'.join(_TARGETS)}" + "、children" * may_have_children)
        return Button(name)
    return Button(name, targets[0], raw[targets[0]])


def _leaves(buttons: tuple[Button, ...]) -> Iterator[Button]:
    for button in buttons:
        yield from button.children or (button,)


def _limit_faults(buttons: tuple[Button, ...]) -> Iterator[str]:
    if not 1 <= len(buttons) <= MOST_BUTTONS:
        yield f"微信最多 {MOST_BUTTONS} 个一级菜单，至少 1 个，这里有 {len(buttons)} 个"
    for button in buttons:
        yield from _name_faults(button, NAME_BYTES)
        if len(button.children) > MOST_CHILDREN:
            yield f"{button.name}: 微信最多 {MOST_CHILDREN} 个二级菜单，这里有 {len(button.children)} 个"
        for child in button.children:
            yield from _name_faults(child, CHILD_NAME_BYTES)


def _name_faults(button: Button, most: int) -> Iterator[str]:
    size = utf8_bytes(button.name)
    if not 1 <= size <= most:
        yield f"“{button.name}”: 名称有 {size} 字节，微信只收 1 到 {most} 字节（一个汉字 3 字节）"


def _target_faults(button: Button, actions: Collection[str], topics: Collection[str], base_url: str) -> Iterator[str]:
    if button.kind == "action" and button.target not in actions:
        yield f"{button.name}: 没有 {button.target} 这个动作，只有 {'、'.join(sorted(actions))}"
    if button.kind == "entry" and button.target not in topics:
        yield f"{button.name}: 没有 {button.target} 这条问答"
    if button.kind == "page":
        if button.target.startswith("/") and not base_url:
            yield f"{button.name}: 链接到本站页面要先设置 web.base_url"
        elif not button.target.startswith(("/", "http://", "https://")):
            yield f"{button.name}: {button.target} 既不是本站路径也不是网址"
        if utf8_bytes(button.page(base_url)) > URL_BYTES:
            yield f"{button.name}: 网址超过 {URL_BYTES} 字节"
    elif utf8_bytes(button.key) > KEY_BYTES:
        yield f"{button.name}: key 超过 {KEY_BYTES} 字节"
