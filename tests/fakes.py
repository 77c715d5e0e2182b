"""Programs that stand in for the outside world in tests."""

import asyncio
from datetime import UTC, datetime, timedelta


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
