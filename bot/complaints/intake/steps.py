"""The steps of the dialogue, in the order in which they are asked."""

from enum import StrEnum


class Step(StrEnum):
    """What is asked."""

    ABROAD = "abroad"  # 信息要经过境外服务器，单独同意
    PERSONAL_DATA = "personal_data"  # 个人信息怎么用，同不同意
    SENSITIVE_DATA = "sensitive_data"  # 敏感个人信息，单独同意
    PASSING_ON = "passing_on"  # 转给点名的单位，单独同意
    CONFIDENTIALITY = "confidentiality"  # 匿名、保密、实名
    CATEGORY = "category"  # 哪方面的事
    EMPLOYER = "employer"  # 哪个单位
    DISTRICT = "district"  # 哪个县区、什么地方
    NARRATIVE = "narrative"  # 什么事
    HEARD = "heard"  # 从说的话里看到的，对不对
    SINCE = "since"  # 从什么时候起；哪天入职、通知、受伤，看类别
    ACCIDENT = "accident"  # 哪天受伤，只在说到了、而上面问的不是它的时候
    EMPLOYED = "employed"  # 还在不在干
    LEFT = "left"  # 什么时候离开的
    PEOPLE = "people"  # 多少人
    MONEY = "money"  # 多少钱
    WISH = "wish"  # 想要什么结果
    CONTACT = "contact"  # 怎么联系
    FILES = "files"  # 照片
    NOTICES = "notices"  # 有消息时提醒
    SUMMARY = "summary"  # 核对、提交


class Sort(StrEnum):
    """What kind of answer a step takes."""

    CHOICE = "choice"
    SEVERAL = "several"
    TEXT = "text"
    STORY = "story"
    DAYS = "days"
    PEOPLE = "people"
    MONEY = "money"
    CONTACT = "contact"
    FILES = "files"
    CHECK = "check"
    SUMMARY = "summary"


SORTS = {
    Step.ABROAD: Sort.CHOICE,
    Step.PERSONAL_DATA: Sort.CHOICE,
    Step.SENSITIVE_DATA: Sort.CHOICE,
    Step.PASSING_ON: Sort.SEVERAL,
    Step.CONFIDENTIALITY: Sort.CHOICE,
    Step.CATEGORY: Sort.CHOICE,
    Step.EMPLOYER: Sort.TEXT,
    Step.DISTRICT: Sort.CHOICE,
    Step.NARRATIVE: Sort.STORY,
    Step.HEARD: Sort.CHECK,
    Step.SINCE: Sort.DAYS,
    Step.ACCIDENT: Sort.DAYS,
    Step.EMPLOYED: Sort.CHOICE,
    Step.LEFT: Sort.DAYS,
    Step.PEOPLE: Sort.PEOPLE,
    Step.MONEY: Sort.MONEY,
    Step.WISH: Sort.TEXT,
    Step.CONTACT: Sort.CONTACT,
    Step.FILES: Sort.FILES,
    Step.NOTICES: Sort.CHOICE,
    Step.SUMMARY: Sort.SUMMARY,
}

CANNOT_BE_SKIPPED = frozenset(
    {
        Step.ABROAD,
        Step.PERSONAL_DATA,
        Step.CONFIDENTIALITY,
        Step.CATEGORY,
        Step.NARRATIVE,
        Step.HEARD,
        Step.SUMMARY,
    }
)
"""Without these nothing can be registered; of the others no answer is an answer, or the most careful one is meant."""

CONSENTS_IN_WORDS = frozenset({Step.ABROAD, Step.PERSONAL_DATA, Step.SENSITIVE_DATA, Step.NOTICES})
"""Agreed to by yes or no: a yes that is meant, not a sigh."""

CONSENTS = frozenset({Step.SENSITIVE_DATA, Step.PASSING_ON, Step.NOTICES})
"""Not answering is a no."""

BEFORE_ALL = frozenset({Step.ABROAD, Step.PERSONAL_DATA})
"""Without these nothing is taken down: no answer to them is shown back or corrected."""
