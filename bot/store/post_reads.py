"""How often the page of a post was opened: a number for each day, and nothing about anybody."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.publishing_tables import PostReadRow

_TABLE = PostReadRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time


class PostReads:
    """The rows of `post_read`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def count(self, post: str, day: date, times: int = 1) -> None:
        """Count so many more openings of the page on that day."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        adding = dialect.insert(_TABLE).values(post=post, day=day, count=times)
        more = {"count": _TABLE.c.count + adding.excluded["count"]}
        await self._connection.execute(adding.on_conflict_do_update(index_elements=["post", "day"], set_=more))

    async def totals(self, posts: Collection[str] = ()) -> dict[str, int]:
        """How often each page was opened altogether; of all posts where none is named."""
        query = select(_TABLE.c.post, func.sum(_TABLE.c.count).label("total")).group_by(_TABLE.c.post)
        if posts:
            query = query.where(_TABLE.c.post.in_(list(posts)))
        return {row.post: int(row.total) for row in await self._connection.execute(query)}

    async def days(self, post: str) -> dict[date, int]:
        """How often a page was opened on each day, the earliest first."""
        query = select(_TABLE.c.day, _TABLE.c.count.label("times")).where(_TABLE.c.post == post).order_by(_TABLE.c.day)
        return {row.day: row.times for row in await self._connection.execute(query)}
