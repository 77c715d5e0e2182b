"""Masking: what the worker gave and what looks like it is hidden; what matters to the case stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.complaints.cases import Statement
from bot.complaints.desk.redaction import Mark, Mask

WORKER = Statement(narrative="", name="李晓四", phone="138 1234 5678", contact="wxid_lisi2000")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("李晓四是钢筋工", "[姓名]是钢筋工"),
        ("大家叫我老李，李师傅干了三年", "大家叫我[姓名]，[姓名]干了三年"),
        ("打13812345678或138-1234-5678", "打[电话]或[电话]"),
        ("打１３８１２３４５６７８", "打[电话]"),
        ("加WXID_lisi2000", "加[联系方式]"),
        ("工友的手机是15900001111", "工友的手机是[电话]"),
        ("座机(0530)5621234", "座机[电话]"),
        ("身份证372901199001011234", "身份证[证件号]"),
        ("卡号6222 0212 3456 7890 123", "卡号[卡号]"),
        ("发到 lisi@example.org 就行", "发到 [邮箱] 就行"),
        ("微信号 abc_12345", "微信号 [账号]"),
        ("我叫王五，在工地", "我叫[姓名]，在工地"),
    ],
)
def test_what_tells_who_the_worker_is_is_masked(text: str, masked: str) -> None:
    assert Mask(WORKER).text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "拖欠工资12000元，从2025年7月15日到现在",
        "公司统一社会信用代码91110000600037341L",
        "老板张三，工头王五",
        "一共二十三个人，每人欠8500块",
        "案号（2026）鲁1702民初1234号",
    ],
)
def test_sums_days_and_who_is_complained_about_stay(text: str) -> None:
    assert Mask(WORKER).text(text) == text


def test_kinds_of_what_was_masked_are_told() -> None:
    assert Mask(WORKER)("我叫李晓四，电话13812345678").marks == {Mark.NAME, Mark.PHONE}
    assert Mask()("没有什么").marks == frozenset()


def test_a_text_to_be_passed_on_betrays_what_the_worker_gave_and_nothing_else() -> None:
    mask = Mask(WORKER)
    assert mask.betrays("请找李 晓四，１３８１２３４ ５６７８") == {Mark.NAME, Mark.PHONE}
    assert mask.betrays("单位电话0530-5621234") == frozenset()
    assert Mask(Statement(narrative="", name="李")).betrays("李庄工地") == frozenset()


@given(st.text(alphabet="李晓四张0123456789 -微信号我叫，@a.b老师傅", max_size=40))
def test_masking_twice_changes_nothing_more_and_leaves_nothing_of_what_was_given(text: str) -> None:
    mask = Mask(WORKER)
    once = mask.text(text)
    assert mask.text(once) == once
    assert not mask.betrays(once)
