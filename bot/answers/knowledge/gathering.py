"""Gathers questions into clusters off the event loop, and remembers the vectors of those it has seen."""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.answers.encoders import Encoder
from bot.answers.knowledge.clusters import Asked, Cluster, Floats, cluster, distinct

MOST_QUESTIONS = 2000
MOST_KEPT = 4000
_BATCH = 64


@dataclass(slots=True)
class Gatherer:
    """Clusters of questions by one encoder. Vectors stay in memory, as the same questions are looked at again."""

    encoder: Encoder
    _kept: "OrderedDict[str, Floats]" = field(default_factory=OrderedDict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    async def gather(self, asked: Sequence[Asked]) -> list[Cluster]:
        """The clusters of the first two thousand questions."""
        return await asyncio.to_thread(self._gather, asked[:MOST_QUESTIONS])

    def _gather(self, asked: Sequence[Asked]) -> list[Cluster]:
        texts = distinct(asked)
        if not texts:
            return []
        with self._turn:  # two who look at once need the vectors once
            vectors = self._vectors(texts)
        return cluster(asked, vectors)

    def _vectors(self, texts: Sequence[str]) -> Floats:
        new = [text for text in texts if text not in self._kept]
        for start in range(0, len(new), _BATCH):
            batch = new[start : start + _BATCH]
            self._kept.update(zip(batch, self.encoder.encode(batch), strict=True))
        for text in texts:
            self._kept.move_to_end(text)
        rows: Floats = np.stack([self._kept[text] for text in texts])
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return rows
