"""Keeps the answering side on the current revision of the base, with the best index there is.

The base lives in the database; each process parses it and has its own index in the data folder.
A changed base is noticed by `refresh`, which anybody may call at any time. The fast index is in
use within seconds; when the slow encoder's vectors are not there yet, `complete` builds them in
the background and swaps the better index in. What legal staff have confirmed is noticed in the same
way and needs no new index.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import structlog

from bot.answers.base import FaqBase, make_base
from bot.answers.encoders import Encoder
from bot.answers.index import Encoders, Index, Materials, build_index, fingerprint
from bot.answers.index_files import load_index, save_index
from bot.answers.knowledge.confirming import days, read_standing
from bot.answers.knowledge.hit_test import HitReport
from bot.answers.ports import Ranker
from bot.answers.ranking import EnsembleRanker, SlowPolicy
from bot.answers.service import AnswerService

log = structlog.get_logger(__name__)

Progress = Callable[[int, int], object]


@dataclass(slots=True)
class RankerFactory:
    """Makes rankers for bases: loads the index from disk, or builds and saves it."""

    materials: Materials
    folder: Path
    fast: Encoder | None
    slow: Encoder | None
    policy: SlowPolicy = field(default_factory=SlowPolicy)

    def quick(self, base: FaqBase) -> tuple[Ranker, bool]:
        """The best ranker to be had within seconds, and whether it is the complete one."""
        index = self._load(base, self.slow)
        if index is not None:
            return self._ranker(index), True
        index = self._load(base, None)
        if index is None:
            index = self._build(base, None, None)
        return self._ranker(index), self.slow is None

    def complete(self, base: FaqBase, progress: Progress | None = None) -> EnsembleRanker:
        """The ranker with every encoder; takes minutes when the slow vectors are missing."""
        index = self._load(base, self.slow)
        if index is None:
            index = self._build(base, self.slow, progress)
        return self._ranker(index)

    def _load(self, base: FaqBase, slow: Encoder | None) -> Index | None:
        encoders = [encoder for encoder in (self.fast, slow) if encoder]
        return load_index(self._place(slow), fingerprint(base, self.materials, encoders))

    def _build(self, base: FaqBase, slow: Encoder | None, progress: Progress | None) -> Index:
        index = build_index(base, self.materials, Encoders(self.fast, slow, self.folder / "vectors"), progress)
        try:
            save_index(index, self._place(slow))
        except OSError as error:  # a full disk: questions are answered all the same
            log.warning("index.not_saved", cause=type(error).__name__)
        return index

    def _place(self, slow: Encoder | None) -> Path:
        return self.folder / "index" / ("complete" if slow else "quick")

    def _ranker(self, index: Index) -> EnsembleRanker:
        return EnsembleRanker(index, self.materials, self.fast, self.slow, self.policy)


class BaseKeeper:
    """Loads the base and hands it to the service."""

    def __init__(
        self,
        *,
        read: Callable[[], AbstractAsyncContextManager[Any]],
        service: AnswerService,
        rankers: RankerFactory,
    ) -> None:
        self._read = read
        self._service = service
        self._rankers = rankers
        self.is_complete = False
        self._turn = asyncio.Lock()
        self._indexed = ""

    async def refresh(self) -> bool:
        """Take over the current base and its confirmations if they are not those in use; whether they were others.

        Raises ContentError when an entry in the database cannot be read; the old base stays.
        """
        async with self._turn:  # of two at once the one that read first may end last, with the older base
            return await self._refresh()

    async def _refresh(self) -> bool:
        async with self._read() as work:
            revision = await work.entries.revision()
            confirmed_on = days(await read_standing(work))
            if revision == self._indexed == self._service.base.revision:
                return self._note_confirmed(confirmed_on)
            sources = await work.entries.current()
        base = await asyncio.to_thread(make_base, sources, revision, confirmed_on)
        if self._indexed:  # what an entry says is live at once; a new index takes seconds, and the old one serves
            self._service.show(base)
        ranker, self.is_complete = await asyncio.to_thread(self._rankers.quick, base)
        self._service.use(base, ranker)
        self._indexed = revision
        log.info("base.in_use", entries=len(base.entries), revision=revision[:12], complete=self.is_complete)
        return True

    def _note_confirmed(self, confirmed_on: Mapping[str, date]) -> bool:
        """Say of the entries in use what has been confirmed of them; whether that is anything new."""
        base = self._service.base
        if confirmed_on == base.confirmed_on:
            return False
        self._service.show(replace(base, confirmed_on=confirmed_on))
        log.info("base.confirmed", entries=len(base.entries), confirmed=len(confirmed_on))
        return True

    async def explain(self, question: str, on: datetime) -> HitReport:
        """Why a question gets what it gets now, worked out in a thread of its own."""
        return await asyncio.to_thread(self._service.explain, question, on)

    async def complete(self, progress: Progress | None = None) -> None:
        """Bring the index to its best, building what is missing. Safe to repeat."""
        if self.is_complete:
            return
        base = self._service.base
        ranker = await asyncio.to_thread(self._rankers.complete, base, progress)
        if self._service.base.revision == base.revision:
            self._service.use(self._service.base, ranker)  # with what was confirmed while it was built
            self.is_complete = True
            log.info("index.complete", entries=len(base.entries), revision=base.revision[:12])
