"""Choosing the two thresholds: as likely as possible to meet every target.

For each pair of thresholds a figure's distance to its target is counted in standard errors;
the pair with the greatest (weighted) log probability that all targets hold is taken. So each
target gets its margin, and what is out of reach does not decide alone. Questions typed by persons
count twice, among all and by themselves: theirs are the figures that are quoted first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from bot.answers.outcome import Policy

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

ANSWERS = np.round(np.arange(0.30, 0.951, 0.01), 2)
LABOURS = np.round(np.arange(0.05, 0.951, 0.01), 2)
_COARSE = 4


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should be: at least (sign 1) or at most (sign -1) the limit."""

    limit: float
    sign: int
    weight: float = 1.0

    def is_met(self, value: float) -> bool:
        """Whether the figure is as it should be."""
        return self.sign * (value - self.limit) >= 0


TARGETS: Mapping[str, Target] = {
    "answered": Target(0.55, 1),
    "precision": Target(0.88, 1),
    "wrong": Target(0.08, -1, weight=2.0),
    "shown": Target(0.86, 1),
    "others answered": Target(0.03, -1, weight=2.0),
    "others suggested": Target(0.25, -1),
}


@dataclass(frozen=True, slots=True)
class Decided:
    """Calibrated questions as arrays: what the two thresholds decide on, and what is right."""

    certainty: Floats
    labour: Floats
    in_scope: Flags
    covered: Flags
    right: Flags
    near: Flags
    typed: Flags
    settled: Flags

    @property
    def by_persons(self) -> "Decided":
        """The questions typed by persons, and those on other matters."""
        return self.part(self.typed | ~self.in_scope)

    def part(self, rows: Flags) -> "Decided":
        """Some of the questions."""
        return Decided(*(getattr(self, name)[rows] for name in self.__slots__))

    @classmethod
    def joined(cls, parts: Sequence["Decided"]) -> "Decided":
        """The questions of all parts."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__))


def outcome_figures(decided: Decided, answered: Flags, suggested: Flags) -> dict[str, float]:
    """The figures that targets are set for, given which questions are answered and suggested.

    Answers and suggestions are counted over the questions that the base covers, wrong answers
    over all on labour matters.
    """
    right = answered & decided.right
    shown = right | (suggested & decided.near)
    others = ~decided.in_scope
    return {
        "answered": _share(answered, decided.covered),
        "precision": _share(right, answered & decided.in_scope),
        "wrong": _share(answered & ~decided.right, decided.in_scope),
        "shown": _share(shown, decided.covered),
        "others answered": _share(answered, others),
        "others suggested": _share(suggested, others),
    }


def decide(decided: Decided, policy: Policy) -> tuple[Flags, Flags]:
    """Which questions are answered and which get suggestions, as `Policy.decide` has it."""
    inside = (decided.labour >= policy.labour) & ~decided.settled
    answered = inside & (decided.certainty >= policy.answer)
    return answered, inside & ~answered


def figures(decided: Decided, policy: Policy) -> dict[str, float]:
    """The figures under those thresholds."""
    return outcome_figures(decided, *decide(decided, policy))


def fit_policy(decided: Decided) -> Policy:
    """The pair of thresholds that is likeliest to meet every target: a coarse look, then a close one."""
    rough = _best(decided, ANSWERS[::_COARSE], LABOURS[::_COARSE])
    near = _COARSE / 100
    return _best(
        decided,
        ANSWERS[np.abs(ANSWERS - rough.answer) <= near],
        LABOURS[np.abs(LABOURS - rough.labour) <= near],
    )


def _best(decided: Decided, answers: Floats, labours: Floats) -> Policy:
    policies = [Policy(float(answer), float(labour)) for labour in labours for answer in answers]
    parts = (decided, decided.by_persons)
    return max(policies, key=lambda policy: sum(_merit(figures(part, policy), part) for part in parts))


def _merit(values: Mapping[str, float], decided: Decided) -> float:
    inside, others = decided.in_scope.sum(), (~decided.in_scope).sum()
    total = 0.0
    for name, target in TARGETS.items():
        n = max(1, others if name.startswith("others") else inside)
        error = np.sqrt(target.limit * (1 - target.limit) / n)
        total += target.weight * float(log_ndtr(target.sign * (values[name] - target.limit) / error))
    return total


def _share(part: Flags, whole: Flags) -> float:
    return float((part & whole).sum() / max(1, whole.sum()))
