"""What is done with a draft as a whole: taken back, agreed to, returned, renewed, given up."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.answers.knowledge.drafts import DraftChanged, DraftFaulty, EntryDraft, KnowledgeRefused, UnknownDraft
from bot.console.pages import read_fields
from bot.console.views.knowledge_base import PLACE
from bot.console.views.knowledge_live import LivePages, seen_number

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

Act = Callable[["UnitOfWork", str, int], Awaitable[EntryDraft]]


class DraftActs(LivePages):
    """The buttons beside a draft. Each says which version of it was seen."""

    @route("/{topic}/take-back", methods=["POST"], name="knowledge-take-back")
    async def take_back(self, request: Request) -> Response:
        """Go on writing."""
        desk, actor, now = self.knowledge.desk, self.actor(request), self.parts.now()
        return await self._do(request, "take_back", lambda work, id, v: desk.take_back(work, actor, id, v, now))

    @route("/{topic}/return", methods=["POST"], name="knowledge-return")
    async def return_(self, request: Request) -> Response:
        """Give it back with what has to change."""
        desk, actor, now = self.knowledge.desk, self.actor(request), self.parts.now()
        comment = (await read_fields(request)).get("comment", "")
        return await self._do(request, "return", lambda work, id, v: desk.return_(work, actor, id, v, comment, now))

    @route("/{topic}/agree", methods=["POST"], name="knowledge-agree")
    async def agree(self, request: Request) -> Response:
        """Let it go live; this process answers from it at once."""
        desk, actor, now = self.knowledge.desk, self.actor(request), self.parts.now()
        return await self._do(request, "agree", lambda work, id, v: desk.agree(work, actor, id, v, now))

    @route("/{topic}/renew", methods=["POST"], name="knowledge-renew")
    async def renew(self, request: Request) -> Response:
        """It has been compared with what went live meanwhile."""
        desk, actor, now = self.knowledge.desk, self.actor(request), self.parts.now()
        return await self._do(request, "renew", lambda work, id, v: desk.renew(work, actor, id, v, now))

    @route("/{topic}/drop", methods=["POST"], name="knowledge-drop")
    async def drop(self, request: Request) -> Response:
        """Give the draft up."""
        desk, actor, now = self.knowledge.desk, self.actor(request), self.parts.now()
        return await self._do(request, "drop", lambda work, id, v: desk.drop(work, actor, id, v, now))

    async def _do(self, request: Request, what: str, act: Act) -> Response:
        topic = self.topic(request)
        draft_id, _, version = (await read_fields(request)).get("seen", "").partition(".")
        try:
            async with self.parts.write() as work:
                await act(work, draft_id, seen_number(version))
                await work.commit()
        except KnowledgeRefused as refused:
            self.refusal(request, refused)
        except (UnknownDraft, DraftChanged):
            self.say(request, "knowledge.changed", "warning")
        except DraftFaulty:
            self.say(request, "knowledge.faulty", "warning")
        else:
            await self._done(request, what)
        return self.go(request, await self._where(topic))

    async def _done(self, request: Request, what: str) -> None:
        if what == "agree" and not await self.take_over.now():
            self.say(request, "knowledge.live_soon")
            return
        self.say(request, f"knowledge.done.{what}")

    async def _where(self, topic: str) -> str:
        """The page of the topic; the list where nothing of it is left."""
        async with self.parts.read() as work:
            there = await work.entry_drafts.open_of(topic) or await work.entries.versions(topic)
        return f"{PLACE}/{topic}" if there else PLACE
