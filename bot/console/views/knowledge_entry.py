"""One entry: written in plain fields or as the text of its file, looked at as readers will see it, and saved.

Whatever is typed is kept, with its faults; with them it is not submitted. Typed over what somebody else has saved
meanwhile, it stays on the page beside what that was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.answers.entries import COMPLAINT_CATEGORIES, HEADINGS, REQUIRED_HEADINGS
from bot.answers.knowledge.confirming import LONGEST_NOTE
from bot.answers.knowledge.drafts import DraftChanged, DraftFaulty, DraftState, EntryDraft, KnowledgeRefused
from bot.answers.knowledge.form import DAYS, EntryForm, form_of_fields, read_source, write_source
from bot.console.entry_diff import diff_sources
from bot.console.pages import get_member, read_fields
from bot.console.views.knowledge_base import (
    CONFLICT,
    INVALID,
    PLACE,
    KnowledgePage,
    Opened,
    open_topic,
    staff_names,
)
from bot.rights import Right, may

FORM, FILE = "form", "file"
PART = "x-gonghui"
"""With this header a script asks for the preview alone."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What came from the browser. topic: the one it is to have; seen: the state that was looked at; tab: where."""

    topic: str
    form: EntryForm | None
    source: str
    seen: str
    tab: str


class EntryBase(KnowledgePage):
    """Shows one entry with everything that can be done with it."""

    path = PLACE

    async def show_entry(  # noqa: PLR0913 - what the page says, each named
        self,
        request: Request,
        opened: Opened,
        names: Mapping[str, str],
        *,
        typed: Typed | None = None,
        tab: str = FORM,
        problem: str = "",
        conflict: bool = False,
        status: int = 200,
    ) -> Response:
        """The page with the entry as it was typed, else as it stands."""
        member, draft = get_member(request), opened.draft
        source = typed.source if typed else opened.source
        form = (typed.form if typed else None) or read_source(source)
        tab = FILE if form is None else tab
        topic = typed.topic if typed else opened.topic
        checked = self.knowledge.desk.checker.check(topic, source, self.parts.now(), self.entries())
        can_edit = may(member.role, Right.EDIT_KNOWLEDGE)
        waits = draft is not None and draft.state is DraftState.IN_REVIEW
        context = {
            "title": (form.title if form else "") or opened.topic,
            "opened": opened,
            "draft": draft,
            "names": names,
            "topic": topic,
            "form": self._with_titles(form) if form else None,
            "source": source,
            "tab": tab,
            "checked": checked,
            "told": self.by_field(checked),
            "preview": await self.preview(checked.entry) if checked.entry else None,
            "problem": problem,
            "changes": diff_sources(opened.source, source) if conflict else diff_sources(opened.live, source),
            "conflict": conflict,
            "can_edit": can_edit and not waits,
            "can_take_back": can_edit and waits,
            "can_review": waits and may(member.role, Right.APPROVE_KNOWLEDGE),
            "is_own": member.id in opened.writers,
            "who": lambda recorded: self.confirmer(recorded, names),
            "can_confirm": bool(opened.live_version) and may(member.role, Right.CONFIRM_KNOWLEDGE),
            "wrote_live": member.id in opened.live_writers,
            "longest_note": LONGEST_NOTE,
            "headings": HEADINGS,
            "required": REQUIRED_HEADINGS,
            "days": DAYS,
            "regions": self.knowledge.desk.checker.regions,
            "complaint_categories": COMPLAINT_CATEGORIES,
            "laws": self.knowledge.laws,
            "category_name": self.category_name,
        }
        return self.show(request, "knowledge/entry.html", context, status=status)

    def _with_titles(self, form: EntryForm) -> EntryForm:
        """The form with the titles of related entries behind their topics."""
        live = self.entries()
        lines = [line.strip() for line in form.related.splitlines() if line.strip()]
        return replace(form, related="\n".join(f"{one} {live[one].title}" if one in live else one for one in lines))


