"""Confirming an entry as the federation's own legal staff, and taking that back: the version that was looked at."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.answers.knowledge.confirming import confirm_seen, withdraw_seen
from bot.answers.knowledge.drafts import KnowledgeRefused
from bot.console.pages import read_fields
from bot.console.views.knowledge_base import PLACE
from bot.console.views.knowledge_live import LivePages, seen_number
from bot.rights import Right

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

Change = Callable[["UnitOfWork", int], Awaitable[object]]
"""What is done with the version of that number."""


class ConfirmPages(LivePages):
    """The buttons beside what is live. Each says which version was looked at."""

    @route("/{topic}/confirm", methods=["POST"], name="knowledge-confirm")
    async def confirm(self, request: Request) -> Response:
        """Confirm the live version; readers are told so at once."""
        actor, topic, now = self.actor(request, Right.CONFIRM_KNOWLEDGE), self.topic(request), self.parts.now()
        fields = await read_fields(request)
        if fields.get("read") != "1":  # the second of two steps, which a browser asks for by itself
            self.say(request, "knowledge.refused.unread", "warning")
            return self.go(request, f"{PLACE}/{topic}")
        note = fields.get("note", "")
        return await self._do(
            request, "confirm", lambda work, version: confirm_seen(work, actor, topic, version, note, now)
        )

    @route("/{topic}/withdraw-confirmation", methods=["POST"], name="knowledge-withdraw-confirmation")
    async def withdraw(self, request: Request) -> Response:
        """Take the confirmation of the live version back; readers are told at once that it is general information."""
        actor, topic, now = self.actor(request, Right.CONFIRM_KNOWLEDGE), self.topic(request), self.parts.now()
        why = (await read_fields(request)).get("why", "")
        return await self._do(
            request, "withdraw", lambda work, version: withdraw_seen(work, actor, topic, version, why, now)
        )

    async def _do(self, request: Request, what: str, change: Change) -> Response:
        fields, topic = await read_fields(request), self.topic(request)
        try:
            async with self.parts.write() as work:
                await change(work, seen_number(fields.get("version", "")))
                await work.commit()
        except KnowledgeRefused as refused:
            self.refusal(request, refused)
        else:
            await self.take_over.now()
            self.say(request, f"knowledge.done.{what}")
        return self.go(request, f"{PLACE}/{topic}")
