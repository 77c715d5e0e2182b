"""Deadlines against a table computed by hand: make-up days, holidays, year ends, pauses, extensions, leap days.

Every row was counted on a printed calendar with the State Council's notices for 2024, 2025 and 2026 beside it.
"""

from datetime import date, timedelta

import pytest

from bot.complaints.clocks.deadlines import Clock, Event, Extend, Pause, Restart, Resume, standing
from bot.complaints.clocks.holidays import load_calendar
from bot.complaints.clocks.rule_files import load_clock_rules
from bot.complaints.clocks.rules import PauseReason, RestartReason
from tests.builders import ROOT

CONTENT = ROOT / "content" / "complaints"
CALENDAR = load_calendar(CONTENT / "holidays.yaml")
RULES = load_clock_rules(CONTENT / "deadlines.yaml")
AWAY = timedelta(days=4000)


def day(text: str) -> date:
    return date.fromisoformat(text)


def paused(reason: str, since: str, until: str) -> list[Event]:
    return [Pause(day(since), PauseReason(reason)), Resume(day(until))]


def extended(on: str, by: int) -> list[Event]:
    return [Extend(day(on), by)]


def anew(reason: str, on: str) -> list[Event]:
    return [Restart(day(on), RestartReason(reason))]


SUSPENDED = "hearing_suspended"

