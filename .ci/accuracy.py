"""The accuracy that must hold before a change lands, measured through the batch contract.

    uv run python .ci/accuracy.py --prepare
    uv run python .ci/accuracy.py FOLDER

The first only builds the index, of which the texts take minutes to encode, so that the second
finds it; it may run while there is something else to wait for. FOLDER holds questions-dev.jsonl
and out-of-scope-dev.jsonl. The gate is on all questions on labour matters that persons typed, a
little below what was reached; the other sets are printed beside them. Status 1 when a figure is
missed, 2 when something needed is missing.
"""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bot.answers.assembly import make_rankers
from bot.answers.encoders import Encoder, SlowEncoder, Vectors
from bot.answers.evaluation.figures import labour_sets
from bot.answers.evaluation.questions import Question, load_questions, most_asked
from bot.commands.ask import live_base
from bot.errors import ContentError
from bot.settings import load_configuration

GATED = "in scope"
TOP_1, TOP_3 = 0.72, 0.90
LEAST_ANSWERED, LEAST_PRECISE, MOST_WRONG, LEAST_SHOWN = 0.54, 0.87, 0.08, 0.85
MOST_OTHERS_ANSWERED, MOST_OTHERS_SUGGESTED = 0.03, 0.25
SUGGESTED = 4

PIECE = 2
"""Texts that a process encodes at a time: a few, as the last to be ready is waited for."""

ROOT = Path(__file__).resolve().parent.parent

Answers = dict[str, dict[str, Any]]


def main() -> int:
    """Ask every question, print the figures, and say whether they are good enough."""
    if len(sys.argv) != 2:  # noqa: PLR2004 - the script and its one argument
        print(__doc__, file=sys.stderr)
        return 2
    if sys.argv[1] == "--prepare":
        prepare()
        return 0
    folder = Path(sys.argv[1])
    try:
        questions = load_questions([folder / "questions-dev.jsonl", folder / "out-of-scope-dev.jsonl"])
    except ContentError as error:
        print(error, file=sys.stderr)
        return 2
    answers = ask(questions)
    faults = [
        *check_ranking([question for question in questions if question.in_scope], answers),
        *check_others([question for question in questions if not question.in_scope], answers),
    ]
    for fault in faults:
        print(f"FAILED: {fault}")
    return 1 if faults else 0


