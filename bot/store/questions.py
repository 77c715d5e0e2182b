"""Recorded questions and votes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.answers.outcome import OTHER_LAW
from bot.keyring import KeyRing
from bot.store.knowledge_tables import QuestionMarkRow
from bot.store.tables import QuestionRow, VoteRow
from bot.store.upsert import upsert

_QUESTIONS = QuestionRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_VOTES = VoteRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_MARKS = QuestionMarkRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_RECORD = insert(_QUESTIONS)


@dataclass(frozen=True, slots=True)
class RecordedQuestion:
    """A question as kept: redacted text, what was answered, and the vote if there is one."""

    id: str
    asked_at: datetime
    channel: str
    text: str
    outcome: str
    reason: str
    topics: tuple[str, ...]
    scores: tuple[float, ...]
    helpful: bool | None


@dataclass(frozen=True, slots=True)
class Unsatisfied:
    """A question that got no answer, or one that did not help. disliked: the entry that did not help, or nothing."""

    question: RecordedQuestion
    disliked: str


class Questions:
    """The rows of `question`. Texts come in redacted; they are sealed here."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection = connection
        self._keys = keys

    async def record(  # noqa: PLR0913 - a row has that many columns, all named
        self,
        *,
        id: str,
        asked_at: datetime,
        channel: str,
        person: str,
        text: str,
        outcome: str,
        reason: str,
        topics: Sequence[str],
        scores: Sequence[float],
        base: str,
    ) -> None:
        """Keep one question."""
        row = {
            "id": id,
            "asked_at": asked_at,
            "channel": channel,
            "person": person,
            "text": self._keys.seal(text.encode(), f"question.text:{id}"),
            "outcome": outcome,
            "reason": reason,
            "topics": json.dumps(list(topics)),
            "scores": json.dumps([round(score, 4) for score in scores]),
            "base": base,
        }
        await self._connection.execute(_RECORD, row)

    async def recent(self, limit: int) -> list[RecordedQuestion]:
        """The latest questions, newest first."""
        vote = _VOTES.c.helpful.label("helpful")
        query = (
            select(_QUESTIONS, vote)
            .outerjoin(_VOTES, _VOTES.c.question == _QUESTIONS.c.id)
            .order_by(_QUESTIONS.c.asked_at.desc())
            .limit(limit)
        )
        return [self._recorded(row, helpful=row.helpful) for row in await self._connection.execute(query)]

    async def unsatisfied(self, since: datetime, limit: int, *, other_law: bool = False) -> list[Unsatisfied]:
        """Questions without an answer, and those whose answer did not help, that staff have made nothing of yet.

        Small talk needs no answer of ours and is left out. other_law: only those taken for another field of law
        instead, among which may be some that were not.
        """
        voted = (  # a person may vote on several entries that one question led to
            select(_VOTES.c.question, func.min(_VOTES.c.topic).label("disliked"))
            .where(_VOTES.c.helpful.is_(False), _VOTES.c.question != "")
            .group_by(_VOTES.c.question)
            .subquery()
        )
        helped = select(_VOTES.c.question).where(_VOTES.c.helpful.is_(True), _VOTES.c.question != "")
        unanswered = and_(
            _QUESTIONS.c.outcome != "answer", _QUESTIONS.c.reason == "", _QUESTIONS.c.id.not_in(helped)
        )  # from what was suggested a person may have picked what helped
        wanted = _QUESTIONS.c.reason == OTHER_LAW if other_law else or_(unanswered, voted.c.question.is_not(None))
        query = (
            select(_QUESTIONS, voted.c.disliked)
            .outerjoin(voted, voted.c.question == _QUESTIONS.c.id)
            .outerjoin(_MARKS, _MARKS.c.question == _QUESTIONS.c.id)
            .where(_QUESTIONS.c.asked_at >= since, _MARKS.c.question.is_(None))
            .where(wanted)
            .order_by(_QUESTIONS.c.asked_at.desc(), _QUESTIONS.c.id)
            .limit(limit)
        )
        rows = await self._connection.execute(query)
        return [
            Unsatisfied(self._recorded(row, helpful=False if row.disliked else None), row.disliked or "")
            for row in rows
        ]

    def _recorded(self, row: Row[Any], *, helpful: bool | None) -> RecordedQuestion:
        return RecordedQuestion(
            id=row.id,
            asked_at=row.asked_at,
            channel=row.channel,
            text=self._keys.open(row.text, f"question.text:{row.id}").decode(),
            outcome=row.outcome,
            reason=row.reason,
            topics=tuple(json.loads(row.topics)),
            scores=tuple(json.loads(row.scores)),
            helpful=helpful,
        )

    async def frequent_topics(self, since: datetime, limit: int) -> list[str]:
        """Topics answered most often since then, most first."""
        first = _QUESTIONS.c.topics
        query = (
            select(first, func.count().label("n"))
            .where(_QUESTIONS.c.outcome == "answer", _QUESTIONS.c.asked_at >= since)
            .group_by(first)
            .order_by(func.count().desc())
            .limit(200)
        )
        counts: dict[str, int] = {}
        for row in await self._connection.execute(query):
            topics = json.loads(row.topics)
            if topics:
                counts[topics[0]] = counts.get(topics[0], 0) + row.n
        return sorted(counts, key=lambda topic: -counts[topic])[:limit]

    async def count(self) -> int:
        """How many questions are kept."""
        return (await self._connection.execute(select(func.count()).select_from(_QUESTIONS))).scalar_one()

    async def delete_before(self, asked_before: datetime) -> int:
        """Forget questions older than that; how many there were."""
        statement = delete(_QUESTIONS).where(_QUESTIONS.c.asked_at < asked_before)
        return (await self._connection.execute(statement)).rowcount


class Votes:
    """The rows of `vote`."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def cast(  # noqa: PLR0913 - a row has that many columns, all named
        self, *, person: str, topic: str, question: str, channel: str, helpful: bool, now: datetime
    ) -> None:
        """Count this vote; a person's earlier vote on the entry is replaced. Safe to repeat."""
        values = {"question": question, "channel": channel, "helpful": helpful, "voted_at": now}
        await upsert(self._connection, _VOTES, {"person": person, "topic": topic}, values)

    async def tallies(self) -> dict[str, tuple[int, int]]:
        """Of every topic with votes: how many found it helpful, and how many did not."""
        votes = func.count().label("votes")
        query = select(_VOTES.c.topic, _VOTES.c.helpful, votes).group_by(_VOTES.c.topic, _VOTES.c.helpful)
        tallies: dict[str, tuple[int, int]] = {}
        for row in await self._connection.execute(query):
            helpful, not_helpful = tallies.get(row.topic, (0, 0))
            tallies[row.topic] = (
                (helpful + row.votes, not_helpful) if row.helpful else (helpful, not_helpful + row.votes)
            )
        return tallies

    async def tally(self, topic: str) -> tuple[int, int]:
        """How many found the entry helpful, and how many did not."""
        votes = func.count().label("votes")
        query = select(_VOTES.c.helpful, votes).where(_VOTES.c.topic == topic).group_by(_VOTES.c.helpful)
        counts = {row.helpful: row.votes for row in await self._connection.execute(query)}
        return counts.get(True, 0), counts.get(False, 0)

    async def delete_before(self, voted_before: datetime) -> int:
        """Forget votes older than that; how many there were."""
        return (await self._connection.execute(delete(_VOTES).where(_VOTES.c.voted_at < voted_before))).rowcount
