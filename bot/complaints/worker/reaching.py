"""Whether a worker can be told by message that there is news: what was granted, spent, and taken back.

A case is reachable as long as one of its links has a grant; whoever changes grants lets that be worked out anew.
"""

from collections.abc import Collection, Iterable
from enum import StrEnum
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


class Chosen(StrEnum):
    """What somebody who follows a case in a chat gets there when there is news."""

    SHOWN = "shown"  # 提醒，并写出内容
    NEUTRAL = "neutral"  # 只提醒，不写内容
    NONE = "none"  # 不要提醒


def chosen_by(grants: Collection[str]) -> Chosen:
    """What these grants of a conversation come to."""
    if MESSAGE not in grants:
        return Chosen.NONE
    return Chosen.SHOWN if CONTENT in grants else Chosen.NEUTRAL


async def choose(work: "UnitOfWork", case_id: str, person: str, chosen: Chosen) -> Chosen | None:
    """Let news of the case reach this person so from now on; what it was before.

    None, and nothing is changed, where the person has no link of a conversation to the case. Without notices the link
    goes too: it was kept for them alone. Does not commit.
    """
    link = await work.links.find(case_id, person)
    before = chosen_by(link.grants) if link is not None else Chosen.NONE
    if link is None or before is Chosen.NONE:
        return None
    if chosen is Chosen.NONE:
        await work.links.delete(link.id)
    elif chosen is not before:
        await work.links.put(link.id, (MESSAGE, CONTENT) if chosen is Chosen.SHOWN else (MESSAGE,))
    await settle(work, (case_id,))
    return before


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
