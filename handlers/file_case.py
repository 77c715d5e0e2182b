"""The end of the dialogue: the case is registered in the transaction that keeps the reply."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.complaints.cases import Filing
from bot.complaints.intake import Draft, Frame, make_filing, shows_content
from bot.complaints.worker.reaching import CONTENT, MESSAGE, TEMPLATE
from bot.fitting import utf8_bytes
from bot.inbox import Turn
from bot.messages import Link, Reply
from handlers.services import Services

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

_ROOM = 1900
"""Bytes of the shortest channel's message that may be filled; what stands around them is in it."""


async def file_case(turn: Turn, draft: Draft, frame: Frame, services: Services) -> Reply:
    """Register what was taken down, and tell number, receipt, what happens next and the limits that run."""
    desk = services.complaints.desk
    async with services.complaints.store.read() as work:
        files = tuple(file.id for file in await work.files.of_draft(draft.id))
    filing = make_filing(draft, frame, files=files, person=turn.person, notify=turn.message.sender)
    filing = replace(filing, grants=_grants(filing, draft, frame, services))
    made = desk.registrar.prepare(filing, turn.now)
    turn.then(
        lambda work: desk.registrar.register(
            work,
            filing,
            case_id=made.case_id,
            number=made.number,
            receipt=made.receipt,
            now=turn.now,
            source=turn.source,
        )
    )
    words, told = services.wording, desk.words.after_filing(made, brief=True)
    parts = [told.number, told.receipt, told.keep, told.no_decision]
    hint, links = words("intake.filed_hint"), _subscribing(services) if filing.notify and not frame.may_show else ()
    beside = [hint, *(part for link in links for part in (link.label, link.url))]
    parts += _fitting((*told.guard, *told.next_steps), (*parts, *beside), words("intake.filed_more"))
    return Reply(title=words("intake.filed"), text="\n".join(parts), links=links, hint=hint)


def _grants(filing: Filing, draft: Draft, frame: Frame, services: Services) -> tuple[str, ...]:
    """What we may send there without asking once more."""
    if not filing.notify:
        return ()
    if frame.may_show:
        return (MESSAGE, CONTENT) if shows_content(draft, frame) else (MESSAGE,)
    return (TEMPLATE,) if services.complaints.settings.notices.wechat == "template" else ()


def _fitting(lines: Sequence[str], there: Sequence[str], more: str) -> list[str]:
    """The lines that fit beside what is there, in order; where one does not, `more` says that there are others."""
    if utf8_bytes("\n".join((*there, *lines))) <= _ROOM:
        return list(lines)
    kept: list[str] = []
    for line in lines:
        if utf8_bytes("\n".join((*there, *kept, line, more))) <= _ROOM:
            kept.append(line)
    return [*kept, more]


def _subscribing(services: Services) -> tuple[Link, ...]:
    """Where a worker who wants notices has to subscribe, if the account's notices are of that kind."""
    notices = services.complaints.settings.notices
    if notices.wechat != "subscribe":
        return ()
    return (Link(services.wording("notices.subscribe"), notices.subscribe_page),)


def drop_files(turn: Turn, draft: str) -> None:
    """Delete the files of a draft that was given up; their bytes are swept."""

    async def delete(work: "UnitOfWork") -> None:
        for file in await work.files.of_draft(draft):
            await work.files.delete(file.id)

    turn.then(delete)
