"""Confirming an entry as the federation's own legal staff: the version that was looked at, and no other."""

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.answers.knowledge.confirming import confirm_seen
from bot.answers.knowledge.drafts import KnowledgeRefused
from bot.console.pages import read_fields
from bot.console.ports import ConsoleParts
from bot.console.views.knowledge_base import PLACE, KnowledgePage
from bot.console.views.knowledge_live import Takeover
from bot.rights import Right

_NUMBER = re.compile(r"[0-9]{1,9}")


class ConfirmPages(KnowledgePage):
    """The button beside what is live. It says which version was looked at."""

    path = PLACE

    def __init__(self, parts: ConsoleParts) -> None:
        super().__init__(parts)
        self._take_over = Takeover(self.knowledge.keeper)

    @route("/{topic}/confirm", methods=["POST"], name="knowledge-confirm")
    async def confirm(self, request: Request) -> Response:
        """Confirm the live version; readers are told so at once."""
        actor, topic = self.actor(request, Right.CONFIRM_KNOWLEDGE), self.topic(request)
        fields = await read_fields(request)
        version, note = fields.get("version", ""), fields.get("note", "")
        if fields.get("read") != "1":  # the second of two steps, which a browser asks for by itself
            self.say(request, "knowledge.refused.unread", "warning")
            return self.go(request, f"{PLACE}/{topic}")
        try:
            async with self.parts.write() as work:
                number = int(version) if _NUMBER.fullmatch(version) else 0
                await confirm_seen(work, actor, topic, number, note, self.parts.now())
                await work.commit()
        except KnowledgeRefused as refused:
            self.refusal(request, refused)
        else:
            await self._take_over.now()
            self.say(request, "knowledge.done.confirm")
        return self.go(request, f"{PLACE}/{topic}")
