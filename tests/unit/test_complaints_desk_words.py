"""What the desk tells workers: every code has words, and no code shows through."""

from datetime import UTC, date, datetime

import pytest

from bot.complaints.cases import Nature
from bot.complaints.clocks.rule_files import load_clock_rules
from bot.complaints.clocks.rules import Kind, Unit
from bot.complaints.lifecycle import Event, State, Verdict
from bot.complaints.limits.words import GuardWords
from bot.complaints.roles import Confidentiality
from bot.complaints.worker.refusals import Refused, SlowDown, Why
from bot.complaints.worker.rights import (
    CALL_BACK,
    CONSENTED,
    CORRECTED,
    DELETION_ASKED,
    FILES_ADDED,
    REGISTERED,
    VERDICT_ASKED,
)
from bot.complaints.worker.tracking import Deletion, Kept, NextStep, PublicStep, Tracking
from bot.complaints.worker.words import DeskWords
from bot.wording import load_wording
from tests.builders import ROOT

WORDING = load_wording(ROOT / "content" / "replies")
WORDS = DeskWords(WORDING, GuardWords(WORDING, "12351"), "12351", {"inspection": "劳动保障监察机构"})
RULES = load_clock_rules(ROOT / "content" / "complaints" / "deadlines.yaml").rules
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def a_step(rule: str = "own.acceptance", **fields: object) -> NextStep:
    values: dict[str, object] = {
        "title": "决定是否受理",
        "by": date(2026, 11, 27),
        "count": 5,
        "unit": Unit.WORKING,
        "statutory": False,
    }
    return NextStep(rule=rule, **{**values, **fields})  # type: ignore[arg-type]


def a_tracking(state: State = State.REGISTERED, **fields: object) -> Tracking:
    return Tracking(
        case_id="c",
        number="HZ261122-000001",
        registered_at=NOW,
        changed_at=NOW,
        state=state,
        nature=Nature.CLAIM,
        category="wage",
        district="mudan",
        confidentiality=Confidentiality.NAMED,
        **fields,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.kind in {Kind.OWN, Kind.UNION}], ids=lambda r: r.id)
def test_everything_that_is_due_to_a_worker_has_a_sentence_of_its_own(rule: object) -> None:
    kind, name = rule.id.split(".")  # type: ignore[attr-defined]
    assert WORDING.has(f"desk.next.{kind}.{name}")


def test_a_day_that_is_not_known_is_told_as_a_number_of_days() -> None:
    """The holidays of the next year are not out yet: no day is guessed."""
    assert WORDS.next_step(a_step(by=None)).startswith("5个工作日内")


def test_a_paused_and_an_overdue_step_are_told_as_such() -> None:
    assert "等您补充" in WORDS.next_step(a_step(paused=True, by=None))
    late = WORDS.next_step(a_step(overdue=True))
    assert "已超过" in late
    assert "12351" in late


def test_a_rule_that_an_editor_adds_is_told_by_its_title() -> None:
    assert WORDS.next_step(a_step("own.home_visit", title="上门走访")) == "上门走访：最晚2026年11月27日"


@pytest.mark.parametrize("state", list(State), ids=str)
def test_every_state_is_told(state: State) -> None:
    assert WORDS.standing(a_tracking(state, reachable=True))


def test_to_whom_a_matter_went_is_told_by_name() -> None:
    told = WORDS.standing(a_tracking(State.REFERRED, recipient="inspection", unread=2))
    assert "劳动保障监察机构" in told
    assert "2条新留言" in told


KINDS = [*Event, REGISTERED, CALL_BACK, CONSENTED, CORRECTED, DELETION_ASKED, FILES_ADDED, VERDICT_ASKED]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_everything_that_happens_is_told(kind: str) -> None:
    data = {"verdict": Verdict.SOLVED, "count": "2"}
    told = WORDS.step(PublicStep(happened_at=NOW, kind=kind, by_worker=False, data=data))
    assert told != WORDING("desk.step_other")
    assert kind not in told


def test_what_nobody_named_is_news() -> None:
    step = PublicStep(happened_at=NOW, kind="something_new", by_worker=False)
    assert WORDS.step(step) == WORDING("desk.step_other")


@pytest.mark.parametrize("why", list(Why), ids=str)
def test_every_refusal_is_told(why: Why) -> None:
    assert WORDS.refused(Refused(why))


@pytest.mark.parametrize(("seconds", "told"), [(43, "43秒"), (119, "119秒"), (120, "2分钟"), (599, "10分钟")])
def test_a_wait_is_told_in_seconds_or_whole_minutes_and_never_too_short(seconds: int, told: str) -> None:
    assert told in WORDS.slow_down(SlowDown(seconds))


def test_what_stays_after_deletion_is_told_with_its_reason() -> None:
    told = WORDS.deletion(Deletion(NOW, tuple(Kept)))
    assert len(told) == len(Kept) + 1
    assert "保留谁看过、改过的记录" in "".join(told)


def test_a_receipt_that_opens_nothing_is_told_without_a_reason() -> None:
    assert WORDS.not_found() == WORDING("desk.not_found", hotline="12351")
