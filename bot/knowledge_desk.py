"""Wires the knowledge desk: what its pages work with, and its jobs."""

from collections.abc import Sequence
from datetime import date

from bot.answers.compose import Composer
from bot.answers.encoders import Encoder, FastEncoder
from bot.answers.entries import Entry
from bot.answers.knowledge.checking import EntryChecker
from bot.answers.knowledge.desk import KnowledgeDesk
from bot.answers.knowledge.gathering import Gatherer
from bot.app import Program, staff_roads
from bot.channels.wechat.render import TEXT_BYTES, render_text
from bot.console.ports import AsMessage, KnowledgeParts
from bot.fitting import utf8_bytes
from bot.laws.register_files import load_register
from bot.ops.housekeeping import PURGE_EVERY
from bot.ops.jobs import Figures, Job
from bot.site.entry_preview import EntryPreview
from bot.staff.entry_reviewers import EntryReviewers

_UNLIMITED = 1_000_000
DOCUMENTS = "documents"
"""Stands for the kind of what is cited without being a law."""


def make_knowledge_parts(program: Program, encoder: Encoder | None = None) -> KnowledgeParts:
    """What the pages of the knowledge desk are made of. encoder: by which questions are gathered."""
    settings, wording = program.configuration.settings, program.wording
    register = load_register(settings.content_dir / "laws")
    laws: dict[str, list[str]] = {}
    for law in register.laws.values():
        if not law.is_repealed:
            laws.setdefault(law.kind, []).append(law.name)
    laws[DOCUMENTS] = sorted(register.documents)
    page = EntryPreview(wording, settings.federation, program.store.read, takes_complaints=settings.complaints.enabled)
    return KnowledgeParts(
        desk=KnowledgeDesk(
            checker=EntryChecker(register=register, regions=settings.federation.regions),
            reviewers=EntryReviewers(staff_roads(settings), program.clock),
        ),
        answers=program.answers,
        keeper=program.keeper,
        gatherer=Gatherer(encoder or FastEncoder()),
        law_reviews=program.newsroom.law_reviews,
        categories={name: wording(f"category.{name}") for name in wording("site.categories").split()},
        laws=laws,
        as_page=page.page,
        as_message=_Messages(program).render,
    )


class _Messages:
    """Entries as workers get them in WeChat."""

    def __init__(self, program: Program) -> None:
        settings = program.configuration.settings
        federation = settings.federation
        self._base = settings.web.base_url or ""
        self._composer = Composer(
            program.wording, federation.hotline, federation.regions, takes_complaints=settings.complaints.enabled
        )

    def render(self, entry: Entry, related: Sequence[Entry], on: date, confirmed_on: date | None = None) -> AsMessage:
        """The message that day, and how long it would be if nothing had to be cut."""
        reply = self._composer.entry(entry, related, on, confirmed_on=confirmed_on)
        whole = utf8_bytes(render_text(reply, self._base, _UNLIMITED))
        return AsMessage(render_text(reply, self._base), whole, TEXT_BYTES)


def make_knowledge_jobs(program: Program) -> tuple[Job, ...]:
    """The jobs of the knowledge desk: what was made of questions is forgotten with them."""

    async def forget_marks() -> Figures:
        async with program.store.write() as work:
            gone = await work.entry_drafts.forget_marks()
            await work.commit()
        return {"rows": gone}

    return (Job("forget_question_marks", PURGE_EVERY, forget_marks),)
