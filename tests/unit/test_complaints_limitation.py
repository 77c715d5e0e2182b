"""The limitation guard against a table made by hand, each case with its reason and article.

Today is Sunday, 22 November 2026, and the holidays of 2027 are not known.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from bot.complaints.clocks.holidays import library_calendar
from bot.complaints.clocks.rule_files import load_limit_rules
from bot.complaints.clocks.rules import PauseReason
from bot.complaints.limits.facts import Act, DayRange, Facts, Hindrance, Interruption
from bot.complaints.limits.limitation import Limit, Standing, assess
from bot.complaints.limits.rules import Note, Route
from bot.workdays import WorkCalendar
from tests.builders import ROOT

TABLE = load_limit_rules(ROOT / "content" / "complaints" / "limits.yaml")
TODAY = date(2026, 11, 22)
YEARS = range(2004, 2027)


def calendar_until_2026() -> WorkCalendar:
    """Later years are left out, so that the table stays true when their plans come."""
    known = library_calendar()
    rest, work = (frozenset(day for day in days if day.year in YEARS) for days in (known.rest, known.work))
    return WorkCalendar(frozenset(YEARS), rest, work)


CALENDAR = calendar_until_2026()


def on(first: str, last: str = "") -> DayRange:
    return DayRange(date.fromisoformat(first), date.fromisoformat(last or first))


def did(act: Act, first: str, last: str = "") -> tuple[Interruption, ...]:
    return (Interruption(act, on(first, last)),)


def kept(reason: PauseReason, since: DayRange, until: DayRange | None = None) -> tuple[Hindrance, ...]:
    return (Hindrance(reason, since, until),)


@dataclass(frozen=True)
class Case:
    why: str
    claim: str
    standing: Standing
    last: str
    facts: dict[str, Any] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    route: Route = Route.ARBITRATION
    part: str = ""
    moved: str = ""


S, N, INSPECTION, INJURY = Standing, Note, Route.INSPECTION, Route.INJURY_APPLICATION
LEFT = {"employed": False, "left": on("2025-06-01")}  # alone: over on Monday, 1 June 2026
LONG_AGO = {"employed": False, "left": on("2024-06-01")}

CASES = [
    # ---- wages: 调解仲裁法 27(4)
    Case("employed: the year does not run, 27(4)", "wage_arrears", S.NOT_RUNNING, "",
         {"employed": True}, (N.ARREARS_WHILE_EMPLOYED,)),
    Case("employed, unpaid since 2019: all the same, 27(4)", "wage_arrears", S.NOT_RUNNING, "",
         {"employed": True, "breach_began": on("2019-01-01", "2019-12-31")}, (N.ARREARS_WHILE_EMPLOYED,)),
    Case("overtime pay is pay: employed, 27(4)", "overtime_pay", S.NOT_RUNNING, "",
         {"employed": True}, (N.ARREARS_WHILE_EMPLOYED, N.OVERTIME_RECORDS_TWO_YEARS)),
    Case("a wage below the minimum is arrears, 27(4)", "minimum_wage", S.OPEN, "2027-05-10",
         {"employed": False, "left": on("2026-05-10")}),
    Case("left half a year ago: a year from the end, 27(4)", "wage_arrears", S.OPEN, "2027-05-10",
         {"employed": False, "left": on("2026-05-10")}, (N.MAY_MOVE_CALENDAR_UNKNOWN,)),
    Case("18 days left, 27(4)", "wage_arrears", S.SOON, "2026-12-10",
         {"employed": False, "left": on("2025-12-10")}, (N.CONSULT_SOON,)),
    Case("ends today, a Sunday: moves to Monday, 民法典 203", "wage_arrears", S.SOON, "2026-11-22",
         {"employed": False, "left": on("2025-11-22")}, moved="2026-11-23"),
    Case("ended yesterday, a Saturday: not past before Monday, 民法典 203", "wage_arrears", S.SOON, "2026-11-21",
         {"employed": False, "left": on("2025-11-21")}, moved="2026-11-23"),
    Case("ended on Friday: possibly past, never lost, 27(2)(3)", "wage_arrears", S.POSSIBLY_PAST, "2026-11-20",
         {"employed": False, "left": on("2025-11-20")}, (N.CONSULT_SOON,)),
    Case("left some day in November 2025: from the first, 27(4)", "wage_arrears", S.POSSIBLY_PAST, "2026-11-01",
         {"employed": False, "left": on("2025-11-01", "2025-11-30")}, (N.VAGUE_DATE_EARLIEST_DAY,),
         moved="2026-11-02"),
    Case("left last winter: from 1 December, 27(4)", "wage_arrears", S.SOON, "2026-12-01",
         {"employed": False, "left": on("2025-12-01", "2026-02-28")}, (N.VAGUE_DATE_EARLIEST_DAY,)),
    Case("knows only the day of the dismissal, 27(4)", "wage_arrears", S.OPEN, "2027-06-15",
         {"employed": False, "dismissed": on("2026-06-15")}),
    Case("did not say whether still employed", "wage_arrears", S.NO_DATE, "", {}, (N.NEED_EMPLOYMENT_STATUS,)),
    Case("left, did not say when", "wage_arrears", S.NO_DATE, "", {"employed": False}, (N.NEED_LEAVING_DATE,)),
    Case("given notice, still there: employed, 27(4)", "wage_arrears", S.NOT_RUNNING, "",
         {"employed": True, "dismissed": on("2026-11-10")}, (N.ARREARS_WHILE_EMPLOYED,)),
    Case("will leave on 30 November: a year from then, 27(4)", "wage_arrears", S.OPEN, "2027-11-30",
         {"employed": True, "left": on("2026-11-30")}),
    Case("left on a leap day: 28 February, 民法典 202", "wage_arrears", S.POSSIBLY_PAST, "2025-02-28",
         {"employed": False, "left": on("2024-02-29")}),
    Case("has an IOU: the court directly, 解释（一）15", "wage_arrears", S.POSSIBLY_PAST, "2025-06-01",
         {**LONG_AGO, "has_iou": True}, (N.IOU_CIVIL_ROUTE,), moved="2025-06-03"),
    # ---- interruption: 27(2), 办案规则 27
    Case("asked the employer in time: a new year, 27(2)", "wage_arrears", S.SOON, "2027-03-10",
         {**LEFT, "interruptions": did(Act.DEMAND, "2026-03-10")}, (N.RESTS_ON_INTERRUPTION,)),
    Case("complained to an authority in time, 27(2)", "wage_arrears", S.SOON, "2027-05-20",
         {**LEFT, "interruptions": did(Act.COMPLAINT, "2026-05-20")}, (N.RESTS_ON_INTERRUPTION,)),
    Case("the employer promised to pay, 27(2)", "wage_arrears", S.SOON, "2026-12-15",
         {**LEFT, "interruptions": did(Act.PROMISE, "2025-12-15")}, (N.RESTS_ON_INTERRUPTION,)),
    Case("applied and withdrew, 办案规则 27", "wage_arrears", S.SOON, "2027-02-02",
         {**LEFT, "interruptions": did(Act.ARBITRATION, "2026-02-02")}, (N.RESTS_ON_INTERRUPTION,)),
    Case("asked on the last day, 1 June: in time, 27(2)", "wage_arrears", S.SOON, "2027-06-01",
         {**LEFT, "interruptions": did(Act.DEMAND, "2026-06-01")}, (N.RESTS_ON_INTERRUPTION,)),
    Case("asked when the year was over: nothing restarts, 27(2)", "wage_arrears", S.POSSIBLY_PAST, "2025-06-01",
         {**LONG_AGO, "interruptions": did(Act.DEMAND, "2025-07-01")}, (N.INTERRUPTION_TOO_LATE,),
         moved="2025-06-03"),
    Case("promised when it was over: may still bind, 民法典 192", "wage_arrears", S.POSSIBLY_PAST, "2025-06-01",
         {**LONG_AGO, "interruptions": did(Act.PROMISE, "2025-07-01")},
         (N.INTERRUPTION_TOO_LATE, N.PROMISE_MAY_REVIVE), moved="2025-06-03"),
    Case("asked, and asked again within the new year, 27(2)", "wage_arrears", S.SOON, "2027-04-01",
         {**LONG_AGO, "interruptions": did(Act.DEMAND, "2025-05-01") + did(Act.DEMAND, "2026-04-01")},
         (N.RESTS_ON_INTERRUPTION,)),
    Case("asked in May or June 2026, over on 1 June: not relied on, 27(2)", "wage_arrears", S.POSSIBLY_PAST,
         "2026-06-01", {**LEFT, "interruptions": did(Act.DEMAND, "2026-05-01", "2026-06-30")},
         (N.INTERRUPTION_MAYBE_TOO_LATE,)),
    Case("asked some day in February 2026: from the 1st, 27(2)", "wage_arrears", S.SOON, "2027-02-01",
         {**LEFT, "interruptions": did(Act.DEMAND, "2026-02-01", "2026-02-28")}, (N.RESTS_ON_INTERRUPTION,)),
    Case("asked while employed: before the year ran, 27(4)", "wage_arrears", S.POSSIBLY_PAST, "2026-06-01",
         {**LEFT, "interruptions": did(Act.DEMAND, "2025-05-01")}),
    Case("asked the union: whether it counts is doubtful, 27(2)", "wage_arrears", S.POSSIBLY_PAST, "2026-06-01",
         {**LEFT, "interruptions": did(Act.UNION, "2026-05-01")}, (N.UNION_MAY_INTERRUPT,)),
    # ---- suspension: 27(3), 办案规则 28
    Case("a flood of 212 days, 27(3)", "wage_arrears", S.SOON, "2026-12-30",
         {**LEFT, "hindrances": kept(PauseReason.FORCE_MAJEURE, on("2025-12-01"), on("2026-07-01"))},
         (N.RESTS_ON_SUSPENSION,)),
    Case("two hindrances at a time stop the year no longer than one, 27(3)", "wage_arrears", S.SOON, "2026-12-30",
         {**LEFT, "hindrances": kept(PauseReason.FORCE_MAJEURE, on("2025-12-01"), on("2026-07-01"))
          + kept(PauseReason.GOOD_REASON, on("2026-01-01"), on("2026-06-01"))}, (N.RESTS_ON_SUSPENSION,)),
    Case("vague ends: the shortest, 187 days, 27(3)", "wage_arrears", S.SOON, "2026-12-05",
         {**LEFT, "hindrances": kept(
             PauseReason.GOOD_REASON, on("2025-12-01", "2025-12-15"), on("2026-06-20", "2026-07-01"))},
         (N.RESTS_ON_SUSPENSION,), moved="2026-12-07"),
    Case("in custody since March, still: stands until today, 27(3)", "wage_arrears", S.SOON, "2027-02-22",
         {**LEFT, "hindrances": kept(PauseReason.LIBERTY_RESTRICTED, on("2026-03-01"))}, (N.RESTS_ON_SUSPENSION,)),
    Case("the employer's delay suspends no arbitration, 27(3)", "wage_arrears", S.POSSIBLY_PAST, "2026-06-01",
         {**LEFT, "hindrances": kept(PauseReason.EMPLOYER_CAUSE, on("2025-12-01"), on("2026-07-01"))},
         (N.HINDRANCE_NOT_COUNTED,)),
    # ---- inspection: 监察条例 20
    Case("unpaid and still employed: goes on, 条例 20(2)", "wage_arrears", S.NOT_RUNNING, "",
         {"employed": True, "breach_ongoing": True}, (N.BREACH_CONTINUING,), INSPECTION),
    Case("left, still unpaid: from leaving, the cautious day, 条例 20(2)", "wage_arrears", S.OPEN, "2027-05-01",
         {"employed": False, "left": on("2025-05-01"), "breach_ongoing": True},
         (N.CONTINUING_AFTER_LEAVING_VARIES,), INSPECTION),
    Case("ended two years ago but nine days, 条例 20", "wage_arrears", S.SOON, "2026-12-01",
         {"employed": True, "breach_ended": on("2024-12-01")}, (), INSPECTION),
    Case("1 October is not moved: no article says so, 条例 20", "overtime_pay", S.POSSIBLY_PAST, "2026-10-01",
         {"employed": True, "breach_ended": on("2024-10-01")}, (N.CONSULT_SOON,), INSPECTION),
    Case("reported within the two years, 条例 20(1)", "wage_arrears", S.REPORTED, "2026-10-01",
         {"breach_ended": on("2024-10-01"), "interruptions": did(Act.INSPECTION, "2026-09-01")},
         (N.REPORTED_IN_TIME,), INSPECTION),
    Case("reported when they were over, 条例 20(1)", "wage_arrears", S.POSSIBLY_PAST, "2026-10-01",
         {"breach_ended": on("2024-10-01"), "interruptions": did(Act.INSPECTION, "2026-10-05")}, (), INSPECTION),
    Case("a demand stops no inspection limit, 条例 20", "wage_arrears", S.POSSIBLY_PAST, "2026-10-01",
         {"breach_ended": on("2024-10-01"), "interruptions": did(Act.DEMAND, "2026-01-05")}, (), INSPECTION),
    Case("nobody said whether it goes on: from its first day, 条例 20", "wage_arrears", S.POSSIBLY_PAST,
         "2026-03-01", {"employed": True, "breach_began": on("2024-03-01", "2024-03-31")},
         (N.ASK_IF_CONTINUING, N.VAGUE_DATE_EARLIEST_DAY), INSPECTION),
    Case("no date at all", "other", S.NO_DATE, "", {}, (N.NEED_BREACH_DATE,), INSPECTION),
    # ---- double wage: 劳动合同法 82, 实施条例 6, 7; practice differs
    Case("20 months in, never signed: the early part may be past", "double_wage", S.PARTLY_PAST, "2026-04-10",
         {"employed": True, "started": on("2025-03-10")}, (N.PART_BY_PART, N.DOUBLE_WAGE_VARIES), part="2027-03-09"),
    Case("eight months in: a year from the end of the first month", "double_wage", S.OPEN, "2027-04-10",
         {"employed": True, "started": on("2026-03-10")}, (N.DOUBLE_WAGE_VARIES,), part="2028-03-09"),
    Case("employed, but no remuneration: 27(4) does not help, 山东纪要 21", "double_wage", S.POSSIBLY_PAST,
         "2025-04-10", {"employed": True, "started": on("2024-03-10")}, (N.NOT_REMUNERATION,), part="2026-03-09"),
    Case("signed after three months: until the day before, 条例 6", "double_wage", S.POSSIBLY_PAST, "2026-07-01",
         {"started": on("2025-06-01"), "contract_signed": on("2025-09-01")}, part="2026-08-31", moved=""),
    Case("left before signing: until leaving", "double_wage", S.PARTLY_PAST, "2026-07-01",
         {"employed": False, "started": on("2025-06-01"), "left": on("2025-12-20")}, part="2026-12-20"),
    Case("signed within the month: none is due, 合同法 10", "double_wage", S.NOT_RUNNING, "",
         {"started": on("2026-05-01"), "contract_signed": on("2026-05-20")}, (N.CONTRACT_SIGNED_IN_TIME,)),
    Case("three weeks in: not yet, 合同法 82", "double_wage", S.NOT_RUNNING, "",
         {"employed": True, "started": on("2026-11-01")}, (N.DOUBLE_WAGE_NOT_YET,)),
    Case("did not say since when", "double_wage", S.NO_DATE, "", {"employed": True}, (N.NEED_START_DATE,)),
    Case("asked in time: every part has a new year, 27(2)", "double_wage", S.SOON, "2027-04-01",
         {"employed": True, "started": on("2025-03-10"), "interruptions": did(Act.DEMAND, "2026-04-01")},
         (N.RESTS_ON_INTERRUPTION,), part="2027-04-01"),
    Case("started on 31 January: the month ends on 28 February, 民法典 202", "double_wage", S.OPEN, "2027-02-28",
         {"employed": True, "started": on("2026-01-31")}, part="2028-01-30"),
    Case("inspection: two years from the end of the eleven months, 条例 20", "double_wage", S.OPEN, "2028-03-09",
         {"employed": True, "started": on("2025-03-10")}, (), INSPECTION),
    # ---- annual leave: 带薪年休假条例 5
    Case("leave of 2025: from the end of 2025", "annual_leave_pay", S.SOON, "2026-12-31",
         {"employed": True, "leave_year": 2025}, (N.ANNUAL_LEAVE_VARIES,)),
    Case("leave of 2024: possibly past, but some places treat it as pay", "annual_leave_pay", S.POSSIBLY_PAST,
         "2025-12-31", {"employed": True, "leave_year": 2024}, (N.ANNUAL_LEAVE_VARIES,)),
    Case("leave of this year may still be given", "annual_leave_pay", S.NOT_RUNNING, "",
         {"employed": True, "leave_year": 2026}, (N.LEAVE_YEAR_NOT_OVER,)),
    Case("left within the year: from leaving, 实施办法 12", "annual_leave_pay", S.OPEN, "2027-08-31",
         {"employed": False, "left": on("2026-08-31"), "leave_year": 2026}),
    Case("did not say which year", "annual_leave_pay", S.NO_DATE, "", {"employed": True}, (N.NEED_LEAVE_YEAR,)),
    # ---- dismissal and severance: 27(1)
    Case("told in January, left in February: the earlier, 27(1)", "unlawful_dismissal", S.SOON, "2027-01-15",
         {"employed": False, "dismissed": on("2026-01-15"), "left": on("2026-02-15")}),
    Case("not dismissed", "severance", S.NOT_RUNNING, "", {"employed": True}, (N.NOT_TERMINATED,)),
    Case("over on 1 October, moved to the 8th: past, 民法典 203", "severance", S.POSSIBLY_PAST, "2026-10-01",
         {"employed": False, "dismissed": on("2025-10-01")}, (N.CONSULT_SOON,), moved="2026-10-08"),
    Case("unpaid severance: inspection two years, 合同法 85", "severance", S.SOON, "2027-01-10",
         {"employed": False, "left": on("2025-01-10")}, (), INSPECTION),
    Case("whether the fact of employment lapses differs", "labour_relation", S.SOON, "2026-12-31",
         {"employed": False, "left": on("2025-12-31")}, (N.RELATION_LIMIT_VARIES,)),
    # ---- work injury: 工伤保险条例 17, 法释〔2014〕9号 7
    Case("17 days ago: the employer's turn, 条例 17(1)", "injury_recognition", S.OPEN, "2027-11-05",
         {"accident": on("2026-11-05")}, (N.EMPLOYER_SHOULD_APPLY,), INJURY),
    Case("half a year ago: apply yourself, 条例 17(2)", "injury_recognition", S.OPEN, "2027-05-05",
         {"accident": on("2026-05-05")}, (N.APPLY_YOURSELF,), INJURY),
    Case("a year and two days ago: possibly past, 司法解释 7", "injury_recognition", S.POSSIBLY_PAST, "2026-11-20",
         {"accident": on("2025-11-20")}, (N.CONSULT_SOON, N.DELAY_NOT_OWN_FAULT), INJURY),
    Case("ended on Saturday: no article moves it, 条例 17", "injury_recognition", S.POSSIBLY_PAST, "2026-11-21",
         {"accident": on("2025-11-21")}, (), INJURY),
    Case("occupational disease: from the diagnosis, 条例 17", "injury_recognition", S.OPEN, "2027-02-01",
         {"diagnosed": on("2026-02-01")}, (N.APPLY_YOURSELF,), INJURY),
    Case("accident and diagnosis: the earlier", "injury_recognition", S.SOON, "2026-12-01",
         {"accident": on("2025-12-01"), "diagnosed": on("2026-02-01")}, (), INJURY),
    Case("suing about the employment, still: 539 days stand still, 司法解释 7", "injury_recognition", S.SOON,
         "2027-08-22", {"accident": on("2025-03-01"), "hindrances": kept(
             PauseReason.RELATION_IN_DISPUTE, on("2025-06-01"))}, (N.RESTS_ON_SUSPENSION,), INJURY),
    Case("the employer held the papers for 90 days, 司法解释 7", "injury_recognition", S.SOON, "2027-01-30",
         {"accident": on("2025-11-01"), "hindrances": kept(
             PauseReason.EMPLOYER_CAUSE, on("2025-12-01"), on("2026-03-01"))}, (N.RESTS_ON_SUSPENSION,), INJURY),
    Case("a demand interrupts no application, 条例 17", "injury_recognition", S.POSSIBLY_PAST, "2026-11-01",
         {"accident": on("2025-11-01"), "interruptions": did(Act.DEMAND, "2026-06-01")}, (), INJURY),
    Case("no date of the accident", "injury_recognition", S.NO_DATE, "", {}, (N.NEED_ACCIDENT_DATE,), INJURY),
    Case("recognised, then assessed: from the earlier, 条例 54", "injury_benefits", S.SOON, "2027-01-20",
         {"recognised": on("2026-01-20"), "assessed": on("2026-06-30")}, (N.INJURY_BENEFIT_VARIES,),
         part="2027-06-30"),
    Case("benefits due on leaving count from leaving", "injury_benefits", S.PARTLY_PAST, "2026-01-20",
         {"employed": False, "recognised": on("2025-01-20"), "assessed": on("2025-06-30"),
          "left": on("2026-03-01")}, part="2027-03-01"),
    Case("not recognised yet", "injury_benefits", S.NO_DATE, "", {}, (N.INJURY_FIRST_RECOGNITION,)),
    # ---- insurance and the rest
    Case("never enrolled, still employed: goes on, 条例 20(2)", "social_insurance", S.NOT_RUNNING, "",
         {"employed": True, "breach_ongoing": True}, (N.BREACH_CONTINUING,), INSPECTION),
    Case("never enrolled, left: two years from leaving", "social_insurance", S.SOON, "2027-01-15",
         {"employed": False, "left": on("2025-01-15"), "breach_ongoing": True},
         (N.CONTINUING_AFTER_LEAVING_VARIES,), INSPECTION),
    Case("maternity allowance is no pay, 山东纪要 20", "maternity_allowance", S.OPEN, "2027-02-01",
         {"employed": True, "known": on("2026-02-01")}, (N.NOT_REMUNERATION,)),
    Case("living allowance, month by month, 山东纪要 19", "living_allowance", S.PARTLY_PAST, "2026-03-01",
         {"employed": True, "breach_began": on("2025-03-01"), "breach_ongoing": True}, (N.PART_BY_PART,),
         part="2027-11-22", moved="2026-03-02"),
    Case("knew later than it began: from the first, 27(1)", "other", S.SOON, "2027-01-05",
         {"known": on("2026-02-01"), "breach_began": on("2026-01-05")}),
    Case("deposit kept: over on a worked Saturday, 民法典 203", "withheld_things", S.POSSIBLY_PAST, "2026-10-10",
         {"breach_began": on("2025-10-10")}, (N.WITHHELD_THINGS_VARY,)),
]  # fmt: skip


def limit_of(claim: str, route: Route, facts: dict[str, Any]) -> Limit:
    limits = assess(claim, Facts(today=TODAY, **facts), TABLE, CALENDAR).limits
    return next(limit for limit in limits if limit.route is route)


def test_the_table_is_as_long_as_was_promised_and_meets_every_claim_with_a_limit() -> None:
    assert len(CASES) >= 40
    met = {case.claim for case in CASES}
    missing = {claim.id for claim in TABLE.claims.values() if claim.routes} - met
    assert missing <= {"leaving_papers", "working_time"}


@pytest.mark.parametrize("case", CASES, ids=[f"{case.claim}-{number}" for number, case in enumerate(CASES)])
def test_a_limit_is_the_one_found_by_hand(case: Case) -> None:
    found = limit_of(case.claim, case.route, case.facts)
    days = [found.last_on, found.last_part_on if case.part else None, found.moves_to]
    expected = [date.fromisoformat(text) if text else None for text in (case.last, case.part, case.moved)]
    assert (found.standing, days) == (case.standing, expected), case.why
    assert set(case.notes) <= set(found.notes), case.why
    assert found.citations, "no limit without its article"
