"""The live FAQ base with its versions, and the statute texts an operator has loaded."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.knowledge.confirming import LiveVersion
from bot.laws.statutes import StatuteText
from bot.store.revision import base_revision
from bot.store.tables import ArticleRow, EntryRow
from bot.store.upsert import take_turns

_ENTRIES = EntryRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_ARTICLES = ArticleRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_BATCH = 500
_BASE_CHANGES, _LAW_CHANGES = 4_703_214, 4_703_215


class Entries:
    """The rows of `faq_entry`: canonical file texts, every version of them."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def current(self) -> dict[str, str]:
        """The current text of every topic."""
        query = select(_ENTRIES.c.topic, _ENTRIES.c.source).where(_ENTRIES.c.current).order_by(_ENTRIES.c.topic)
        return {row.topic: row.source for row in await self._connection.execute(query)}

    async def revision(self) -> str:
        """A digest of the current base: equal for equal content, whatever the database."""
        query = select(_ENTRIES.c.topic, _ENTRIES.c.digest).where(_ENTRIES.c.current)
        return base_revision({row.topic: row.digest for row in await self._connection.execute(query)})

    async def live(self) -> dict[str, LiveVersion]:
        """The version that is live of every topic, without its text."""
        columns = (_ENTRIES.c.topic, _ENTRIES.c.version, _ENTRIES.c.digest, _ENTRIES.c.saved_at, _ENTRIES.c.saved_by)
        query = select(*columns).where(_ENTRIES.c.current).order_by(_ENTRIES.c.topic)
        rows = await self._connection.execute(query)
        return {row.topic: LiveVersion(row.version, row.digest, row.saved_at, row.saved_by) for row in rows}

    async def take_turn(self) -> None:
        """Let nobody else change the base until this transaction ends: what is seen from now on stays so."""
        await take_turns(self._connection, _BASE_CHANGES)

    async def live_version(self, topic: str) -> int:
        """The number of the version that is live; 0 where none is."""
        query = select(_ENTRIES.c.version).where(_ENTRIES.c.topic == topic, _ENTRIES.c.current)
        return (await self._connection.execute(query)).scalar_one_or_none() or 0

    async def save(self, topic: str, source: str, by: str, now: datetime) -> int | None:
        """Make this the topic's current text: its version number, or None when nothing changed."""
        await take_turns(self._connection, _BASE_CHANGES)
        digest = hashlib.sha256(source.encode()).hexdigest()
        mine = _ENTRIES.c.topic == topic
        known = select(_ENTRIES.c.digest).where(mine, _ENTRIES.c.current)
        if (await self._connection.execute(known)).scalar_one_or_none() == digest:
            return None
        latest = select(func.coalesce(func.max(_ENTRIES.c.version), 0)).where(mine)
        version: int = (await self._connection.execute(latest)).scalar_one() + 1
        await self._connection.execute(update(_ENTRIES).where(mine, _ENTRIES.c.current).values(current=False))
        await self._connection.execute(
            insert(_ENTRIES).values(
                topic=topic, version=version, source=source, digest=digest, current=True, saved_at=now, saved_by=by
            )
        )
        return version

    async def retire(self, topic: str) -> bool:
        """Take a topic out of the live base; its versions stay. False when it was not there."""
        statement = update(_ENTRIES).where(_ENTRIES.c.topic == topic, _ENTRIES.c.current).values(current=False)
        return (await self._connection.execute(statement)).rowcount > 0

    async def source(self, topic: str, version: int) -> str | None:
        """The text of that version, or None."""
        query = select(_ENTRIES.c.source).where(_ENTRIES.c.topic == topic, _ENTRIES.c.version == version)
        return (await self._connection.execute(query)).scalar_one_or_none()

    async def saved_by(self) -> dict[str, str]:
        """Who saved the current version of each topic."""
        query = select(_ENTRIES.c.topic, _ENTRIES.c.saved_by).where(_ENTRIES.c.current)
        return {row.topic: row.saved_by for row in await self._connection.execute(query)}

    async def versions(self, topic: str) -> list[tuple[int, datetime, str]]:
        """All versions of a topic, newest first: number, when, by whom."""
        columns = (_ENTRIES.c.version, _ENTRIES.c.saved_at, _ENTRIES.c.saved_by)
        query = select(*columns).where(_ENTRIES.c.topic == topic).order_by(_ENTRIES.c.version.desc())
        return [(row.version, row.saved_at, row.saved_by) for row in await self._connection.execute(query)]


class Articles:
    """The rows of `law_article`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def replace(self, law: str, articles: Iterable[StatuteText]) -> int:
        """Make these the articles of the law instead of what was there; how many they are."""
        await take_turns(self._connection, _LAW_CHANGES)
        await self._connection.execute(delete(_ARTICLES).where(_ARTICLES.c.law == law))
        rows = [asdict(article) for article in articles]
        for start in range(0, len(rows), _BATCH):
            await self._connection.execute(insert(_ARTICLES), rows[start : start + _BATCH])
        return len(rows)

    async def find(self, law: str, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], StatuteText]:
        """Those of the wanted (article, suffix) pairs whose text has been loaded."""
        query = select(_ARTICLES).where(
            _ARTICLES.c.law == law, _ARTICLES.c.article.in_([article for article, _ in wanted])
        )
        found = {(row.article, row.suffix): row for row in await self._connection.execute(query)}
        return {
            pair: StatuteText(**{name: getattr(found[pair], name) for name in StatuteText.__dataclass_fields__})
            for pair in wanted
            if pair in found
        }

    async def laws(self) -> dict[str, int]:
        """The loaded laws and how many articles each has."""
        query = select(_ARTICLES.c.law, func.count().label("articles")).group_by(_ARTICLES.c.law)
        return {row.law: row.articles for row in await self._connection.execute(query)}

    async def texts(self) -> dict[tuple[str, int, int], str]:
        """The texts of all loaded articles by law, article and suffix."""
        query = select(_ARTICLES.c.law, _ARTICLES.c.article, _ARTICLES.c.suffix, _ARTICLES.c.text)
        return {(row.law, row.article, row.suffix): row.text for row in await self._connection.execute(query)}
