"""All figures of one evaluation, as one value: what the table, the report and the JSON show."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice

import numpy as np

from bot.answers.evaluation.comparing import Comparison
from bot.answers.evaluation.figures import (
    Row,
    TopicMisses,
    category_rows,
    confusions,
    labour_rows,
    labour_sets,
    latency,
    other_rows,
    worst_topics,
)
from bot.answers.evaluation.fitting import NEAR, Fit
from bot.answers.evaluation.observing import Seen
from bot.answers.evaluation.questions import Question, most_asked
from bot.answers.evaluation.reliability import Reliability, reliability
from bot.answers.evaluation.thresholds import ANSWERS, LABOURS, Decided, figures
from bot.answers.outcome import Policy


@dataclass(frozen=True, slots=True)
class Sweep:
    """The figures over one threshold, the other left as it is; `present` is the one in use."""

    threshold: str
    present: float
    values: tuple[float, ...]
    figures: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Miss:
    """A question on which the first topic is not accepted; shown only when asked for."""

    id: str
    text: str
    wanted: tuple[str, ...]
    got: tuple[str, ...]
    outcome: str
    certainty: float
    labour: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What `gonghui faq eval` found."""

    evaluated_at: str
    revision: str
    entries: int
    policy: Policy
    most_asked: tuple[str, ...]
    labour: tuple[Row, ...]
    others: tuple[Row, ...]
    categories: tuple[Row, ...]
    worst: tuple[TopicMisses, ...]
    confused: tuple[tuple[str, str, int], ...]
    certainty: Reliability
    about_labour: Reliability
    sweeps: tuple[Sweep, ...]
    latency: Mapping[str, float]
    misses: tuple[Miss, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    fit: Fit | None = None

    def as_json(self) -> str:
        """Everything as one JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)


def evaluate(
    seen: Sequence[Seen], covered: Mapping[str, object], revision: str, policy: Policy, now: datetime
) -> Evaluation:
    """The figures of what was seen; `covered` are the topics that may be served."""
    inside = [one for one in seen if one.question.in_scope]
    known = [one for one in inside if _is_covered(one.question, covered)]
    frequent = most_asked(one.question for one in inside)
    return Evaluation(
        evaluated_at=now.isoformat(timespec="seconds"),
        revision=revision,
        entries=len(covered),
        policy=policy,
        most_asked=frequent,
        labour=tuple(labour_rows(inside, labour_sets(frequent, covered))),
        others=tuple(other_rows(seen)),
        categories=tuple(category_rows(known)),
        worst=tuple(worst_topics(known)),
        confused=tuple(confusions(known)),
        certainty=reliability([one.certainty for one in seen], [one.right_at(1) for one in seen]),
        about_labour=reliability([one.labour for one in seen], [one.question.in_scope for one in seen]),
        sweeps=_sweeps(decided_seen(seen, covered), policy),
        latency=latency(seen),
    )


def misses(seen: Sequence[Seen], covered: Mapping[str, object], most: int) -> tuple[Miss, ...]:
    """Questions that the base covers and whose first topic is not accepted, with their texts."""
    found = (_miss(one) for one in seen if _is_covered(one.question, covered) and not one.right_at(1))
    return tuple(islice(found, most))


def decided_seen(seen: Sequence[Seen], covered: Mapping[str, object]) -> Decided:
    """What was seen, as the thresholds see it."""
    return Decided(
        certainty=np.array([one.certainty for one in seen]),
        labour=np.array([one.labour for one in seen]),
        in_scope=np.array([one.question.in_scope for one in seen], np.bool_),
        covered=np.array([_is_covered(one.question, covered) for one in seen], np.bool_),
        right=np.array([one.right_at(1) for one in seen], np.bool_),
        near=np.array([one.right_at(NEAR) for one in seen], np.bool_),
        typed=np.array([one.question.typed for one in seen], np.bool_),
        settled=np.array([one.reason.startswith("small_talk.") for one in seen], np.bool_),
    )


def _is_covered(question: Question, covered: Mapping[str, object]) -> bool:
    return any(topic in covered for topic in question.topics)


def _sweeps(decided: Decided, policy: Policy) -> tuple[Sweep, ...]:
    answer = [Policy(float(value), policy.labour) for value in ANSWERS]
    labour = [Policy(policy.answer, float(value)) for value in LABOURS]
    return (
        _sweep("answer from", policy.answer, ANSWERS.tolist(), decided, answer),
        _sweep("labour from", policy.labour, LABOURS.tolist(), decided, labour),
    )


def _sweep(name: str, present: float, values: Sequence[float], decided: Decided, policies: Sequence[Policy]) -> Sweep:
    rows = [figures(decided, policy) for policy in policies]
    return Sweep(name, present, tuple(values), {key: tuple(row[key] for row in rows) for key in rows[0]})


def _miss(one: Seen) -> Miss:
    question = one.question
    return Miss(
        question.id, question.text, question.topics, one.topics[:3], one.outcome.value, one.certainty, one.labour
    )
