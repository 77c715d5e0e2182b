"""Why a question found what it found: each component's score of each topic, and the phrasings it comes nearest to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.answers.entries import Entry
from bot.answers.outcome import Outcome, Policy
from bot.answers.ports import Ranked, Ranker
from bot.answers.ranking import EnsembleRanker, standardised
from bot.answers.text import normalise

NEAREST = 3
SHOWN = 5
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """One topic of the ranking. parts: what each component adds to its log odds, by the component's name.

    phrasings: the topic's phrasings that share most with the question, with the share of character pairs.
    """

    topic: str
    title: str
    share: float
    parts: Mapping[str, float]
    phrasings: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class HitReport:
    """What a question would get now, and why. certainty and labour: see `Ranked`; thresholds: those of `Policy`.

    asked: the components that had a say in it. small_talk: the id of the small talk that it is, or nothing. notice:
    what is said first because a person is needed at once.
    """

    question: str
    read_as: str
    outcome: Outcome
    reason: str
    certainty: float
    labour: float
    answer_from: float
    labour_from: float
    hits: tuple[Hit, ...]
    asked: tuple[str, ...] = ()
    small_talk: str = ""
    notice: str = ""


def explain(  # noqa: PLR0913 - what decides, each named
    ranker: Ranker | None,
    policy: Policy,
    served: Mapping[str, Entry],
    question: str,
    *,
    small_talk: str = "",
    notice: str = "",
) -> HitReport:
    """The report on a question, by the same steps by which workers are answered.

    A ranker of another kind than ours is asked for its ranking alone.
    """
    ranked, parts = Ranked((), (), 0.0, 0.0), dict[str, Mapping[str, float]]()
    read_as = normalise(question)
    if isinstance(ranker, EnsembleRanker):
        read_as = ranker.read(question)
    if read_as and served and ranker is not None:
        ranked, parts = _ranked(ranker, question, served)
    outcome, reason = (Outcome.NONE, f"small_talk.{small_talk}") if small_talk else policy.decide(ranked)
    hits = tuple(
        Hit(topic, served[topic].title, share, parts.get(topic, {}), nearest(question, served[topic].ask))
        for topic, share in list(zip(ranked.topics, ranked.scores, strict=True))[:SHOWN]
    )
    return HitReport(
        question=question,
        read_as=read_as,
        outcome=outcome,
        reason=reason,
        certainty=ranked.certainty,
        labour=ranked.labour,
        answer_from=policy.answer,
        labour_from=policy.labour,
        hits=hits,
        asked=tuple(hits[0].parts) if hits else (),
        small_talk=small_talk,
        notice=notice,
    )


def _ranked(
    ranker: Ranker, question: str, served: Mapping[str, Entry]
) -> tuple[Ranked, dict[str, Mapping[str, float]]]:
    """The ranking, and what each component adds to each topic of it."""
    # the entries of a new base are served before they are indexed: then there may be none to weigh
    if not isinstance(ranker, EnsembleRanker) or not ranker.places().keys() & served.keys():
        return ranker.rank(question, served), {}
    evidence = ranker.deciding(question, served)
    ranked = ranker.weigh(evidence, served).read(evidence.calibration)
    weights = evidence.calibration.fusion
    added = {name: weights[name] * standardised(evidence.scores[name]) for name in weights if name in evidence.scores}
    places = ranker.places()
    parts: dict[str, Mapping[str, float]] = {
        topic: {name: float(scores[places[topic]]) for name, scores in added.items()} for topic in ranked.topics[:SHOWN]
    }
    return ranked, parts


def nearest(question: str, phrasings: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """The phrasings that share most character pairs with the question, best first (Dice's coefficient)."""
    asked = _pairs(question)
    shares = [(phrasing, _dice(asked, _pairs(phrasing))) for phrasing in phrasings]
    return tuple(sorted(shares, key=lambda pair: (-pair[1], pair[0]))[:NEAREST])


def _pairs(text: str) -> frozenset[str]:
    plain = normalise(text)
    return frozenset(plain[start : start + _PAIR] for start in range(max(len(plain) - 1, 0)))


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    both = len(one) + len(other)
    return 2 * len(one & other) / both if both else 0.0
