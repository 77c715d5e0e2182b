"""Clicks that change what is live: the version they are about, and taking the change over at once in this process."""

import asyncio
import re

import structlog

from bot.answers.keeper import BaseKeeper
from bot.console.ports import ConsoleParts
from bot.console.views.knowledge_base import PLACE, KnowledgePage
from bot.errors import GonghuiError

PATIENCE = 4.0
"""Seconds that somebody waits for the new index."""

_NUMBER = re.compile(r"[0-9]{1,9}")

log = structlog.get_logger(__name__)


class Takeover:
    """Answers from what was changed; other processes notice it by themselves."""

    def __init__(self, keeper: BaseKeeper) -> None:
        self._keeper = keeper
        self._refreshing: set[asyncio.Task[bool]] = set()

    async def now(self) -> bool:
        """Answer from the changed base; whether it can be searched already.

        The texts are live at once; a new index may take longer than somebody waits, and is finished behind the page.
        """
        task = asyncio.create_task(self._refresh())
        self._refreshing.add(task)
        task.add_done_callback(self._refreshing.discard)
        await asyncio.wait({task}, timeout=PATIENCE)
        return task.done() and task.result()

    async def _refresh(self) -> bool:
        """Take the base over; whether that worked. What fails here the refresh job tries again."""
        try:
            await self._keeper.refresh()
        except GonghuiError as error:
            log.warning("knowledge.refresh_failed", cause=type(error).__name__)
            return False
        return True


class LivePages(KnowledgePage):
    """Buttons that change what readers see of an entry."""

    path = PLACE

    def __init__(self, parts: ConsoleParts) -> None:
        super().__init__(parts)
        self.take_over = Takeover(self.knowledge.keeper)


def seen_number(typed: str) -> int:
    """The number of a version as a form sends it; 0, which no version has, for anything else."""
    return int(typed) if _NUMBER.fullmatch(typed) else 0
