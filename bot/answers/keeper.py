"""Keeps the answering side on the current revision of the base.

The base lives in the database; each process parses it and builds its own index. A changed base
is noticed by `refresh`, which any process may call at any time.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import structlog

from bot.answers.base import FaqBase, make_base
from bot.answers.ports import Ranker
from bot.answers.service import AnswerService

log = structlog.get_logger(__name__)


class EntryReader(Protocol):
    """The part of a unit of work that reads the base."""

    async def current(self) -> dict[str, str]:
        """The current text of every topic."""
        ...

    async def revision(self) -> str:
        """A digest of the current base."""
        ...


class BaseKeeper:
    """Loads the base and hands it to the service."""

    def __init__(
        self,
        *,
        read: Callable[[], AbstractAsyncContextManager[Any]],
        service: AnswerService,
        make_ranker: Callable[[FaqBase], Ranker],
    ) -> None:
        self._read = read
        self._service = service
        self._make_ranker = make_ranker

    async def refresh(self) -> bool:
        """Take over the current base if it is not the one in use; whether it was another.

        Raises ContentError when an entry in the database cannot be read; the old base stays.
        """
        async with self._read() as work:
            revision = await work.entries.revision()
            if revision == self._service.base.revision:
                return False
            sources = await work.entries.current()
        base = make_base(sources, revision)
        ranker = await asyncio.to_thread(self._make_ranker, base)
        self._service.use(base, ranker)
        log.info("base.in_use", entries=len(base.entries), revision=revision[:12])
        return True
