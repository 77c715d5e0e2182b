"""Everything kept under one person's keyed hash, for deleting it."""

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import ConversationRow, InboundRow, QuestionRow, VoteRow

_OWNED = (ConversationRow, QuestionRow, VoteRow, InboundRow)


class People:
    """What belongs to one person across tables."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def forget(self, person: str, keep_key: str = "") -> int:
        """Delete the person's conversation, questions, votes and prepared replies.

        `keep_key` spares the message that asked for it, so that its retry is still known.
        Safe to repeat. Returns how many rows went.
        """
        gone = 0
        for row in _OWNED:
            table = row.__table__  # type: ignore[union-attr]  # SQLModel adds it at run time
            statement = delete(table).where(table.c.person == person)
            if row is InboundRow:
                statement = statement.where(table.c.key != keep_key)
            gone += (await self._connection.execute(statement)).rowcount
        return gone
