"""Curves rise, thresholds do what the policy does, and fitting finds what is there to find."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answers.calibration import Calibration
from bot.answers.evaluation.cases import CALIBRATIONS, Case, Mode, best_mode, served_mode
from bot.answers.evaluation.curves import fit_odds_curve, fit_share_curve, log_loss
from bot.answers.evaluation.fitting import SERVED, constants, fit
from bot.answers.evaluation.questions import Question
from bot.answers.evaluation.thresholds import TARGETS, Decided, decide, figures, fit_policy
from bot.answers.outcome import Outcome, Policy
from bot.answers.ports import Ranked
from bot.answers.ranking import SlowPolicy, Weighed

SHARE = st.floats(0, 1)


def a_case(topic: str | None, top: str, share: float, gate: float, *, typed: bool = False) -> Case:
    question = Question("q", "", (topic,) if topic else (), typed)
    weighed = Weighed((top, "z.z"), (share, 1 - share), gate, share)
    return Case(question, dict.fromkeys(Mode, weighed))


def cases(n: int = 400, seed: int = 0) -> list[Case]:
    """Labour questions with a gate about 2 and right as often as their share says; others about -2."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(n):
        share = float(rng.uniform(0.3, 1))
        if number % 2:
            right = rng.random() < share
            made.append(
                a_case("a.x" if right else "a.y", "a.x", share, float(rng.normal(2, 1)), typed=bool(number % 3))
            )
        else:
            made.append(a_case(None, "a.x", share, float(rng.normal(-2, 1))))
    return made


@settings(max_examples=20, deadline=None)
@given(data=st.lists(st.tuples(SHARE, st.booleans()), min_size=10, max_size=80))
def test_a_fitted_curve_never_falls(data: list[tuple[float, bool]]) -> None:
    shares, true = np.array([d[0] for d in data]), np.array([float(d[1]) for d in data])
    curve = fit_share_curve(shares, true, np.ones(len(data)))
    assert list(curve.scores) == sorted(set(curve.scores))
    assert list(curve.probabilities) == sorted(curve.probabilities)
    assert all(0 <= p <= 1 for p in curve.probabilities)


def test_a_curve_finds_the_probabilities_behind_the_scores() -> None:
    rng = np.random.default_rng(1)
    odds = rng.normal(0, 2, 4000)
    true = (rng.random(4000) < 1 / (1 + np.exp(-(1.5 * odds - 1)))).astype(float)
    curve = fit_odds_curve(odds, true, np.ones(4000))
    for score in (-1.0, 0.0, 1.0, 2.0):
        assert curve(score) == pytest.approx(1 / (1 + np.exp(-(1.5 * score - 1))), abs=0.06)


def test_a_score_that_says_nothing_gives_the_base_rate() -> None:
    curve = fit_odds_curve(np.zeros(50), np.array([1.0] * 10 + [0.0] * 40), np.ones(50))
    assert curve(0.0) == pytest.approx(0.2, abs=0.05)


def test_weights_count_as_so_many_questions() -> None:
    odds, true = np.array([-1.0, 1.0, -1.0, 1.0] * 10), np.array([0.0, 1.0, 1.0, 0.0] * 10)
    doubled = fit_odds_curve(odds, true, np.where(true > 0, 3.0, 1.0))
    assert doubled(0.0) > fit_odds_curve(odds, true, np.ones(40))(0.0)


def test_a_better_curve_loses_less() -> None:
    shares, true = np.array([0.1, 0.9] * 20), np.array([0.0, 1.0] * 20)
    good = fit_share_curve(shares, true, np.ones(40))
    bad = fit_share_curve(shares, 1 - true, np.ones(40))
    assert log_loss(good, shares, true, np.ones(40)) < log_loss(bad, shares, true, np.ones(40))


@given(certainty=SHARE, labour=SHARE, answer=SHARE, least=SHARE)
def test_thresholds_decide_as_the_policy_does(certainty: float, labour: float, answer: float, least: float) -> None:
    """The figures would be of another program otherwise."""
    policy = Policy(answer, least)
    flag = np.array([True])
    decided = Decided(np.array([certainty]), np.array([labour]), flag, flag, flag, flag, flag, ~flag)
    [answered], [suggested] = decide(decided, policy)
    outcome, _ = policy.decide(Ranked(("a.x",), (1.0,), certainty, labour))
    assert (answered, suggested) == (outcome is Outcome.ANSWER, outcome is Outcome.SUGGEST)