def prepare() -> None:
    """Build the index that the questions will be asked of, encoding with one process for each processor."""
    os.environ["OMP_NUM_THREADS"] = "1"  # threads that wait for one another gain nothing beside other work
    os.chdir(ROOT)  # where the command is run that asks the questions
    configuration = load_configuration()
    rankers = make_rankers(configuration.settings, patient=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # by leaving `with`, so that nobody is left behind
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as processes:
        if rankers.slow is not None:
            rankers.slow = Divided(rankers.slow, processes)
        rankers.complete(live_base(configuration))


class Divided:
    """The slow encoder at work in several processes at once; its vectors are the same, and bear its fingerprint."""

    def __init__(self, encoder: Encoder, processes: Executor) -> None:
        self.name, self.dimensions, self.fingerprint = encoder.name, encoder.dimensions, encoder.fingerprint
        self._processes = processes

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text, of length one."""
        pieces = [texts[start : start + PIECE] for start in range(0, len(texts), PIECE)]
        rows = [np.zeros((0, self.dimensions), np.float32), *self._processes.map(encode_piece, pieces)]
        return np.concatenate(rows)


def encode_piece(texts: Sequence[str]) -> Vectors:
    """The vectors of a few texts; called in a process of the pool."""
    return encoder_here().encode(texts)


@cache
def encoder_here() -> SlowEncoder:
    """The encoder of this process."""
    return SlowEncoder()


def check_ranking(questions: Sequence[Question], answers: Answers) -> list[str]:
    """Print how often the first topics are right, set by set; what is missed on the first of them."""
    covered = {topic for answer in answers.values() for topic in answer["topics"]}
    faults = []
    for name, member in labour_sets(most_asked(questions), covered).items():
        for typed in (True, False):
            part = [q for q in questions if member(q) and (q.typed or not typed)]
            label = f"{name}, {'typed' if typed else 'all'}"
            figures = {
                "top-1": right_at(part, answers, 1),
                "top-3": right_at(part, answers, 3),
                **outcomes(part, answers),
            }
            print(f"{label:34s} n={len(part):3d}", *(f" {what} {value:.3f}" for what, value in figures.items()))
            if typed and name == GATED:
                faults = missed(figures)
    return faults


def outcomes(questions: Sequence[Question], answers: Answers) -> dict[str, float]:
    """What the questions get: how many an answer, how many of those the right one, how many see an accepted topic."""
    served = [q for q in questions if answers[q.id]["outcome"] == "answer"]
    right = [q for q in served if answers[q.id]["topics"][0] in q.topics]
    offered = [q for q in questions if answers[q.id]["outcome"] == "suggest"]
    near = [q for q in offered if any(topic in q.topics for topic in answers[q.id]["topics"][:SUGGESTED])]
    number = max(1, len(questions))
    return {
        "answered": len(served) / number,
        "precise": len(right) / max(1, len(served)),
        "wrong": (len(served) - len(right)) / number,
        "shown": (len(right) + len(near)) / number,
    }


def missed(figures: dict[str, float]) -> list[str]:
    """The figures that are not as good as they have to be."""
    least = {"top-1": TOP_1, "top-3": TOP_3, "answered": LEAST_ANSWERED, "precise": LEAST_PRECISE, "shown": LEAST_SHOWN}
    faults = [f"{what} {figures[what]:.3f} is below {limit}" for what, limit in least.items() if figures[what] < limit]
    return [*faults, *([f"wrong {figures['wrong']:.3f} is over {MOST_WRONG}"] if figures["wrong"] > MOST_WRONG else [])]


def check_others(questions: Sequence[Question], answers: Answers) -> list[str]:
    """Print what questions on other matters get; what is missed."""
    outcomes = [answers[question.id]["outcome"] for question in questions]
    shares = {name: share([outcome == name for outcome in outcomes]) for name in ("answer", "suggest", "none")}
    print(f"{'out of scope':34s} n={len(questions):3d}", *(f" {name} {value:.3f}" for name, value in shares.items()))
    limits = {"answer": MOST_OTHERS_ANSWERED, "suggest": MOST_OTHERS_SUGGESTED}
    return [
        f"out of scope: {what} {shares[what]:.3f} is over {most}"
        for what, most in limits.items()
        if shares[what] > most
    ]


def ask(questions: Sequence[Question]) -> Answers:
    """What `gonghui ask --batch` says to each question, by id."""
    with tempfile.TemporaryDirectory() as folder:
        batch, out = Path(folder) / "questions.jsonl", Path(folder) / "answers.jsonl"
        lines = (json.dumps({"id": q.id, "question": q.text}, ensure_ascii=False) for q in questions)
        batch.write_text("\n".join(lines), encoding="utf-8")
        command = [sys.executable, "-m", "bot", "ask", "--batch", str(batch), "--out", str(out)]
        subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - our own program
        answers = [json.loads(line) for line in out.read_text(encoding="utf-8").split("\n") if line]
    return {answer["id"]: answer for answer in answers}


def right_at(questions: Sequence[Question], answers: Answers, k: int) -> float:
    """The share of the questions with an accepted topic among the first k."""
    return share([any(topic in q.topics for topic in answers[q.id]["topics"][:k]) for q in questions])


def share(facts: Sequence[bool]) -> float:
    """How many of them hold; 0 when there is none."""
    return sum(facts) / max(1, len(facts))


if __name__ == "__main__":
    sys.exit(main())
