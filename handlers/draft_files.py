"""Files of an unfinished complaint: noted where the channel keeps them, and those that failed spoken of once."""

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.complaints.cases import CaseFile, FileState
from bot.complaints.files.file_desk import new_file_id
from bot.complaints.files.kinds import FileFault, fault_words
from bot.complaints.intake import Draft, Files, Step, current_step, take_file
from bot.inbox import Turn
from bot.messages import Kind, Reply
from handlers.drafts import frame_for, running_draft
from handlers.services import Services
from handlers.speaking import speak

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

_FAILED = (FileState.FAILED, FileState.REFUSED)
_CONSENTS = (Step.ABROAD, Step.PERSONAL_DATA, Step.SENSITIVE_DATA)
"""Nothing is kept of what is sent before these are answered."""

_MEDIA = "media"
_WHERE = (_MEDIA, "picture")
"""What a channel says of where it keeps a file."""


async def take_draft_file(turn: Turn, services: Services) -> Reply | None:
    """Note the file that a running dialogue was sent, to be fetched in the background; None where it takes none."""
    draft = running_draft(turn)
    if draft is None or not turn.message.data.get(_MEDIA):
        return None
    frame = frame_for(turn, services, draft.channel)
    step = current_step(draft, frame)
    # a recording in between is meant as an answer: that we cannot hear it has to be said
    spoken = turn.message.kind is Kind.VOICE and step is not Step.FILES
    unasked = step in _CONSENTS and step not in draft.done
    if not frame.takes_files or spoken or unasked:
        return None
    draft, lost = await settle_failed_files(turn, draft, services)
    id = new_file_id()
    turned = take_file(draft, frame, id)
    if turned.draft is not None and id in _ids(turned.draft):
        turn.then(lambda work: _note(work, turn, services, draft.id, id))
    return speak(turn, turned, services, *lost)


async def settle_failed_files(turn: Turn, draft: Draft, services: Services) -> tuple[Draft, tuple[str, ...]]:
    """The draft without files that could not be had, and what is to be said of them, once."""
    if not _ids(draft):
        return draft, ()
    async with services.complaints.store.read() as work:
        failed = [file for file in await work.files.of_draft(draft.id) if file.state in _FAILED]
    if not failed:
        return draft, ()
    gone = {file.id for file in failed}
    turn.then(lambda work: _forget(work, failed))
    left = Files(tuple(id for id in _ids(draft) if id not in gone))
    why = services.wording(fault_words(FileFault(failed[-1].meta.fault or FileFault.UNREACHABLE)))
    page = f"{services.complaints.base_url}/complain"
    said = services.wording("files.told.earlier", count=len(failed), why=why, page=page)
    return replace(draft, answers={**draft.answers, Step.FILES: left}), (said,)


def _ids(draft: Draft) -> tuple[str, ...]:
    sent = draft.answers.get(Step.FILES)
    return sent.ids if isinstance(sent, Files) else ()


async def _note(work: "UnitOfWork", turn: Turn, services: Services, draft: str, id: str) -> None:
    message = turn.message
    where = {name: message.data[name] for name in _WHERE if message.data.get(name)}
    await services.complaints.files.await_remote(
        work,
        {"channel": message.channel, "to": message.sender, **where},
        by="worker",
        now=turn.now,
        person=turn.person,
        draft=draft,
        id=id,
    )


async def _forget(work: "UnitOfWork", files: list[CaseFile]) -> None:
    for file in files:
        await work.files.delete(file.id)
