"""Time as a port: aware UTC inside, Asia/Shanghai at the edges.

Everything that asks for the time or waits gets a `Clock`, so that tests turn it by hand.
"""

import asyncio
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds of this clock's time."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait in real time without blocking the event loop."""
        await asyncio.sleep(seconds)


def local_date(instant: datetime) -> date:
    """The calendar day in China at that instant."""
    return instant.astimezone(SHANGHAI).date()
