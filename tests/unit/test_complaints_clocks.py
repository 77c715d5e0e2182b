"""Clocks: what they refuse, how near the end is, which of several is next; and the shipped rules."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.complaints.clocks.deadlines import (
    Clock,
    ClockRefused,
    Colour,
    Event,
    Extend,
    Pause,
    Restart,
    Resume,
    State,
    Stop,
    next_due,
    standing,
)
from bot.complaints.clocks.holidays import load_calendar
from bot.complaints.clocks.rule_files import load_clock_rules
from bot.complaints.clocks.rules import (
    Approval,
    Certainty,
    ClockRule,
    Extension,
    Kind,
    PauseReason,
    RestartReason,
    RuleTable,
    Start,
    Unit,
    UnknownRule,
)
from bot.errors import ContentError
from bot.laws.register_files import load_register
from tests.builders import ROOT

CONTENT = ROOT / "content" / "complaints"
CALENDAR = load_calendar(CONTENT / "holidays.yaml")
RULES = load_clock_rules(CONTENT / "deadlines.yaml")
REGISTER = load_register(ROOT / "content" / "laws")
MONDAY = date(2026, 7, 6)  # no holiday within ten weeks


def a_rule(**fields: Any) -> ClockRule:
    """Ten calendar days that may be paused, extended by five and begun anew."""
    values: dict[str, Any] = {
        "id": "own.test",
        "kind": Kind.OWN,
        "title": "测试",
        "about": "测试用",
        "count": 10,
        "unit": Unit.DAYS,
        "start": Start.REGISTERED,
        "warn_share": 0.2,
        "valid_from": date(2020, 1, 1),
        "extension": Extension(Approval.SUPERVISOR, 5),
        "pauses": frozenset({PauseReason.AWAITING_WORKER}),
        "restarts": frozenset({RestartReason.MATERIALS_SUPPLIED}),
    }
    return ClockRule(**{**values, **fields})


def after(count: int) -> date:
    return MONDAY + timedelta(days=count)


def a_clock(*events: Event, **fields: Any) -> Clock:
    return Clock(a_rule(**fields), MONDAY, events)


def pause(count: int) -> Pause:
    return Pause(after(count), PauseReason.AWAITING_WORKER)


def anew(count: int) -> Restart:
    return Restart(after(count), RestartReason.MATERIALS_SUPPLIED)


@pytest.mark.parametrize(
    ("today", "state", "colour", "remaining", "overdue_by"),
    [
        (0, State.RUNNING, Colour.GREEN, 10, 0),
        (7, State.RUNNING, Colour.GREEN, 3, 0),
        (8, State.RUNNING, Colour.AMBER, 2, 0),
        (10, State.RUNNING, Colour.AMBER, 0, 0),
        (11, State.OVERDUE, Colour.RED, 0, 1),
        (30, State.OVERDUE, Colour.RED, 0, 20),
    ],
    ids=["start", "early", "share reached", "last day", "day after", "long after"],
)
def test_a_clock_turns_amber_then_red(
    today: int, state: State, colour: Colour, remaining: int, overdue_by: int
) -> None:
    found = standing(a_clock(), after(today), CALENDAR)
    assert (found.state, found.colour, found.remaining, found.overdue_by) == (state, colour, remaining, overdue_by)


def test_remaining_days_are_counted_in_the_unit_of_the_rule() -> None:
    """Eight working days from Monday 6 July end on Thursday 16; on Friday 10 four of them are left."""
    found = standing(a_clock(unit=Unit.WORKING, count=8), date(2026, 7, 10), CALENDAR)
    assert found.due is not None
    assert (found.due.on, found.remaining) == (date(2026, 7, 16), 4)


def test_a_paused_clock_keeps_what_is_left_and_has_no_last_day() -> None:
    """The day of the pause does not count: of ten days three are used."""
    for today in (4, 40):
        found = standing(a_clock(pause(4)), after(today), CALENDAR)
        assert (found.state, found.colour, found.due, found.remaining) == (State.PAUSED, Colour.GREY, None, 7)
    assert found.is_open


def test_a_pause_behind_the_end_hides_no_lateness() -> None:
    assert standing(a_clock(pause(12)), after(20), CALENDAR).state is State.OVERDUE


@pytest.mark.parametrize(
    ("events", "state", "overdue_by"),
    [
        ([Stop(after(10))], State.MET, 0),
        ([Stop(after(12))], State.MET_LATE, 2),
        ([pause(4), Stop(after(30))], State.MET, 0),
        ([pause(11), Stop(after(30))], State.MET_LATE, 20),
        ([Extend(after(9), 5), Stop(after(15))], State.MET, 0),
    ],
    ids=["last day", "late", "while paused", "paused too late", "extended"],
)
def test_a_stopped_clock_says_whether_it_was_in_time(events: list[Event], state: State, overdue_by: int) -> None:
    found = standing(a_clock(*events), after(100), CALENDAR)
    assert (found.state, found.overdue_by, found.is_open) == (state, overdue_by, False)


def test_a_clock_whose_year_is_not_known_warns_when_its_earliest_last_day_is_past() -> None:
    """It may be overdue or not; green would be a promise and red an accusation."""
    rule = RULES.rule("employer.opinion_reply", date(2099, 3, 2))
    clock = Clock(rule, date(2099, 3, 2))
    late = standing(clock, date(2099, 4, 30), CALENDAR)
    assert late.due is not None
    assert (late.due.unknown_year, late.remaining, late.state, late.colour) == (
        2099, None, State.RUNNING, Colour.AMBER,
    )  # fmt: skip
    assert standing(clock, date(2099, 3, 3), CALENDAR).colour is Colour.GREEN


def test_of_several_clocks_the_one_ending_first_is_next() -> None:
    late, soon = a_clock(id="own.late", count=3), a_clock(id="own.soon", count=20)
    paused_one, done = a_clock(pause(1), id="own.paused"), a_clock(Stop(after(1)), id="own.done")
    now = after(8)
    standings = [standing(clock, now, CALENDAR) for clock in (soon, done, paused_one, late)]
    first = next_due(standings)
    assert first is not None
    assert first.rule.id == "own.late"
    second = next_due(one for one in standings if one is not first)
    assert second is not None
    assert second.rule.id == "own.soon"
    assert next_due([standings[1], standings[2]]) is None


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([Resume(after(2))], "not_paused"),
        ([pause(2), pause(3)], "paused_already"),
        ([pause(5), Resume(after(4))], "out_of_order"),
        ([pause(-1)], "out_of_order"),
        ([Stop(after(2)), pause(3)], "stopped"),
        ([Stop(after(2)), Stop(after(3))], "stopped"),
        ([Extend(after(2), 6)], "extension_too_long"),
        ([Extend(after(2), 3), Extend(after(3), 3)], "extension_too_long"),
        ([Pause(after(2), PauseReason.HEARING_SUSPENDED)], "no_pause"),
        ([Restart(after(2), RestartReason.DEMAND)], "no_restart"),
    ],
)
def test_events_that_cannot_be_are_refused_by_code(events: list[Event], code: str) -> None:
    with pytest.raises(ClockRefused) as refused:
        a_clock(*events)
    assert refused.value.code == code


def test_a_rule_without_extension_is_not_extended() -> None:
    with pytest.raises(ClockRefused, match="no_extension"):
        a_clock(Extend(after(2), 1), extension=None)


def test_a_clock_begins_while_its_rule_is_in_force() -> None:
    with pytest.raises(ClockRefused, match="rule_not_in_force"):
        Clock(a_rule(valid_to=date(2026, 7, 5)), MONDAY)


def test_an_instant_is_no_day_of_a_clock() -> None:
    with pytest.raises(TypeError, match="a day is a date"):
        standing(a_clock(), datetime(2026, 7, 6, tzinfo=None), CALENDAR)  # noqa: DTZ001 - what is refused


def test_a_clock_grows_by_events_and_the_old_one_stays() -> None:
    clock = a_clock()
    assert clock.then(pause(2)).then(Resume(after(3))).events == (pause(2), Resume(after(3)))
    assert clock.events == ()


def test_a_restart_behind_a_workers_limit_revives_nothing_and_what_follows_still_counts() -> None:
    """The year was over on 6 July 2027; the application of 1 October was late."""
    rule = RULES.rule("worker.arbitration", MONDAY)
    late = Restart(date(2027, 8, 1), RestartReason.DEMAND)
    found = standing(Clock(rule, MONDAY, (late, Stop(date(2027, 10, 1)))), date(2027, 10, 2), CALENDAR)
    assert found.too_late == (late,)
    assert found.due is not None
    assert found.due.not_before == date(2027, 7, 6)
    assert not found.is_open


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"id": "Own"}, "an id has the form"),
    ({"title": ""}, "needs title"),
    ({"count": 0}, "at least one"),
    ({"warn_share": 1.0}, "between 0 and 1"),
    ({"valid_to": date(2019, 1, 1)}, "ends before it begins"),
    ({"unit": Unit.YEARS}, "counts calendar or working days"),
    ({"moves": ("民法典:203",)}, "no law moves it"),
    ({"extension": Extension(Approval.SUPERVISOR, None)}, "needs a figure"),
    ({"citations": ("劳动合同法第85条",)}, "no citation"),
    ({"kind": Kind.OTHER}, "cites its article"),
    ({"kind": Kind.OTHER, "certainty": Certainty.MEDIUM}, "names its source"),
    ({"kind": Kind.OTHER, "citations": ("劳动合同法:85",), "within": "union.feedback"}, "commitment of one's own"),
    (
        {"kind": Kind.OTHER, "citations": ("劳动合同法:85",), "unit": Unit.WORKING, "moves": ("民法典:203",)},
        "never ends on a holiday",
    ),
]


@pytest.mark.parametrize(("fields", "fault"), FAULTS, ids=[fault for _, fault in FAULTS])
def test_a_rule_that_contradicts_itself_is_refused(fields: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        a_rule(**fields)


def test_only_what_was_read_is_called_statutory() -> None:
    read = a_rule(kind=Kind.OTHER, citations=("劳动合同法:50",), extension=None)
    heard = replace(read, certainty=Certainty.MEDIUM, source="转引", citations=())
    assert (read.is_statutory, heard.is_statutory, a_rule().is_statutory) == (True, False, False)
    assert (read.is_verified, heard.is_verified, a_rule().is_verified) == (True, False, True)


def test_the_version_in_force_when_the_clock_began_applies() -> None:
    old = a_rule(count=20, valid_to=date(2025, 12, 31))
    table = RuleTable([old, a_rule(valid_from=date(2026, 1, 1))])
    assert table.rule("own.test", date(2025, 12, 31)).count == 20
    assert table.rule("own.test", date(2026, 1, 1)).count == 10
    with pytest.raises(UnknownRule):
        table.rule("own.test", date(2019, 1, 1))
    with pytest.raises(ValueError, match="two versions"):
        RuleTable([a_rule(), a_rule(valid_from=date(2026, 1, 1))])


def test_a_commitment_laxer_than_the_law_is_refused() -> None:
    law = a_rule(id="union.test", kind=Kind.UNION, citations=("山东省工会劳动法律监督条例:15",), extension=None)
    RuleTable([law, a_rule(within="union.test")])
    with pytest.raises(ValueError, match="longer than the 10"):
        RuleTable([law, a_rule(within="union.test", count=11)])
    with pytest.raises(ValueError, match="counts otherwise"):
        RuleTable([law, a_rule(within="union.test", unit=Unit.WORKING)])
    with pytest.raises(ValueError, match="there is no rule"):
        RuleTable([a_rule(within="union.test")])


# ---- the shipped rules


def test_every_article_of_the_shipped_rules_is_law_in_force() -> None:
    for rule in RULES.rules:
        for citation in (*rule.citations, *rule.moves):
            name, article, *_ = citation.split(":")
            law = REGISTER.laws.get(name)
            assert law is not None, f"{rule.id}: {name} is not in the register"
            assert law.has(int(article)), f"{rule.id}: {citation}"
            assert law.is_in_force(date(2026, 11, 22)), f"{rule.id}: {citation}"


def test_the_rules_that_were_asked_for_are_there() -> None:
    ids = {rule.id for rule in RULES.rules}
    assert ids >= {
        "own.first_contact", "own.acceptance", "own.handling", "own.follow_up", "inspection.acceptance",
        "inspection.investigation", "arbitration.acceptance", "arbitration.award", "worker.lawsuit",
        "injury.recognition", "injury.recognition_clear", "employer.injury_application", "worker.injury_application",
        "capacity.conclusion", "worker.reassessment", "employer.opinion_reply", "mediation.conclusion",
        "worker.review", "worker.administrative_suit", "worker.arbitration", "worker.inspection",
    }  # fmt: skip


def test_what_is_not_verified_says_so_and_is_not_called_statutory() -> None:
    doubtful = [rule.id for rule in RULES.rules if not rule.is_verified]
    assert doubtful == ["inspection.acceptance"]


def test_the_event_of_registering_starts_the_unions_clocks_in_its_region_only() -> None:
    def started(region: str) -> set[str]:
        return {rule.id for rule in RULES.starting_with(Start.REGISTERED, date(2026, 11, 22), region)}

    assert started("山东") == {"own.first_contact", "own.acceptance", "union.refusal_notice", "union.investigation"}
    assert started("河南") == {"own.first_contact", "own.acceptance"}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("unit: working", "unit: workdays", "own.first_contact: unit must be one of"),
        ("count: 2\n", "count: two\n", "count must be of type int"),
        ("start: registered", "start: filing", "start must be one of"),
        ("warn_share: 0.5", "warn_shares: 0.5", "unknown field warn_shares"),
        ("pauses: [awaiting_worker", "pauses: [waiting", "pauses must be one of"),
        ("most: 10", "most: ten", "most must be of type int"),
        ("count: 5\n", "count: 6\n", "own.acceptance: 6 is longer than the 5"),
        ("rules:", "rule:", "must be a mapping with the list rules"),
        ("id: own.message", "id: own.acceptance", "two versions are in force"),
        ("  - id: own.first_contact", "  - own.first_contact\n  - id: own.first_contact", "must be a mapping"),
    ],
)
def test_a_slip_in_the_file_is_found(tmp_path: Path, old: str, new: str, fault: str) -> None:
    text = (CONTENT / "deadlines.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "deadlines.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=fault):
        load_clock_rules(path)
