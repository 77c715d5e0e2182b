"""How long a person looks at a loading page."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.errors import StoreUnavailable


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """Give what happens inside that much time, then break it off. Raises StoreUnavailable."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise StoreUnavailable("took too long") from None