def test_small_talk_is_declined_whatever_the_ranking_says() -> None:
    flag = np.array([True])
    decided = Decided(np.ones(1), np.ones(1), flag, flag, flag, flag, flag, settled=flag)
    answered, suggested = decide(decided, Policy(0.1, 0.1))
    assert not answered.any()
    assert not suggested.any()


def test_fitted_thresholds_meet_targets_that_can_be_met() -> None:
    rng = np.random.default_rng(2)
    inside = np.arange(600) < 300
    right = inside & (rng.random(600) < 0.8)
    certainty = np.clip(np.where(right, rng.normal(0.8, 0.1, 600), rng.normal(0.4, 0.1, 600)), 0, 1)
    labour = np.clip(np.where(inside, rng.normal(0.9, 0.05, 600), rng.normal(0.15, 0.1, 600)), 0, 1)
    decided = Decided(certainty, labour, inside, inside, right, inside, inside, np.zeros(600, np.bool_))
    found = figures(decided, fit_policy(decided))
    assert [name for name, target in TARGETS.items() if not target.is_met(found[name])] == []


def test_what_the_base_does_not_cover_counts_only_as_wrong() -> None:
    yes, no = np.array([True]), np.array([False])
    decided = Decided(np.ones(1), np.ones(1), yes, no, no, no, yes, no)
    found = figures(decided, Policy(0.5, 0.5))
    assert (found["wrong"], found["precision"], found["answered"]) == (1.0, 0.0, 0.0)


def test_the_slow_encoder_is_asked_as_the_service_asks_it() -> None:
    case = Case(
        Question("q", "", ("a.x",)),
        {
            Mode.LEXICAL: Weighed(("a.x",), (0.2,), 0.0, 0.2),
            Mode.FAST: Weighed(("a.x",), (0.6,), 0.0, 0.6),
            Mode.FULL: Weighed(("a.x",), (0.7,), 0.0, 0.7),
        },
    )

    def read(weighed: Weighed, mode: Mode) -> Ranked:
        return Ranked(weighed.topics, weighed.shares, weighed.shares[0], 0.9)

    assert served_mode(case, SlowPolicy(sure=0.65), read) is Mode.FULL
    assert served_mode(case, SlowPolicy(sure=0.55), read) is Mode.FAST
    assert served_mode(case, SlowPolicy(sure=0.65, unlikely=0.95), read) is Mode.FAST


def test_without_encoders_the_lexical_mode_is_served_and_best() -> None:
    case = Case(Question("q", "", ("a.x",)), {Mode.LEXICAL: Weighed(("a.x",), (0.2,), 0.0, 0.2)})
    assert best_mode([case]) is Mode.LEXICAL
    assert served_mode(case, SlowPolicy(), lambda weighed, _: Ranked((), (), 0, 0)) is Mode.LEXICAL


def test_a_fit_reports_every_way_of_ranking_and_is_calibrated_on_questions_left_out() -> None:
    found = fit(cases(), {"a.x": None, "a.y": None}, SlowPolicy(), folds=4)
    assert [held.name for held in found.held] == [SERVED, "lexical", "fast", "full"]
    assert all(held.certainty_error < 0.08 for held in found.held)
    assert all(held.labour_error < 0.08 for held in found.held)
    assert found.slow[0].asked == 0.0
    assert found.slow[-1].asked > 0.9


def test_fitted_constants_are_python_that_gives_the_fit_back() -> None:
    found = fit(cases(120), {"a.x": None}, SlowPolicy(), folds=3)
    names: dict[str, object] = {"Calibration": Calibration, "Curve": type(CALIBRATIONS[Mode.FULL].certainty)}
    exec(constants(found), names)
    assert names["FULL"] == found.calibrations[Mode.FULL]
    assert Policy(names["ANSWER_FROM"], names["LABOUR_FROM"]) == found.policy  # type: ignore[arg-type]
