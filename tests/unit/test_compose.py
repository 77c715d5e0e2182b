"""Replies made of entries."""

from datetime import date
from pathlib import Path

from bot.answers.compose import Composer, basis_line
from bot.laws.citation import Citation
from bot.wording import load_wording
from tests.builders import ROOT, an_entry

WORDING = load_wording(Path(ROOT / "content" / "replies"))


def a_composer() -> Composer:
    return Composer(WORDING, "12351", ("全国", "山东", "菏泽"))


def test_articles_of_one_law_stand_together_in_order_and_once() -> None:
    cited = (
        Citation("劳动合同法", 85, item=1),
        Citation("刑法", 276, 1),
        Citation("劳动合同法", 30),
        Citation("劳动合同法", 85),
    )
    assert basis_line(cited) == "《劳动合同法》第30、85条；《刑法》第276条之一"


def test_a_document_without_articles_is_cited_by_its_name() -> None:
    assert basis_line((Citation("某通知"),)) == "《某通知》"


def test_an_entry_past_its_review_date_says_so() -> None:
    entry = an_entry(review_by=date(2026, 1, 1))
    assert "2026-01-01" in a_composer().entry(entry, (), date(2026, 11, 22)).note
    assert "2026-01-01" not in a_composer().entry(entry, (), date(2026, 1, 1)).note


def test_a_provinces_own_rule_is_marked_as_that_provinces() -> None:
    assert "山东" in a_composer().entry(an_entry(region="山东"), (), date(2026, 11, 22)).note
    assert "山东" not in a_composer().entry(an_entry(region="全国"), (), date(2026, 11, 22)).note


def test_until_legal_staff_confirm_it_an_answer_says_that_it_is_general_information() -> None:
    general = a_composer().entry(an_entry(), (), date(2026, 11, 22)).note
    assert general == "以上是一般性信息，具体情况请拨打12351咨询。"
    confirmed = a_composer().entry(an_entry(), (), date(2026, 11, 22), confirmed_on=date(2026, 11, 20)).note
    assert confirmed == "工会法律人员2026-11-20核对，拿不准请打12351。"
    assert len(confirmed.encode()) <= len(general.encode()), "what fitted into a message still does"


def test_a_confirmed_answer_past_its_review_date_says_so_all_the_same() -> None:
    entry = an_entry(review_by=date(2026, 1, 1))
    note = a_composer().entry(entry, (), date(2026, 11, 22), confirmed_on=date(2025, 11, 20)).note
    assert "已过复核日期" in note
    assert "2025-11-20" in note


def test_every_answer_carries_its_legal_basis_and_the_way_to_the_whole_entry() -> None:
    reply = a_composer().entry(an_entry(), (), date(2026, 11, 22))
    assert "《劳动合同法》第30、85条" in reply.basis
    assert reply.links[0].url == "/faq/wage.arrears"


def test_no_more_than_four_near_questions_are_offered() -> None:
    entries = [an_entry(f"wage.t{i}", title=f"问题{i}") for i in range(9)]
    assert len(a_composer().near("suggest", entries).choices) == 4
