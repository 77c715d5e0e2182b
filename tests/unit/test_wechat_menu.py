"""The account's menu: the shipped file, WeChat's limits, and what is printed to be entered by hand."""

from pathlib import Path

import pytest
import yaml

from bot.channels.wechat.menu import Button, load_menu, menu_by_hand, menu_payload
from bot.errors import ContentError
from handlers.menu import ACTIONS
from tests.builders import ROOT

BASE = "https://ask.example.org"
TOPICS = {"wage.arrears", "contract.double-wage", "injury.recognition"}


def load(folder: Path, buttons: object, base_url: str = BASE) -> tuple[Button, ...]:
    path = folder / "wechat.yaml"
    path.write_text(yaml.safe_dump({"buttons": buttons}, allow_unicode=True), encoding="utf-8")
    return load_menu(path, actions=ACTIONS, topics=TOPICS, base_url=base_url)


def faults(folder: Path, buttons: object, base_url: str = BASE) -> list[str]:
    with pytest.raises(ContentError) as caught:
        load(folder, buttons, base_url)
    return caught.value.faults


def test_the_shipped_menu_is_good() -> None:
    path = ROOT / "content" / "menu" / "wechat.yaml"
    topics = {
        ".".join(file.relative_to(ROOT / "content" / "faq").with_suffix("").parts)
        for file in (ROOT / "content" / "faq").rglob("*.md")
    }
    buttons = load_menu(path, actions=ACTIONS, topics=topics, base_url=BASE)
    assert 1 <= len(buttons) <= 3


def test_a_menu_becomes_what_wechat_takes(tmp_path: Path) -> None:
    buttons = load(
        tmp_path,
        [
            {
                "name": "问一问",
                "children": [{"name": "常问", "action": "hot"}, {"name": "欠薪", "entry": "wage.arrears"}],
            },
            {"name": "查答案", "page": "/"},
            {"name": "官网", "page": "https://www.example.org/a?b=1"},
        ],
    )
    assert menu_payload(buttons, BASE) == {
        "button": [
            {
                "name": "问一问",
                "sub_button": [
                    {"name": "常问", "type": "click", "key": "hot"},
                    {"name": "欠薪", "type": "click", "key": "faq_wage_arrears"},
                ],
            },
            {"name": "查答案", "type": "view", "url": "https://ask.example.org/"},
            {"name": "官网", "type": "view", "url": "https://www.example.org/a?b=1"},
        ]
    }


def test_by_hand_entries_open_their_page_and_the_hotline_is_a_text(tmp_path: Path) -> None:
    """A menu made in the console cannot send clicks to the bot."""
    buttons = load(
        tmp_path,
        [
            {
                "name": "问一问",
                "children": [{"name": "常问", "action": "hot"}, {"name": "欠薪", "entry": "wage.arrears"}],
            },
            {"name": "找人", "action": "hotline"},
        ],
    )
    lines = "\n".join(menu_by_hand(buttons, BASE, {"hotline": "请拨打12351"}))
    assert "欠薪 -> 跳转网页：https://ask.example.org/faq/wage.arrears" in lines
    assert "常问 -> 跳转网页：https://ask.example.org/" in lines
    assert "请拨打12351" in lines


A_BUTTON = {"name": "问", "action": "ask"}


@pytest.mark.parametrize(
    ("buttons", "words"),
    [
        ([], "最多 3 个"),
        ([A_BUTTON] * 4, "最多 3 个"),
        ("问", "buttons 列表"),
        (["问"], "要有 name"),
        ([{"name": "六个字太长了", "action": "ask"}], "18 字节"),
        ([{"name": "", "action": "ask"}], "0 字节"),
        ([{"name": "问", "children": [A_BUTTON] * 6}], "最多 5 个"),
        ([{"name": "问", "children": [{"name": "长" * 21, "action": "ask"}]}], "63 字节"),
        ([{"name": "问", "children": [{"name": "一", "children": [A_BUTTON]}]}], "不认识"),
        ([{"name": "问"}], "只有一项"),
        ([{"name": "问", "action": "ask", "page": "/"}], "只有一项"),
        ([{"name": "问", "action": "ask", "children": [A_BUTTON]}], "只有一项"),
        ([{"name": "问", "action": "dance"}], "没有 dance 这个动作"),
        ([{"name": "问", "entry": "wage.unheard-of"}], "没有 wage.unheard-of 这条"),
        ([{"name": "问", "page": "faq"}], "既不是本站路径"),
        ([{"name": "问", "page": "/" + "x" * 1100}], "超过 1024"),
        ([{"name": "问", "action": "ask", "colour": "red"}], "colour: 这里不认识"),
    ],
    ids=[
        "none",
        "four",
        "no-list",
        "no-mapping",
        "long-name",
        "empty-name",
        "six-children",
        "long-child",
        "grandchild",
        "no-target",
        "two-targets",
        "target-and-children",
        "unknown-action",
        "unknown-entry",
        "odd-page",
        "long-page",
        "unknown-key",
    ],
)
def test_a_fault_is_told_before_wechat_tells_it(tmp_path: Path, buttons: object, words: str) -> None:
    found = faults(tmp_path, buttons)
    assert any(words in fault for fault in found), found


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    found = faults(tmp_path, [{"name": "问", "action": "dance"}, {"name": "六个字太长了", "entry": "wage.no"}])
    assert len(found) == 3


def test_a_page_of_the_site_needs_a_public_address(tmp_path: Path) -> None:
    assert "web.base_url" in faults(tmp_path, [{"name": "查", "page": "/"}], base_url="")[0]


@pytest.mark.parametrize("text", ["buttons: [", "\t", "[]", ""], ids=["broken", "tab", "list", "empty"])
def test_a_file_that_is_no_menu_is_told_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "wechat.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_menu(path, actions=ACTIONS, topics=TOPICS, base_url=BASE)
    assert str(path) in caught.value.faults[0]


def test_a_missing_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(ContentError):
        load_menu(tmp_path / "absent.yaml", actions=ACTIONS, topics=TOPICS, base_url=BASE)
