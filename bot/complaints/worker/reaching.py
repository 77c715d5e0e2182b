"""Whether a worker can be told by message that there is news: what was granted, spent, and taken back.

A case is reachable as long as one of its links has a grant; whoever changes grants lets that be worked out anew.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

TEMPLATE = "template"
"""The worker asked for notices and follows the account: good until it is taken back."""

SUBSCRIPTION = "subscription"
"""The worker has subscribed: good for one notice, or with a lasting subscription until it is taken back."""

MESSAGE = "message"
"""The worker has begun a conversation with our bot and asked for notices: good until the bot is blocked."""

CONTENT = "content"
"""The same worker wants to read there what a cadre wrote, not only that there is news."""


async def grant(work: "UnitOfWork", person: str, kind: str, *, lasting: bool = False) -> str:
    """Keep one grant for a case of this person that asked for notices; its id, or nothing where there is none.

    A lasting grant holds for every such case, and once is enough. Does not commit.
    """
    if lasting:
        await work.links.take(person, kind)
        cases = await work.links.give_everywhere(person, kind)
    else:
        case = await work.links.give_person(person, kind)
        cases = (case,) if case else ()
    await settle(work, cases)
    return cases[0] if cases else ""


async def revoke(work: "UnitOfWork", person: str, kind: str) -> tuple[str, ...]:
    """Forget all grants of that kind of this person; the cases concerned. Safe to repeat. Does not commit."""
    cases = await work.links.take(person, kind)
    await settle(work, cases)
    return cases


async def unlink(work: "UnitOfWork", person: str) -> None:
    """Forget where news for this person would go. Safe to repeat. Does not commit."""
    await settle(work, await work.links.forget(person))


async def settle(work: "UnitOfWork", cases: Iterable[str]) -> None:
    """Let these cases say whether their worker can be told by message."""
    for case_id in cases:
        reachable = any(link.grants for link in await work.links.of(case_id))
        await work.cases.mark_reachable(case_id, reachable)