class EntryPages(EntryBase):
    """Reading, writing and looking at one entry."""

    @route("/{topic}", name="knowledge-entry")
    async def entry(self, request: Request) -> Response:
        """The draft where there is one, else what is live."""
        opened, names = await self._open(self.topic(request))
        return await self.show_entry(request, opened, names, tab=request.query_params.get("tab", FORM))

    @route("/{topic}/preview", methods=["POST"], name="knowledge-preview")
    async def look(self, request: Request) -> Response:
        """What was typed, as readers would see it; nothing is saved. `show` changes to the other way of writing."""
        self.actor(request, Right.EDIT_KNOWLEDGE)
        typed = await self._typed(request)
        if request.headers.get(PART) == "part":
            checked = self.knowledge.desk.checker.check(typed.topic, typed.source, self.parts.now(), self.entries())
            preview = await self.preview(checked.entry) if checked.entry else None
            context = {"checked": checked, "told": self.by_field(checked), "preview": preview}
            return self.show(request, "knowledge/preview.html", context)
        opened, names = await self._open(self.topic(request))
        return await self.show_entry(request, opened, names, typed=typed, tab=typed.tab)

    @route("/{topic}/save", methods=["POST"], name="knowledge-save")
    async def save(self, request: Request) -> Response:
        """Keep what was typed; with `submit` it is handed to a second person too."""
        actor, topic = self.actor(request, Right.EDIT_KNOWLEDGE), self.topic(request)
        typed, submits = await self._typed(request), "submit" in await request.form()
        draft: EntryDraft | None = None
        try:
            draft = await self._keep(request, topic, typed)
            if draft is None and submits:
                self.say(request, "knowledge.unchanged", "warning")
            elif draft is not None and submits:
                async with self.parts.write() as work:
                    await self.knowledge.desk.submit(work, actor, draft.id, draft.version, self.parts.now())
                    await work.commit()
                self.say(request, "knowledge.done.submit")
            else:
                self.say(request, "knowledge.saved" if draft else "knowledge.unchanged")
        except DraftFaulty:
            opened, names = await self._open(draft.topic if draft else topic)
            problem = self.parts.wording("console.knowledge.faulty")
            return await self.show_entry(request, opened, names, tab=typed.tab, problem=problem, status=INVALID)
        except DraftChanged:
            return await self._overtaken(request, topic, typed)
        except KnowledgeRefused as refused:
            problem = self._why(refused)
            opened, names = await self._open(topic)
            return await self.show_entry(
                request, opened, names, typed=typed, tab=typed.tab, problem=problem, status=INVALID
            )
        return self.go(request, f"{PLACE}/{draft.topic if draft else topic}{'?tab=file' if typed.tab == FILE else ''}")

    async def _keep(self, request: Request, topic: str, typed: Typed) -> EntryDraft | None:
        """Save it; None where it says what is there already. Raises DraftChanged for what was not seen."""
        desk, now, actor = self.knowledge.desk, self.parts.now(), self.actor(request)
        async with self.parts.write() as work:
            opened = await open_topic(work, topic)
            if typed.seen != opened.seen:
                raise DraftChanged(opened.draft)
            if opened.draft is None and typed.source.strip() == opened.source.strip():
                return None
            draft = opened.draft or await desk.begin(work, actor, topic, now)
            draft = await desk.save(work, actor, draft.id, draft.version, typed.source, now)
            if opened.is_new and typed.topic != topic:
                draft = await desk.rename(work, actor, draft.id, draft.version, typed.topic, now)
            await work.commit()
        return draft

    async def _overtaken(self, request: Request, topic: str, typed: Typed) -> Response:
        opened, names = await self._open(topic)
        return await self.show_entry(request, opened, names, typed=typed, tab=typed.tab, conflict=True, status=CONFLICT)

    async def _open(self, topic: str) -> tuple[Opened, dict[str, str]]:
        async with self.parts.read() as work:
            return await open_topic(work, topic), await staff_names(work)

    async def _typed(self, request: Request) -> Typed:
        fields = await read_fields(request)
        topic = self.topic(request)
        wanted = fields.get("topic") or topic
        tab = fields.get("show") or fields.get("tab", FORM)
        if fields.get("tab") == FILE:
            return Typed(topic, None, fields.get("source", "") + "\n", fields.get("seen", ""), tab)
        form = form_of_fields({**fields, "related": self._topics(fields.get("related", ""))})
        return Typed(wanted, form, write_source(wanted, form), fields.get("seen", ""), tab)

    def _topics(self, related: str) -> str:
        """The lines with topics in place of titles."""
        titles = {entry.title: topic for topic, entry in self.entries().items()}
        return "\n".join(titles.get(line.strip(), line) for line in related.splitlines())

    def _why(self, refused: KnowledgeRefused) -> str:
        return self.parts.wording(f"console.knowledge.refused.{refused.code}")
