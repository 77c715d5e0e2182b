"""Everything kept under one person's keyed hash, for deleting it."""

from sqlalchemy import and_, delete, exists, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.case_tables import CaseFileRow, CaseLinkRow, CaseRow, ReceiptRow
from bot.store.encoding import write_list
from bot.store.staff_tables import WorkerNoticeRow
from bot.store.subscription_tables import SubscriberRow
from bot.store.tables import ConversationRow, InboundRow, QuestionRow, VoteRow
from bot.store.telegram_tables import TelegramUpdateRow
from bot.store.telegram_updates import DONE, EMPTIED, WAITING
from bot.stored_updates import update_of

_OWNED = (ConversationRow, QuestionRow, VoteRow, InboundRow, ReceiptRow, SubscriberRow)
_FILES = CaseFileRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
_LINKS = CaseLinkRow.__table__  # type: ignore[attr-defined]  # see above
_CASES = CaseRow.__table__  # type: ignore[attr-defined]  # see above
_UPDATES = TelegramUpdateRow.__table__  # type: ignore[attr-defined]  # see above
_NO_GRANTS = ("", write_list(()))
_NOTICES = WorkerNoticeRow.__table__  # type: ignore[attr-defined]  # see above


class People:
    """What belongs to one person across tables."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def forget(self, person: str, keep_key: str = "") -> int:
        """Delete the person's conversation, drafts, questions, votes, subscription, prepared replies, links to cases.

        The cases themselves live on by their receipts; whoever has not confirmed a receipt cannot see it again.
        Notices that were to go over the links go with them, and a case without any other link cannot be reached.
        `keep_key` spares the message that asked for it, so that its retry is still known. Updates that wait to be
        answered are emptied, and their numbers stay known; one that came after the message that asked for it is
        of somebody who came back, and is answered.
        Safe to repeat. Returns how many rows went.
        """
        gone = await self._forget_links(person)
        for row in _OWNED:
            table = row.__table__  # type: ignore[union-attr]  # SQLModel adds it at run time
            statement = delete(table).where(table.c.person == person)
            if row is InboundRow:
                statement = statement.where(table.c.key != keep_key)
            gone += (await self._connection.execute(statement)).rowcount
        await self._empty_updates(person, update_of(keep_key))
        return gone + await self._forget_files(person)

    async def _forget_links(self, person: str) -> int:
        links = delete(_LINKS).where(_LINKS.c.person == person).returning(_LINKS.c.id, _LINKS.c.case)
        gone = (await self._connection.execute(links)).all()
        if not gone:
            return 0
        cases = [link.case for link in gone]
        await self._connection.execute(delete(_NOTICES).where(_NOTICES.c.link.in_([link.id for link in gone])))
        left = exists().where(_LINKS.c.case == _CASES.c.id, _LINKS.c.grants.not_in(_NO_GRANTS))
        unreachable = update(_CASES).where(_CASES.c.id.in_(cases), ~left).values(reachable=False)
        await self._connection.execute(unreachable)
        return len(gone)

    async def _forget_files(self, person: str) -> int:
        """Delete the files of drafts; those of cases stay, without the person's name."""
        theirs = _FILES.c.person == person
        gone = (await self._connection.execute(delete(_FILES).where(theirs, _FILES.c.case == ""))).rowcount
        await self._connection.execute(update(_FILES).where(theirs).values(person=""))
        return gone

    async def _empty_updates(self, person: str, last: int | None) -> None:
        """Nobody answers these any more. last: the last one that goes; None: all of them."""
        theirs = and_(_UPDATES.c.person == person, _UPDATES.c.state == WAITING)
        if last is not None:
            theirs = and_(theirs, _UPDATES.c.update_id <= last)
        await self._connection.execute(update(_UPDATES).where(theirs).values(state=DONE, **EMPTIED))
