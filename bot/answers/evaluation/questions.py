"""Labelled questions: the file format, and which topics are asked most.

One JSON object a line: `id`, `question`, `topics` (accepted topics, the best first; empty for a
question on other matters), and optionally `typed_by_person` and `work_like_words`.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import ContentError

MOST_ASKED = 40


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the topics that would answer it; none when it is out of scope.

    typed: written by a person, not paraphrased by a machine; work_like: out of scope, yet using
    the words of working life.
    """

    id: str
    text: str
    topics: tuple[str, ...]
    typed: bool = False
    work_like: bool = False

    @property
    def in_scope(self) -> bool:
        """Whether it is about labour matters."""
        return bool(self.topics)


def load_questions(paths: Iterable[Path]) -> list[Question]:
    """The questions of the files, in order. Raises ContentError with every fault, by file and line."""
    faults: list[str] = []
    found: dict[str, tuple[str, Question]] = {}
    for path in paths:
        for where, line in _lines(path, faults):
            question = _question(line)
            if question is None:
                faults.append(f'{where}: must be a JSON object with "id", "question" and the list "topics"')
            elif question.id in found:
                faults.append(f"{where}: id: {question.id!r} stands at {found[question.id][0]} already")
            else:
                found[question.id] = where, question
    if not found and not faults:
        faults.append("the files hold no questions")
    if faults:
        raise ContentError(faults)
    return [question for _, question in found.values()]


def most_asked(questions: Iterable[Question], n: int = MOST_ASKED) -> tuple[str, ...]:
    """The topics accepted most often; among equals those that come first more often, then by name."""
    accepted: Counter[str] = Counter()
    first: Counter[str] = Counter()
    for question in questions:
        accepted.update(set(question.topics))
        first.update(question.topics[:1])
    return tuple(sorted(accepted, key=lambda topic: (-accepted[topic], -first[topic], topic))[:n])


def _lines(path: Path, faults: list[str]) -> Iterator[tuple[str, str]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        faults.append(f"{path}:1: cannot be read ({type(error).__name__})")
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield f"{path}:{number}", line


def _question(line: str) -> Question | None:
    try:
        raw: Any = json.loads(line)
    except ValueError:
        return None
    if not isinstance(raw, dict) or "id" not in raw or not isinstance(raw.get("question"), str):
        return None
    topics = raw.get("topics")
    if not isinstance(topics, Sequence) or isinstance(topics, str) or not all(isinstance(t, str) for t in topics):
        return None
    typed, work_like = raw.get("typed_by_person", False), raw.get("work_like_words", False)
    return Question(str(raw["id"]), raw["question"], tuple(topics), bool(typed), bool(work_like))
