"""The pure parts of the cadres' desk: names of employers, template texts, forms of steps, words for codes."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.complaints.clocks.deadlines import Colour
from bot.complaints.desk.codes import CODES, REASONS, Outcome, code_label, reason_label
from bot.complaints.desk.employer_names import employer_form, is_like, read_credit_code, site_form
from bot.complaints.desk.rows import colour_of
from bot.complaints.desk.step_clocks import EFFECTS
from bot.complaints.desk.step_forms import step_forms
from bot.complaints.desk.template_texts import Template, TemplateTexts, has_gap, load_templates
from bot.complaints.lifecycle import NEEDS, Event, Fact, Progress, State, events_from
from bot.complaints.roles import Viewer, may_bring_about
from bot.errors import ContentError
from bot.roles import Role
from bot.wording import load_wording
from tests.builders import ROOT
from tests.cases import a_case

WORDS = load_wording(ROOT / "content" / "replies")
SHIPPED = load_templates(ROOT / "content" / "complaints" / "templates.yaml")
SUPERVISOR = Viewer(role=Role.SUPERVISOR, id="sue")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("菏泽宏达建筑有限公司", "菏泽宏达建筑有限责任公司"),
        ("菏泽宏达建筑有限公司", " 菏泽 宏达建筑（公司）"),
        ("ABC纺织（集团）有限公司", "ａｂｃ纺织"),
        ("宏达建筑工程集团有限公司", "宏达建筑工程"),
    ],
)
def test_the_same_employer_has_the_same_form(one: str, other: str) -> None:
    assert employer_form(one) == employer_form(other) != ""


def test_different_employers_have_different_forms_and_signs_have_none() -> None:
    assert employer_form("宏达建筑") != employer_form("宏达纺织")
    assert [employer_form(text) for text in ("", "。。", "厂")] == [""] * 3
    assert employer_form("公司") == "公司", "a name that is nothing but a legal form stays one"


def test_a_name_within_another_is_like_it() -> None:
    assert is_like(employer_form("宏达建筑"), employer_form("菏泽宏达建筑有限公司"))
    assert not is_like("宏达", "宏达建筑"), "two characters would fit too many"


def test_the_same_site_has_the_same_form() -> None:
    assert site_form("在花都新城二期工地") == site_form("花都新城 二期项目部") == "花都新城二期"


@given(st.text(max_size=30))
def test_forms_are_stable(text: str) -> None:
    """What has been brought to its form stays as it is, or an entry could never be found by its own name."""
    for form in (employer_form(text), site_form(text)):
        assert form.casefold() == form
        assert len(form) != 1


def test_a_credit_code_is_read_as_people_write_it_and_a_wrong_one_refused() -> None:
    assert read_credit_code(" 9111 0000 6000 3734 1l ") == "91110000600037341L"
    assert read_credit_code(" ") == ""
    with pytest.raises(ValueError, match="credit code"):
        read_credit_code("91110000600037342L")


@pytest.mark.parametrize(
    ("today", "colour"), [(1, Colour.GREEN), (4, Colour.AMBER), (5, Colour.AMBER), (6, Colour.RED)]
)
def test_a_list_is_amber_from_the_warning_on_and_red_behind_the_last_day(today: int, colour: Colour) -> None:
    assert colour_of(date(2026, 3, 5), date(2026, 3, 4), date(2026, 3, today)) is colour
    assert colour_of(None, None, date(2026, 3, today)) is Colour.GREY


def test_every_code_has_its_word() -> None:
    assert [code_label(code) for codes in CODES for code in codes if not WORDS.has(code_label(code))] == []
    assert reason_label(Event.DECLINE, "no_facts") == "handling.decline.no_facts"
    with pytest.raises(ValueError, match="nonsense"):
        reason_label(Event.DECLINE, "nonsense")


def test_every_step_that_needs_a_reason_offers_some_and_every_event_moves_its_clocks() -> None:
    assert {event for event, needs in NEEDS.items() if Fact.REASON in needs} == set(REASONS)
    assert set(EFFECTS) == set(Event)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("role", list(Role))
def test_forms_are_offered_for_what_state_and_role_allow(state: State, role: Role) -> None:
    case = a_case(progress=Progress(state=state), owner="anna")
    viewer = Viewer(role=role, id="anna", districts=frozenset({"mudan"}))
    forms = step_forms(case, viewer, (), {"court": "人民法院"}, SHIPPED)
    allowed = [event for event in events_from(state) if may_bring_about(viewer, event, case.facts)]
    assert [form.event for form in forms] == allowed
    for form in forms:
        assert bool(form.reasons) == (Fact.REASON in form.needs)
        assert bool(form.outcomes) == (Fact.OUTCOME in form.needs)
        assert bool(form.recipients) == (Fact.RECIPIENT in form.needs)
        assert form.lacking <= form.needs
        assert WORDS.has(form.label)


def test_what_holds_of_the_case_is_not_asked_for() -> None:
    case = a_case(progress=Progress(state=State.ACCEPTED))
    lacking = {form.event: form.lacking for form in step_forms(case, SUPERVISOR, (), {}, SHIPPED)}
    assert lacking[Event.START] == {Fact.OWNER}
    held = step_forms(case, SUPERVISOR, {Fact.OWNER}, {}, SHIPPED)
    assert next(form.lacking for form in held if form.event is Event.START) == frozenset()


def test_the_shipped_templates_serve_every_step_that_tells_the_worker_and_every_outcome() -> None:
    telling = {event for event, needs in NEEDS.items() if needs & {Fact.WORKER_TOLD, Fact.QUESTION}}
    assert [event for event in telling if not SHIPPED.for_use(event)] == []
    for event, codes in ((Event.DECLINE, REASONS[Event.DECLINE]), (Event.RESOLVE, Outcome)):
        explained = {template.reason for template in SHIPPED.for_use(event)}
        assert {code.value for code in codes} <= explained
    for template in SHIPPED.all():
        known = {code.value for codes in (*REASONS.values(), Outcome) for code in codes}
        assert template.reason in {*known, ""}, template.id


def test_the_shipped_templates_promise_no_result_and_keep_nobody_from_the_law() -> None:
    for template in SHIPPED.all():
        for word in ("保证", "一定会", "包您", "不要去仲裁", "不得上访", "必须撤回"):
            assert word not in template.text, template.id


def test_a_template_is_filled_in_and_what_nobody_gave_stays_a_gap() -> None:
    texts = TemplateTexts([Template(id="one", title="一", uses=frozenset({"message"}), text="{number}由{recipient}办")])
    assert texts.fill("one", {"number": "HZ1", "recipient": "法院"}) == "HZ1由法院办"
    assert has_gap(texts.fill("one", {"number": "HZ1"}))
    assert not has_gap("【温馨提示】请保存证据")
    with pytest.raises(KeyError):
        texts.fill("two", {})


def test_templates_for_a_reason_come_first() -> None:
    first = SHIPPED.for_use(Event.DECLINE, "other_place")[0]
    assert first.reason == "other_place"


def test_every_fault_of_the_template_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "templates.yaml"
    path.write_text(
        "templates:\n"
        "  - {id: Bad, title: 一, uses: [message], text: 甲}\n"
        "  - {id: two, title: 二, uses: [jump], text: 乙}\n"
        "  - {id: three, title: 三, uses: [message], text: '{phone}'}\n"
        "  - {id: four, title: 四, uses: [], text: 丁}\n"
        "  - {id: five, title: 五, uses: [message], text: 戊, colour: red}\n"
        "  - nothing\n",
        encoding="utf-8",
    )
    with pytest.raises(ContentError) as faulty:
        load_templates(path)
    assert len(faulty.value.faults) == 6
    path.write_text("templates: {}\n", encoding="utf-8")
    with pytest.raises(ContentError):
        load_templates(path)
    twice = "  - {id: one, title: 一, uses: [message], text: 甲}\n"
    path.write_text(f"templates:\n{twice}{twice}", encoding="utf-8")
    with pytest.raises(ContentError, match="twice"):
        load_templates(path)
