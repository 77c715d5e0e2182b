"""Sensitive data are kept only with the consent to just that, and a complaint is registered either way."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.complaints.cases import Consent, SaidDays
from bot.complaints.intake import Draft, End, Step, current_step, make_filing
from bot.complaints.intake.path import path
from bot.complaints.sensitive import agreed_to_sensitive, without_sensitive
from tests.cases import a_statement, an_entry
from tests.intake import a_frame, after, draft_after, shown, started

FRAME = a_frame(takes_files=False, may_notify=False)
IDENTITY, CARD = "37170219900101123X", "6222 0212 3456 7890 123"
HURT = SaidDays(said="9月3号", first=date(2026, 9, 3), last=date(2026, 9, 3))


def at_injury(consent: str) -> Draft:
    """A draft about an injury, the story to be told next. consent: the answer to the question about sensitive data."""
    return draft_after(started(FRAME), FRAME, "1", consent, "9", "2", "工伤、职业病", "恒泰建筑公司", "3")


def test_what_is_sensitive_goes_and_the_rest_stays_as_it_was() -> None:
    said = a_statement(
        narrative=f"我{IDENTITY}，卡{CARD}，电话13812345678",
        wish=f"打到{CARD}",
        accident=HURT,
        extra={"diagnosed": "2026-09-01", "demand": "2026-10-01"},
    )
    kept = without_sensitive(said)
    assert (kept.narrative, kept.wish) == ("我[证件号]，卡[卡号]，电话13812345678", "打到[卡号]")
    assert (kept.accident, kept.extra) == (SaidDays(), {"demand": "2026-10-01"})
    assert (kept.since, kept.people, kept.name, kept.phone) == (said.since, said.people, said.name, said.phone)


@given(st.text(max_size=200))
def test_twice_is_as_once(text: str) -> None:
    once = without_sensitive(a_statement(narrative=text, wish=text, contact=text))
    assert without_sensitive(once) == once


def test_the_consent_is_the_one_of_the_registration() -> None:
    agreed = an_entry(data={"consents": "personal_data sensitive_data"})
    refused = an_entry(data={"consents": "personal_data"})
    assert agreed_to_sensitive([agreed])
    assert not agreed_to_sensitive([refused, an_entry("consented", data={"consents": "sensitive_data"})])
    assert not agreed_to_sensitive([])


@pytest.mark.parametrize("refusing", ["2", "不同意", "跳过"])
def test_in_the_chat_the_day_of_an_injury_is_neither_asked_nor_kept_without_the_consent(refusing: str) -> None:
    assert "登记时会遮掉" in shown(after(started(FRAME), FRAME, "1", refusing))
    assert "申请工伤认定一般要在一年内" in shown(after(started(FRAME), FRAME, "1", refusing, "9", "2", "工伤、职业病"))
    story = (f"9月3号从架子上摔下来，身份证{IDENTITY}", "没有了")
    draft = draft_after(at_injury(refusing), FRAME, *story)
    assert not {Step.SINCE, Step.ACCIDENT}.intersection(path(draft, FRAME))
    assert current_step(draft, FRAME) is Step.EMPLOYED, "the day that was heard is not put up for confirmation"
    sent = after(draft, FRAME, "提交", "王师傅 13800001111", "提交", "提交")
    assert sent.end is End.SENT
    assert sent.draft is not None
    filing = make_filing(sent.draft, FRAME)
    assert Consent.SENSITIVE_DATA not in filing.consents
    assert (filing.category, filing.statement.accident, filing.statement.since) == ("injury", SaidDays(), SaidDays())
    assert IDENTITY not in filing.statement.narrative
    assert "[证件号]" in filing.statement.narrative


def test_in_the_chat_the_consent_may_still_be_given_and_then_the_day_is_asked() -> None:
    refused = draft_after(at_injury("2"), FRAME, "从架子上摔下来了", "没有了")
    agreed = draft_after(refused, FRAME, "改敏感信息", "1")
    assert current_step(agreed, FRAME) is Step.SINCE
    assert make_filing(draft_after(agreed, FRAME, "9月3号"), FRAME).statement.accident.first == date(2026, 9, 3)


def test_in_the_chat_a_complaint_of_another_kind_is_not_held_up() -> None:
    draft = draft_after(started(FRAME), FRAME, "1", "2", "9", "2", "1", "恒泰建筑公司", "3", "三个月没发工资", "没有了")
    assert current_step(draft, FRAME) is Step.HEARD
    assert after(draft, FRAME, "都对", "提交", "王师傅 13800001111", "提交").end is End.SENT