# rule, day of the event, what happened since, last day, why
ROWS: list[tuple[str, str, list[Event], str, str]] = [
    # working days: two
    ("own.first_contact", "2026-02-12", [], "2026-02-14", "the Saturday before Spring Festival 2026 is worked"),
    ("own.first_contact", "2026-02-13", [], "2026-02-24", "Sat 14 counts, then the festival 15 to 23 is skipped"),
    ("own.first_contact", "2026-02-14", [], "2026-02-25", "an event on a worked Saturday: that day does not count"),
    ("own.first_contact", "2026-02-27", [], "2026-03-02", "Sat 28 Feb is the second make-up day of the festival"),
    ("own.first_contact", "2025-12-31", [], "2026-01-05", "year end: 1 to 3 Jan off, Sun 4 Jan worked"),
    ("own.first_contact", "2026-04-03", [], "2026-04-08", "Qingming 4 to 6 April has no make-up day"),
    ("own.first_contact", "2026-05-07", [], "2026-05-09", "Sat 9 May is worked for Labour Day"),
    ("own.first_contact", "2026-09-24", [], "2026-09-29", "Mid-Autumn 25 to 27 Sept"),
    ("own.first_contact", "2026-09-18", [], "2026-09-21", "Sat 19 Sept is off, Sun 20 worked for National Day"),
    ("own.first_contact", "2026-10-08", [], "2026-10-10", "the Saturday behind National Day is worked"),
    ("own.first_contact", "2025-05-30", [], "2025-06-04", "Dragon Boat 2025: Sat 31 May to Mon 2 June"),
    ("own.first_contact", "2024-09-13", [], "2024-09-18", "Sat 14 Sept 2024 worked, 15 to 17 off"),
    ("own.first_contact", "2024-10-10", [], "2024-10-12", "Sat 12 Oct 2024 worked"),
    ("own.first_contact", "2024-04-03", [], "2024-04-08", "Sun 7 April 2024 worked behind Qingming"),
    ("own.first_contact", "2024-05-10", [], "2024-05-13", "Sat 11 May 2024 worked"),
    ("own.call_back", "2026-06-18", [], "2026-06-24", "three days behind Dragon Boat 19 to 21 June"),
    # working days: five
    ("own.acceptance", "2026-02-12", [], "2026-02-26", "Fri 13, Sat 14, then 24, 25, 26"),
    ("own.acceptance", "2026-02-18", [], "2026-02-28", "filed in the festival: 24 to 27, and worked Sat 28"),
    ("own.acceptance", "2026-02-23", [], "2026-02-28", "filed on its last day: the same"),
    ("own.acceptance", "2025-12-30", [], "2026-01-07", "Wed 31 Dec, worked Sun 4, then 5, 6, 7 Jan"),
    ("own.acceptance", "2026-04-30", [], "2026-05-11", "6, 7, 8, worked Sat 9, Mon 11 May"),
    ("own.acceptance", "2026-09-30", [], "2026-10-13", "8, 9, worked Sat 10, 12, 13 Oct"),
    ("own.acceptance", "2025-04-25", [], "2025-05-06", "worked Sun 27, 28, 29, 30 April, then Tue 6 May"),
    ("own.acceptance", "2024-02-02", [], "2024-02-08", "worked Sun 4, then 5 to 8 Feb 2024"),
    ("own.acceptance", "2024-02-07", [], "2024-02-20", "8, 9 (the Eve was worked in 2024), worked Sun 18, 19, 20"),
    ("own.acceptance", "2024-09-27", [], "2024-10-10", "worked Sun 29, Mon 30, then 8, 9, 10 Oct 2024"),
    ("own.acceptance", "2026-12-23", [], "2026-12-30", "the last days of a year whose successor is not known"),
    # working days: ten and more
    ("union.feedback", "2025-01-24", [], "2025-02-13", "Sun 26, Mon 27 Jan; 5 to 7, Sat 8, 10 to 13 Feb 2025"),
    ("union.feedback", "2025-09-22", [], "2025-10-11", "23 to 26, Sun 28 to Tue 30; 9, 10, worked Sat 11 Oct"),
    ("employer.opinion_reply", "2026-09-18", [], "2026-10-15", "Sun 20 to Thu 24 and 28 to 30: 8; 8 to 15 Oct: 7"),
    ("employer.opinion_reply", "2026-02-09", [], "2026-03-06", "10 to 14: 5; 24 to 28: 5; 2 to 6 March: 5"),
    ("employer.opinion_reply", "2026-07-06", [], "2026-07-27", "no holiday: three weeks"),
    ("union.investigation", "2026-11-02", [], "2026-12-14", "no holiday: six weeks"),
    ("inspection.investigation", "2026-03-02", [], "2026-05-28", "Qingming and Labour Day off, Sat 9 May worked"),
    (
        "inspection.investigation", "2026-03-02", extended("2026-05-20", 30), "2026-07-10",
        "thirty working days more (监察条例 17), Fri 19 June off",
    ),
    ("own.handling", "2026-07-06", extended("2026-07-30", 10), "2026-08-17", "twenty and ten: six weeks"),
    (
        "own.handling", "2026-09-14", paused("awaiting_worker", "2026-09-21", "2026-10-12"), "2026-10-30",
        "15 to 18 and Sun 20: 5; then 12 to 30 Oct: 15",
    ),
    (
        "own.handling", "2026-02-09", paused("awaiting_worker", "2026-02-16", "2026-02-23"), "2026-03-13",
        "a pause within the festival costs no working day",
    ),
    (
        "own.handling", "2026-02-09", paused("awaiting_other_body", "2026-02-14", "2026-02-15"), "2026-03-16",
        "a pause on the worked Saturday costs one day, and 14 March is a Saturday",
    ),
    (
        "arbitration.acceptance", "2026-09-14", anew("materials_supplied", "2026-09-24"), "2026-10-09",
        "counted anew from the day the papers were complete (办案规则 46): 28, 29, 30 Sept, 8, 9 Oct",
    ),
    # calendar days
    ("mediation.conclusion", "2026-03-01", [], "2026-03-16", "the day of the application does not count"),
    ("mediation.conclusion", "2026-09-20", [], "2026-10-05", "no article moves it"),
    ("legal_aid.decision", "2026-09-28", [], "2026-10-05", "calendar days, not moved"),
    ("arbitration.award", "2026-03-02", [], "2026-04-16", "29 days of March and 16 of April"),
    ("arbitration.award", "2026-01-05", [], "2026-02-24", "19 Feb lies in the festival: moved behind it"),
    ("arbitration.award", "2025-12-31", [], "2026-02-14", "a Saturday, but worked: not moved"),
    ("arbitration.award", "2026-08-20", [], "2026-10-08", "4 Oct lies in National Day"),
    ("arbitration.award", "2026-03-02", extended("2026-04-10", 15), "2026-05-06", "1 May moves behind Labour Day"),
    (
        "arbitration.award", "2026-03-02", paused(SUSPENDED, "2026-03-20", "2026-04-09"), "2026-05-06",
        "20 days stood still: 12 of March, 8 of April",
    ),
    (
        "arbitration.award", "2026-03-02",
        [*paused("public_service", "2026-03-05", "2026-03-08"), *paused(SUSPENDED, "2026-04-18", "2026-04-20")],
        "2026-04-21", "3 days, then 2 more, of which the first pause had made room",
    ),
    (
        "arbitration.award", "2026-03-02", paused(SUSPENDED, "2026-04-17", "2026-04-27"), "2026-04-16",
        "a pause behind the end changes nothing",
    ),
    (
        "arbitration.award", "2026-03-02", paused(SUSPENDED, "2026-04-16", "2026-04-26"), "2026-04-27",
        "a pause on the last day: 10 days, to a Sunday, moved to Monday",
    ),
    (
        "arbitration.award", "2026-03-02", paused(SUSPENDED, "2026-03-20", "2026-03-20"), "2026-04-16",
        "paused and resumed on one day: nothing lost",
    ),
    (
        "arbitration.award", "2026-03-02", paused(SUSPENDED, "2026-03-02", "2026-03-05"), "2026-04-20",
        "the day of the event counts neither way: 2 days, to a Saturday, moved to Monday",
    ),
    (
        "arbitration.award", "2026-03-02", anew("claim_changed", "2026-03-25"), "2026-05-09",
        "45 days anew from the changed claim (办案规则 46); Sat 9 May is worked",
    ),
    (
        "arbitration.award", "2026-03-02", [*extended("2026-04-10", 15), *anew("transferred", "2026-04-15")],
        "2026-06-01", "a fresh period is not extended yet; 30 May is a Saturday",
    ),
    (
        "arbitration.award", "2026-03-02",
        [Pause(day("2026-03-10"), PauseReason.HEARING_SUSPENDED), *anew("party_added", "2026-03-25")],
        "2026-05-09", "counting anew ends the pause",
    ),
    ("arbitration.simple_award", "2026-07-06", [], "2026-08-05", "30 days (山东 39)"),
    ("injury.acceptance", "2026-03-02", anew("materials_supplied", "2026-03-10"), "2026-03-25", "15 days anew"),
    ("injury.recognition", "2026-01-15", [], "2026-03-16", "16 + 28 + 16 days"),
    (
        "injury.recognition", "2026-01-15", paused("other_conclusion_pending", "2026-02-01", "2026-03-15"),
        "2026-04-27", "42 days of waiting for the police do not count (工伤保险条例 20)",
    ),
    ("injury.recognition", "2026-08-04", [], "2026-10-03", "no article moves it out of National Day"),
    ("injury.recognition_clear", "2026-02-05", [], "2026-02-20", "15 days, in the festival, not moved"),
    ("capacity.conclusion", "2026-05-20", extended("2026-07-10", 30), "2026-08-18", "60 and 30 days"),
    (
        "capacity.conclusion", "2026-05-20", paused("examinee_absent", "2026-06-10", "2026-06-24"), "2026-08-02",
        "14 days' delay at the wish of the person examined (鉴定办法 12)",
    ),
    ("employer.injury_application", "2026-01-31", [], "2026-03-02", "28 days of February and 2"),
    ("employer.injury_application", "2026-04-01", extended("2026-04-20", 20), "2026-05-21", "by consent, no figure"),
    ("employer.leaving_papers", "2026-06-30", [], "2026-07-15", "15 days (劳动合同法 50)"),
    ("worker.lawsuit", "2026-09-17", [], "2026-10-08", "2 Oct moves behind National Day (民诉法 85)"),
    ("worker.lawsuit", "2026-09-25", [], "2026-10-10", "a Saturday, but worked: not moved"),
    ("worker.lawsuit", "2026-11-13", [], "2026-11-30", "28 Nov is an ordinary Saturday: moved to Monday"),
    ("worker.reassessment", "2026-09-17", [], "2026-10-02", "no article moves it: the cautious day"),
    ("worker.review", "2026-08-05", [], "2026-10-08", "4 Oct moves (复议法 88)"),
    (
        "worker.review", "2026-06-01", paused("force_majeure", "2026-06-10", "2026-06-20"), "2026-08-10",
        "31 July and the ten days of the flood (复议法 20)",
    ),
    ("worker.suit_after_review", "2026-02-03", [], "2026-02-24", "18 Feb moves behind the festival"),
    # months and years
    ("worker.administrative_suit", "2025-08-31", [], "2026-02-28", "no 31 Feb; the 28th is a worked Saturday"),
    ("worker.administrative_suit", "2025-08-29", [], "2026-02-28", "no 29 Feb in 2026"),
    ("worker.administrative_suit", "2023-08-31", [], "2024-02-29", "leap day"),
    ("worker.administrative_suit", "2026-04-03", [], "2026-10-08", "3 Oct moves"),
    ("worker.injury_application", "2024-02-29", [], "2025-02-28", "a leap day has no corresponding day"),
    ("worker.injury_application", "2023-02-28", [], "2024-02-28", "the corresponding day, not the leap day"),
    ("worker.injury_application", "2025-10-03", [], "2026-10-03", "no article moves it: the cautious day"),
    (
        "worker.injury_application", "2025-01-10", paused("relation_in_dispute", "2025-03-01", "2025-09-01"),
        "2026-07-13", "184 days of suing about the employment do not count (法释〔2014〕9号 7)",
    ),
    ("worker.arbitration", "2025-10-03", [], "2026-10-08", "3 Oct moves (民法典 203)"),
    ("worker.arbitration", "2025-03-10", anew("demand", "2025-09-01"), "2026-09-01", "a demand starts a new year"),
    ("worker.arbitration", "2024-03-10", anew("demand", "2025-05-01"), "2025-03-10", "a demand behind the end: none"),
    (
        "worker.arbitration", "2025-01-20", paused("force_majeure", "2025-06-01", "2025-07-01"), "2026-02-24",
        "30 days more: 19 Feb 2026 lies in the festival",
    ),
    ("worker.inspection", "2024-02-29", [], "2026-02-28", "two years from a leap day, not moved"),
    ("worker.enforcement", "2024-10-01", [], "2026-10-08", "two years, moved behind National Day"),
]  # fmt: skip


