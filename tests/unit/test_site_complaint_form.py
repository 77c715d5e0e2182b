"""What is wrong with a form, and what is said anew."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.complaints.quantities.lunar import TableLunarCalendar
from bot.complaints.roles import Confidentiality
from bot.complaints.typed_form import LONGEST, Offered, Typed, statement_of
from bot.site.complaint_form import corrections_of, faults_of, filing_of, hidden_fields, read_typed
from bot.site.uploads import UploadForm
from tests.site_desk import what_is_typed

TODAY = date(2026, 11, 22)
LUNAR = TableLunarCalendar()
OFFERED = Offered(
    categories=["wage", "injury", "union_staff"],
    districts=["mudan"],
    bodies=["inspection"],
    about_staff=["union_staff"],
)


def typed(**changes: str) -> Typed:
    return read_typed(UploadForm({name: (text,) for name, text in what_is_typed(**changes).items()}))


@given(
    texts=st.dictionaries(st.sampled_from(list(LONGEST)), st.text(max_size=60)),
    bodies=st.lists(st.sampled_from(["inspection", "x"]), max_size=3),
)
def test_whatever_is_typed_is_either_faulty_or_makes_a_filing(texts: dict[str, str], bodies: list[str]) -> None:
    form = read_typed(UploadForm({**{name: (text,) for name, text in texts.items()}, "pass_to": tuple(bodies)}))
    if faults_of(form, OFFERED):
        return
    filing = filing_of(form, statement_of(form, TODAY, LUNAR), OFFERED, channel="site", person="p", draft="d")
    assert filing.category in OFFERED.categories
    assert filing.statement.narrative


@given(text=st.text(max_size=6000))
def test_going_from_page_to_page_changes_nothing(text: str) -> None:
    once = read_typed(UploadForm({"narrative": (text,)}))
    again = read_typed(UploadForm({name: (value,) for name, value in hidden_fields(once)}))
    assert again["narrative"] == once["narrative"]
    assert len(once["narrative"]) <= LONGEST["narrative"]


def test_a_complaint_about_union_staff_is_marked() -> None:
    form = typed(category="union_staff")
    filing = filing_of(form, statement_of(form, TODAY, LUNAR), OFFERED, channel="site", person="", draft="d")
    assert filing.about_union_staff


def test_the_anonymous_leave_no_name_but_may_leave_a_number() -> None:
    form = typed(confidentiality=Confidentiality.ANONYMOUS)
    statement = statement_of(form, TODAY, LUNAR)
    assert (statement.name, statement.phone) == ("", form["phone"])
    assert faults_of(typed(confidentiality=Confidentiality.ANONYMOUS, phone=""), OFFERED) == {}


@pytest.mark.parametrize(
    "text", ["13812345678", "138 1234 5678", "+86 138-1234-5678", "0530-5123456", "（0530）5123456"]
)
def test_numbers_are_taken_however_they_are_grouped(text: str) -> None:
    assert "phone" not in faults_of(typed(phone=text), OFFERED)


@pytest.mark.parametrize("text", ["12", "没有电话", "1381234567a", "1" * 16])
def test_what_is_no_number_is_asked_for_again(text: str) -> None:
    assert faults_of(typed(phone=text), OFFERED)["phone"] == "wrong"


def test_only_what_changed_is_said_anew_and_old_words_keep_their_range() -> None:
    said = statement_of(typed(since="上个月"), date(2026, 9, 1), LUNAR)
    anew = typed(since="上个月", money="两万", name="", phone="")
    assert set(corrections_of(anew, said, TODAY, LUNAR)) == {"money"}
    assert corrections_of(typed(since="上个月", name="李四", phone=""), said, TODAY, LUNAR) == {"name": "李四"}
