"""Redaction: what identifies people goes, what questions are about stays. All data are invented."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.answers.redact import redact

GONE = {
    "phone": ("我电话13812345678，打给我", "13812345678", "[手机号]"),
    "phone with spaces": ("号码 138 1234 5678", "1234", "[手机号]"),
    "phone with hyphens": ("打138-1234-5678找我", "5678", "[手机号]"),
    "phone with country": ("+86 13812345678", "138", "[手机号]"),
    "phone with 0086": ("0086-13812345678", "138", "[手机号]"),
    "phone in two groups": ("139 12345678", "139", "[手机号]"),
    "phone written 3-3-5": ("139 123 45678", "45678", "[手机号]"),
    "phone digit by digit": ("1 3 8 1 2 3 4 5 6 7 8 是我号", "3 4", "[手机号]"),
    "phone in full width": ("１３８１２３４５６７８", "８", "[手机号]"),
    "phone in characters": ("幺三八零零一二三四五六", "三八", "[手机号]"),
    "phone between words": ("老板13912345678不接电话", "139", "[手机号]"),
    "id number": ("身份证371702199001011234", "371702", "[证件号]"),
    "id number with X": ("37170219900101123X是我的证", "23X", "[证件号]"),
    "id number with small x": ("37170219900101123x", "23x", "[证件号]"),
    "id number with a times sign": ("37170219900101123×", "371702", "[证件号]"),
    "id number in groups": ("371702 19900101 1234", "19900101", "[证件号]"),
    "id number by parts": ("371702-1990-01-01-123X", "1990", "[证件号]"),
    "old id number": ("旧证号 370829750214321", "750214", "[证件号]"),
    "card": ("卡号6222021234567890123", "6222", "[卡号]"),
    "card in fours": ("6222 0212 3456 7890 123", "0212", "[卡号]"),
    "card of sixteen": ("6228-4801-2345-6789", "4801", "[卡号]"),
    "landline": ("公司电话0530-5551234", "5551234", "[电话]"),
    "landline in brackets": ("(0530)5551234", "555", "[电话]"),
    "Beijing landline": ("010 65551234", "6555", "[电话]"),
    "landline without area": ("电话:5551234", "5551234", "[电话]"),
    "mail": ("请发到zhang.san+1@example.com.cn谢谢", "zhang", "[邮箱]"),
    "wechat id": ("加我微信zhangsan_88吧", "zhangsan_88", "[账号]"),
    "wechat id after a colon": ("微信号：wxid_a1b2c3d4", "wxid", "[账号]"),
    "vx": ("vx abc12345", "abc12345", "[账号]"),
    "qq": ("QQ：123456789", "123456789", "[账号]"),
    "qq in words": ("我的qq号是 87654321", "8765", "[账号]"),
    "plate": ("他的车鲁R12345撞了我", "R12345", "[车牌]"),
    "plate with a dot": ("鲁A·B1234", "B1234", "[车牌]"),
    "plate of an electric car": ("鲁RD12345跑了", "D12345", "[车牌]"),
    "trailer": ("豫N1234挂", "N1234", "[车牌]"),
    "own name": ("我叫张三丰，在工地干活", "张三丰", "[姓名]"),
    "own short name": ("我叫李四", "李四", "[姓名]"),
    "compound surname": ("名叫欧阳小明，今年四十", "欧阳", "[姓名]"),
    "I am": ("你好，我是王建国，想问加班费", "王建国", "[姓名]"),
    "form": ("姓名：刘翠花 电话没有", "刘翠花", "[姓名]"),
    "boss by name": ("老板叫赵大强，欠我三万", "赵大强", "[姓名]"),
    "contractor by name": ("包工头是孙二牛。", "孙二牛", "[姓名]"),
    "contractor named and owing": ("包工头周铁柱欠我两万", "周铁柱", "[姓名]"),
    "husband": ("老公叫陈建军，在矿上", "陈建军", "[姓名]"),
    "mister": ("王建国先生拖欠工资", "王建国", "[姓名]"),
}

STAYS = [
    "公司欠我15000元，一共13个月",
    "2025年11月22日入职，2026-03-15离职",
    "从2024.01.01到2025.12.31没签合同",
    "2024-01-01 2025-12-31",
    "人社部发〔2025〕2号文件怎么说",
    "法释〔2025〕12号第19条",
    "（2023）鲁1702民初1234号判决",
    "菏劳人仲案字〔2025〕第1234号",
    "一次性工亡补助金1130040元",
    "工资1500 20251122发的",
    "月薪4573.50，缴费基数22863",
    "打12333还是12351，或者12345、96110",
    "110 120 119 12356",
    "每天8小时，每周40小时，加班36小时",
    "订单编号20251122000123有问题吗",
    "工资条上12345678这个数对吗",
    "我是安全员，没有证",
    "我是高中生，暑假打工",
    "我是单县人，在厂里干活",
    "我是农民工，能入会吗",
    "我是包工头，工人受伤了",
    "我是应届生，签了三方",
    "我是白班，让我上夜班",
    "老板于是不给钱",
    "老板说没钱",
    "老板安排我加班",
    "老板高兴了才发奖金",
    "老板是温州人，跑了",
    "经理是新来的，不认账",
    "同事叫我一起去",
    "我叫了救护车",
    "我叫老板给钱，他不给",
    "名叫什么不知道",
    "姓名没填的合同有效吗",
    "本人在厂里干了三年",
    "本人连续工作十年",
    "微信工资条算证据吗",
    "微信群里通知的",
    "qq群里发的通知",
    "鲁西南一带的工地",
    "鲁人社字〔2026〕75号",
    "第47条第2款，996工作制",
    "一三五上班，二四六休息",
    "张师傅和李姐都走了",
    "3倍社平工资，12年封顶",
    "身份证被扣了",
]


@pytest.mark.parametrize(("text", "secret", "mark"), GONE.values(), ids=GONE.keys())
def test_what_identifies_people_is_replaced(text: str, secret: str, mark: str) -> None:
    redacted = redact(text)
    assert secret not in redacted
    assert mark in redacted


@pytest.mark.parametrize("text", STAYS, ids=map(str, range(len(STAYS))))
def test_what_a_question_is_about_stays(text: str) -> None:
    assert redact(text) == text


def test_words_around_a_number_stay() -> None:
    assert redact("老板电话13812345678，欠我15000元，2025年1月1日起") == "老板电话[手机号]，欠我15000元，2025年1月1日起"


signs = ["1", "3", "138", " ", "-", "X", "@", ".com", "我叫", "王", "微信", "鲁R"]
pieces = st.sampled_from([*(text for text, _, _ in GONE.values()), *STAYS, *signs])


@given(st.lists(pieces, max_size=6).map("".join))
@example("138123456781381234567813812345678")
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@given(st.text(max_size=80))
def test_redacting_any_text_ends_and_is_idempotent(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@given(st.integers(13, 19).flatmap(lambda a: st.integers(0, 10**9 - 1).map(lambda n: f"{a}{n:09d}")))
def test_no_mobile_number_survives(number: str) -> None:
    assert number not in redact(f"我的号码是{number}，请回电")


@given(st.integers(1, 9_999_999), st.sampled_from(["元", "块", "万", "年", "个月", "天", "小时", "人"]))
def test_every_sum_survives(amount: int, unit: str) -> None:
    text = f"一共{amount}{unit}没给"
    assert redact(text) == text


@given(st.dates())
def test_every_date_survives(day: object) -> None:
    text = f"{day}入职"
    assert redact(text) == text
