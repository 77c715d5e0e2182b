"""The letters that ask whether an address is somebody's own, and those that say that it has subscribed already.

A letter is taken off the list before it is sent: who dies in between leaves somebody without it, who asks again; what
surely was not sent is put back.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from bot.clock import Clock
from bot.subscriptions.links import Links
from bot.subscriptions.ports import Ended, Ending, Open
from bot.subscriptions.subscribers import Letter, LetterKind
from bot.wording import Wording

MOST_LETTERS = 20
"""With one knock."""

_KEPT_FOR = timedelta(days=30)
_AGAIN_AFTER = timedelta(minutes=5)


class Postman(Protocol):
    """Sends letters by mail."""

    async def letter(self, address: str, subject: str, text: str, *, key: str) -> Ending:
        """Send it once. Never raises for what the server does."""
        ...


class LetterRound:
    """Writes and sends the letters that are due. federation: its name."""

    def __init__(  # noqa: PLR0913 - what it is made of, all named
        self, *, write: Open, postman: Postman | None, links: Links, wording: Wording, clock: Clock, federation: str
    ) -> None:
        self._write = write
        self._postman = postman
        self._links = links
        self._wording = wording
        self._clock = clock
        self._federation = federation

    async def run(self) -> Mapping[str, int]:
        """Send what is due; how many had which outcome. Safe to repeat, in several processes too."""
        figures: Counter[str] = Counter()
        if self._postman is None:
            return figures
        now = self._clock.now()
        async with self._write() as work:
            letters = await work.subscribers.take_letters(now, MOST_LETTERS)
            await work.commit()
        for letter in letters:
            subject, text = self._written(letter, now)
            ending = await self._postman.letter(letter.address, subject, text, key=self._key(letter, now))
            figures[ending.ended.value] += 1
            if ending.ended is Ended.PUT_OFF:
                async with self._write() as work:
                    again = self._clock.now() + (ending.rest or _AGAIN_AFTER)
                    await work.subscribers.put_off_letter(letter.subscriber, letter.kind, again)
                    await work.commit()
        return figures

    async def forget(self) -> Mapping[str, int]:
        """Delete subscriptions that ended, or were never confirmed, some weeks ago; how many."""
        async with self._write() as work:
            gone = await work.subscribers.forget_ended(self._clock.now() - _KEPT_FOR)
            gone += await work.broadcasts.forget_before(self._clock.now() - 6 * _KEPT_FOR)
            await work.commit()
        return {"rows": gone}

    def _written(self, letter: Letter, now: datetime) -> tuple[str, str]:
        words = self._wording
        if letter.kind is LetterKind.CONFIRM:
            page = self._links.confirm_page(letter.subscriber, now)
            return (
                words("subscription.confirm.subject", federation=self._federation),
                words("subscription.confirm.text", federation=self._federation, page=page),
            )
        page = self._links.manage_page(letter.subscriber)
        return (
            words("subscription.known.subject", federation=self._federation),
            words("subscription.known.text", federation=self._federation, page=page),
        )

    def _key(self, letter: Letter, now: datetime) -> str:
        return f"{letter.kind.value}-{letter.subscriber}-{int(now.timestamp())}"