def test_the_table_is_as_long_as_was_promised() -> None:
    assert len(ROWS) >= 60
    assert len({why for *_, why in ROWS}) >= 60


@pytest.mark.parametrize(
    ("rule_id", "start", "events", "expected", "why"), ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS]
)
def test_the_last_day_is_the_one_counted_by_hand(
    rule_id: str, start: str, events: list[Event], expected: str, why: str
) -> None:
    clock = Clock(RULES.rule(rule_id, day(start)), day(start), tuple(events))
    due = standing(clock, day(start) + AWAY, CALENDAR).due
    assert due is not None
    assert due.on == day(expected), why


UNKNOWN: list[tuple[str, str, list[Event], str, int, str]] = [
    ("union.investigation", "2026-11-22", [], "2027-01-01", 2027, "29 working days are left in 2026"),
    ("own.acceptance", "2026-12-29", [], "2027-01-03", 2027, "two in 2026, at the earliest three on end in 2027"),
    ("worker.lawsuit", "2026-12-20", [], "2027-01-04", 2027, "whether 4 January is worked nobody knows"),
    ("worker.arbitration", "2026-03-05", [], "2027-03-05", 2027, "a year from now: it may move"),
    ("worker.arbitration", "2025-10-03", anew("demand", "2026-10-07"), "2027-10-07", 2027, "demanded on a moved day"),
]


@pytest.mark.parametrize("row", UNKNOWN, ids=[f"{row[0]} {row[1]}" for row in UNKNOWN])
def test_a_last_day_in_a_year_nobody_knows_is_not_guessed(row: tuple[str, str, list[Event], str, int, str]) -> None:
    """The earliest possible day and the year are given; callers show the warning."""
    rule_id, start, events, not_before, year, why = row
    if year in CALENDAR.years:
        pytest.skip("the plan of that year has been entered since")
    clock = Clock(RULES.rule(rule_id, day(start)), day(start), tuple(events))
    due = standing(clock, day(start), CALENDAR).due
    assert due is not None, why
    assert (due.on, due.not_before, due.unknown_year) == (None, day(not_before), year), why
