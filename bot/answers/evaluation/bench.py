"""The answering side set up to be measured, and the measurements that need it.

Complete, waiting for every encoder, and encoding each text once: a second measurement of the
same questions costs next to nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import numpy as np

from bot.answers.assembly import make_answers, make_rankers
from bot.answers.base import FaqBase
from bot.answers.calibration import ANSWER_FROM, LABOUR_FROM
from bot.answers.encoders import Encoder
from bot.answers.entries import Entry
from bot.answers.evaluation.cases import Case, Mode, best_mode, weigh_cases
from bot.answers.evaluation.comparing import PLACES, Comparison, Hits, Tried, compare, tried
from bot.answers.evaluation.figures import Member, labour_sets
from bot.answers.evaluation.fitting import Fit, fit
from bot.answers.evaluation.observing import Progress, Seen, observe
from bot.answers.evaluation.questions import Question, most_asked
from bot.answers.evaluation.remembering import Remembering
from bot.answers.evaluation.rivals import (
    Attempt,
    Content,
    OpenFullText,
    bm25_attempts,
    encoder_attempts,
    full_text_attempts,
    make_content,
)
from bot.answers.index import BM25_GRAM
from bot.answers.keeper import RankerFactory
from bot.answers.lexical import grams
from bot.answers.outcome import Policy
from bot.answers.ranking import EnsembleRanker
from bot.answers.service import AnswerService
from bot.answers.text import normalise
from bot.answers.vectors import VectorCache
from bot.errors import ContentError
from bot.settings import Settings
from bot.wording import Wording

Step = Callable[[str], Progress]
"""Begins a step of that name and gives what tells its progress."""

SERVED = "Gonghui, as served"
_OURS = {
    Mode.FULL: "Gonghui, both encoders always",
    Mode.FAST: "Gonghui, without the slow encoder",
    Mode.LEXICAL: "Gonghui, without encoders",
}


@dataclass(frozen=True, slots=True)
class Bench:
    """What is measured, at one instant."""

    service: AnswerService
    ranker: EnsembleRanker
    rankers: RankerFactory
    served: dict[str, Entry]
    on: datetime

    @property
    def policy(self) -> Policy:
        """The thresholds in use."""
        return Policy(ANSWER_FROM, LABOUR_FROM)

    @property
    def encoders(self) -> list[Encoder]:
        """The encoders in use."""
        return [encoder for encoder in (self.rankers.fast, self.rankers.slow) if encoder]


def make_bench(settings: Settings, wording: Wording, base: FaqBase, on: datetime, step: Step) -> Bench:
    """Set the answering side up over that base, building what is missing of its index."""
    rankers = make_rankers(settings, patient=True)
    fast, slow = (Remembering(encoder) if encoder else None for encoder in (rankers.fast, rankers.slow))
    rankers = replace(rankers, fast=fast, slow=slow)
    service = make_answers(settings, wording)
    ranker = rankers.complete(base, step("index"))
    service.use(base, ranker)
    served = service.served(on)
    if not served:
        raise ContentError(["the base holds no entry that may be served; gonghui faq import brings some in"])
    service.answer(next(iter(served.values())).title, on)  # models load on first use; that is no answer's time
    return Bench(service, ranker, rankers, served, on)


def measure(bench: Bench, questions: Sequence[Question], step: Step) -> list[Seen]:
    """What every question gets."""
    return observe(bench.service, questions, bench.on, step("questions"))


def weigh(bench: Bench, seen: Sequence[Seen], step: Step) -> list[Case]:
    """What the ranker knows of every question in every mode."""
    return weigh_cases(bench.ranker, seen, bench.served, step("evidence"))


def fit_cases(bench: Bench, cases: Sequence[Case], folds: int) -> Fit:
    """Curves and thresholds fitted on those questions. Raises ContentError when a kind is missing."""
    for inside in (True, False):
        if sum(case.question.in_scope is inside for case in cases) < 2 * folds:
            kind = "on labour matters" if inside else "out of scope"
            raise ContentError([f"fitting needs {2 * folds} questions {kind} at least"])
    return fit(cases, bench.served, bench.rankers.policy, folds)


def comparisons(
    bench: Bench,
    seen: Sequence[Seen],
    cases: Sequence[Case],
    open_full_text: OpenFullText,
    step: Step,
) -> tuple[Comparison, ...]:
    """Ours and every rival on the questions that the base covers."""
    pairs = [(one, case) for one, case in zip(seen, cases, strict=True) if one.question.in_scope]
    questions = [one.question for one, _ in pairs]
    frequent = most_asked(questions)
    accepted = [question.topics for question in questions]
    correct = bench.rankers.materials.correct
    content = make_content(bench.served, [correct(normalise(question.text)) for question in questions])
    rivals: list[Tried] = []
    attempts = list(_rivals(bench, content, open_full_text))
    advance = step("rivals")
    for number, one in enumerate(attempts, 1):
        rivals += tried(one(), content.topics, accepted)
        advance(number, len(attempts))
    ours = _ours([one for one, _ in pairs], [case for _, case in pairs])
    found = []
    for name, member in _compared_sets(frequent, bench.served).items():
        rows = np.array([member(question) for question in questions], np.bool_)
        if rows.any():
            found.append(compare(name, rows, ours, rivals))
    return tuple(found)


def _compared_sets(frequent: Sequence[str], covered: dict[str, Entry]) -> dict[str, Member]:
    strict, _, known, *_ = labour_sets(frequent, covered).items()
    return {
        f"{strict[0]}, typed": lambda question: strict[1](question) and question.typed,
        f"{known[0]}, typed": lambda question: known[1](question) and question.typed,
        f"{known[0]}, all": known[1],
    }


def _ours(seen: Sequence[Seen], cases: Sequence[Case]) -> list[tuple[str, Hits]]:
    ours: list[tuple[str, Hits]] = [
        (SERVED, tuple(np.array([one.right_at(k) for one in seen], np.bool_) for k in PLACES))
    ]
    for mode in list(Mode)[list(Mode).index(best_mode(cases)) :: -1]:
        hits = tuple(np.array([case.right_at(mode, k) for case in cases], np.bool_) for k in PLACES)
        ours.append((_OURS[mode], hits))
    return ours


def _rivals(bench: Bench, content: Content, open_table: OpenFullText) -> Iterator[Callable[[], Iterator[Attempt]]]:
    """The rivals, each as a call that tries all its settings."""
    words = bench.rankers.materials.segmenter.words

    def characters(text: str) -> list[str]:
        return grams(text, BM25_GRAM)

    yield lambda: bm25_attempts("BM25, jieba words", content, words)
    yield lambda: bm25_attempts("BM25, characters and pairs", content, characters)
    yield lambda: full_text_attempts("SQLite FTS5, trigrams", content, open_table, "trigram", None)
    yield lambda: full_text_attempts("SQLite FTS5, jieba words", content, open_table, "unicode61", words)
    yield lambda: full_text_attempts("SQLite FTS5, characters and pairs", content, open_table, "unicode61", characters)
    for encoder in bench.encoders:
        yield partial(_encoder_attempts, bench, content, encoder)


def _encoder_attempts(bench: Bench, content: Content, encoder: Encoder) -> Iterator[Attempt]:
    phrasings = VectorCache(bench.rankers.folder / "vectors", encoder).get(content.phrasings)
    return encoder_attempts(f"encoder {encoder.name} alone", content, phrasings, encoder.encode(content.questions))
