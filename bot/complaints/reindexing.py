"""Blind indexes made anew after a change of index keys, from what is sealed.

Receipts are the exception: only their hash exists. They are found by the older key as long as it is on the ring.
"""

from typing import TYPE_CHECKING

import structlog

from bot.complaints.desk.employer_register import index_employer
from bot.complaints.files.file_desk import Transactions
from bot.complaints.worker.search_index import index_statement
from bot.errors import CannotOpen
from bot.keyring import KeyRing

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

BATCH = 200


async def rebuild_indexes(write: Transactions, keys: KeyRing) -> tuple[int, int]:
    """Index by the newest key whatever is indexed by an older one; how many subjects were, and how many could not be.

    Batches are transactions of their own; it may be broken off and begun again.
    """
    async with write() as work:
        outdated = await work.blind.outdated(keys.index_version)
    done = failed = 0
    for start in range(0, len(outdated), BATCH):
        async with write() as work:
            for subject in outdated[start : start + BATCH]:
                if await _reindexed(work, keys, subject):
                    done += 1
                else:
                    failed += 1
            await work.commit()
    return done, failed


async def _reindexed(work: "UnitOfWork", keys: KeyRing, subject: str) -> bool:
    try:
        employer = await work.employers.find(subject)
        if employer is not None:
            await index_employer(work, keys, employer)
            return True
        statement = await work.cases.statement(subject)
        if statement is not None:
            await index_statement(work, keys, subject, statement)
            return True
    except CannotOpen as error:
        log.error("index.not_rebuilt", subject=subject, cause=error.detail)
    return False
