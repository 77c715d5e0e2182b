"""Fitting the curves and thresholds of `bot.answers.calibration`, and how well that generalises.

Ranking weights are not touched: they learn from shipped phrasings alone. What is reported is
cross-validated: each question is read with curves and thresholds fitted on the other folds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.answers.calibration import Calibration
from bot.answers.evaluation.cases import CALIBRATIONS, Case, Mode, best_mode, served_mode
from bot.answers.evaluation.curves import fit_odds_curve, fit_share_curve
from bot.answers.evaluation.reliability import reliability
from bot.answers.evaluation.thresholds import Decided, decide, fit_policy, outcome_figures
from bot.answers.outcome import Policy
from bot.answers.ports import Ranked
from bot.answers.ranking import SlowPolicy, Weighed

Flags = NDArray[np.bool_]
Calibrations = Mapping[Mode, Calibration]

NEAR = 4
_SEED = 20261122
SERVED = "served"
SURES = (0.0, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 1.01)


@dataclass(frozen=True, slots=True)
class Held:
    """Cross-validated figures of one way of ranking: of typed questions, of all, and errors."""

    name: str
    typed: Mapping[str, float]
    all: Mapping[str, float]
    certainty_error: float
    labour_error: float


@dataclass(frozen=True, slots=True)
class SlowShare:
    """What asking the slow encoder below a certainty costs and brings.

    asked: by which share of the questions on labour matters; top1, top3: of those that the base
    covers; figures: under the fitted thresholds.
    """

    sure: float
    asked: float
    top1: float
    top3: float
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Fit:
    """Everything that `--fit` finds."""

    calibrations: Calibrations
    policy: Policy
    held: tuple[Held, ...]
    slow: tuple[SlowShare, ...]


def fit(cases: Sequence[Case], covered: Mapping[str, object], policy: SlowPolicy, folds: int) -> Fit:
    """Fit on all questions; report on folds that were left out."""
    names = [SERVED, *(mode for mode in Mode if mode in cases[0].weighed)]
    parts: dict[str, list[Decided]] = {name: [] for name in names}
    choices: dict[str, list[tuple[Flags, Flags]]] = {name: [] for name in names}
    for inside, outside in _folds(cases, folds):
        calibrations, thresholds = _fit(inside, covered, policy)
        for name in names:
            decided = decided_cases(outside, covered, calibrations, policy, name)
            parts[name].append(decided)
            choices[name].append(decide(decided, thresholds))
    held = tuple(_held(name, Decided.joined(parts[name]), choices[name]) for name in names)
    calibrations, thresholds = _fit(cases, covered, policy)
    slow = []
    if best_mode(cases) is Mode.FULL:
        for sure in SURES:
            asking = replace(policy, sure=sure)
            slow.append(_slow_share(cases, covered, calibrations, asking, thresholds))
    return Fit(calibrations, thresholds, held, tuple(slow))


def decided_cases(
    cases: Sequence[Case], covered: Mapping[str, object], calibrations: Calibrations, policy: SlowPolicy, name: str
) -> Decided:
    """The questions as the thresholds see them, ranked as served or in the mode of that name."""
    modes = [_mode(case, calibrations, policy, name) for case in cases]
    ranked = [_read(case.weighed[mode], calibrations[mode]) for case, mode in zip(cases, modes, strict=True)]
    pairs = list(zip(cases, modes, strict=True))
    return Decided(
        certainty=np.array([one.certainty for one in ranked]),
        labour=np.array([one.labour for one in ranked]),
        in_scope=np.array([case.question.in_scope for case in cases], np.bool_),
        covered=np.array([any(t in covered for t in case.question.topics) for case in cases], np.bool_),
        right=np.array([case.right_at(mode, 1) for case, mode in pairs], np.bool_),
        near=np.array([case.right_at(mode, NEAR) for case, mode in pairs], np.bool_),
        typed=np.array([case.question.typed for case in cases], np.bool_),
        settled=np.array([case.settled for case in cases], np.bool_),
    )


def _mode(case: Case, calibrations: Calibrations, policy: SlowPolicy, name: str) -> Mode:
    if name != SERVED:
        return Mode(name)
    return served_mode(case, policy, lambda weighed, mode: _read(weighed, calibrations[mode]))


def _read(weighed: Weighed, calibration: Calibration) -> Ranked:
    return weighed.read(calibration)


def _fit(cases: Sequence[Case], covered: Mapping[str, object], policy: SlowPolicy) -> tuple[Calibrations, Policy]:
    calibrations = {mode: _calibrated(cases, mode) for mode in Mode if mode in cases[0].weighed}
    return calibrations, fit_policy(decided_cases(cases, covered, calibrations, policy, SERVED))


def _calibrated(cases: Sequence[Case], mode: Mode) -> Calibration:
    """The mode's weights with curves fitted on these questions.

    Certainty is about questions on labour matters (those that the base does not cover are never
    right); for the other curve both kinds weigh the same, however many each file holds.
    """
    inside = [case for case in cases if case.question.in_scope]
    shares = np.array([case.weighed[mode].plain for case in inside])
    right = np.array([float(case.right_at(mode, 1)) for case in inside])
    gates = np.array([case.weighed[mode].gate for case in cases])
    labour = np.array([float(case.question.in_scope) for case in cases])
    balance = np.where(labour > 0, 1 / max(1.0, labour.sum()), 1 / max(1.0, (1 - labour).sum()))
    return replace(
        CALIBRATIONS[mode],
        certainty=fit_share_curve(shares, right, np.ones(len(inside))),
        labour=fit_odds_curve(gates, labour, balance * len(cases) / 2),
    )


def _folds(cases: Sequence[Case], folds: int) -> list[tuple[list[Case], list[Case]]]:
    """Parts to fit on and parts to look at; each fold holds its share of every kind of question."""
    rng = np.random.default_rng(_SEED)
    number = np.zeros(len(cases), np.int64)
    kinds = np.array([2 * case.question.in_scope + case.question.typed for case in cases])
    for kind in np.unique(kinds):
        rows = rng.permutation(np.flatnonzero(kinds == kind))
        number[rows] = np.arange(len(rows)) % folds
    return [
        (
            [case for case, n in zip(cases, number, strict=True) if n != fold],
            [case for case, n in zip(cases, number, strict=True) if n == fold],
        )
        for fold in range(folds)
    ]


def _held(name: str, decided: Decided, choices: Sequence[tuple[Flags, Flags]]) -> Held:
    answered = np.concatenate([chosen[0] for chosen in choices])
    suggested = np.concatenate([chosen[1] for chosen in choices])
    typed = decided.typed | ~decided.in_scope
    return Held(
        name=name,
        typed=outcome_figures(decided.by_persons, answered[typed], suggested[typed]),
        all=outcome_figures(decided, answered, suggested),
        certainty_error=reliability(decided.certainty.tolist(), decided.right.tolist()).error,
        labour_error=reliability(decided.labour.tolist(), decided.in_scope.tolist()).error,
    )


def _slow_share(
    cases: Sequence[Case],
    covered: Mapping[str, object],
    calibrations: Calibrations,
    policy: SlowPolicy,
    thresholds: Policy,
) -> SlowShare:
    """How often the slow encoder is asked under that policy, and how good the answers are."""
    modes = [(case, _mode(case, calibrations, policy, SERVED)) for case in cases if case.question.in_scope]
    known = [(case, mode) for case, mode in modes if any(topic in covered for topic in case.question.topics)]
    decided = decided_cases(cases, covered, calibrations, policy, SERVED)
    return SlowShare(
        sure=policy.sure,
        asked=float(np.mean([mode is Mode.FULL for _, mode in modes])),
        top1=float(np.mean([case.right_at(mode, 1) for case, mode in known])),
        top3=float(np.mean([case.right_at(mode, 3) for case, mode in known])),
        figures=outcome_figures(decided, *decide(decided, thresholds)),
    )


def constants(fitted: Fit) -> str:
    """The fitted numbers as Python, ready for `bot/answers/calibration.py`."""
    lines = []
    for mode, calibration in fitted.calibrations.items():
        weights = ", ".join(f'"{name}": {weight:g}' for name, weight in calibration.fusion.items())
        lines += [
            f"{mode.name} = Calibration(",
            f"    fusion={{{weights}}},",
            f"    certainty=Curve({calibration.certainty.scores}, {calibration.certainty.probabilities}),",
            f"    labour=Curve({calibration.labour.scores}, {calibration.labour.probabilities}),",
            ")",
        ]
    return "\n".join([*lines, "", f"ANSWER_FROM = {fitted.policy.answer}", f"LABOUR_FROM = {fitted.policy.labour}"])
