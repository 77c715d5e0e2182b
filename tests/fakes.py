"""Programs that stand in for the outside world in tests."""

import asyncio
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np

from bot.answers.base import FaqBase
from bot.answers.encoders import Vectors
from bot.answers.ports import Ranked, Ranker


class FakeClock:
    """A clock that tests turn; sleeping moves it on and lets other tasks run."""

    def __init__(self, start: datetime = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, **by: float) -> None:
        self._now += timedelta(**by)

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds=seconds)
        await asyncio.sleep(0)


class ScriptedRanker:
    """Knows a few words and what they mean; for tests that are not about ranking.

    A question with a word of `answers` means that topic for sure, one with a word of `near` may
    mean any of those topics, and any other question means nothing.
    """

    revision = "scripted"

    def __init__(self, answers: Mapping[str, str], near: Mapping[str, Sequence[str]]) -> None:
        self._answers = answers
        self._near = near

    def rank(self, question: str, allowed: Mapping[str, object]) -> Ranked:
        for word, topic in self._answers.items():
            if word in question and topic in allowed:
                return Ranked((topic,), (0.99,), 0.99, 0.99)
        for word, topics in self._near.items():
            if word in question:
                return Ranked(tuple(t for t in topics if t in allowed), (0.2,) * len(topics), 0.01, 0.99)
        return Ranked((), (), 0.0, 0.0)

    def rank_many(self, questions: Sequence[str], allowed: Mapping[str, object]) -> list[Ranked]:
        return [self.rank(question, allowed) for question in questions]


class FakeEncoder:
    """Vectors from character bigrams: deterministic, quick, of length one; near texts are near."""

    dimensions = 64

    def __init__(self, name: str = "use") -> None:
        self.name = name
        self.fingerprint = f"fake-{name}"
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, texts, strict=True):
            self.encoded.append(text)
            for a, b in pairwise(f" {text} "):
                row[zlib.crc32(f"{a}{b}".encode()) % self.dimensions] += 1
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return (rows / np.maximum(lengths, 1e-9)).astype(np.float32)


class ScriptedRankers:
    """Hands out one scripted ranker for every base, at once."""

    def __init__(self, ranker: ScriptedRanker) -> None:
        self._ranker = ranker

    def quick(self, base: FaqBase) -> tuple[Ranker, bool]:
        return self._ranker, True

    def complete(self, base: FaqBase, progress: object = None) -> Ranker:
        return self._ranker
