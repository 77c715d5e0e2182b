"""The versions of an entry, each kept for good, and what differs between them."""

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.console.entry_diff import diff_sources
from bot.console.views.knowledge_base import PLACE, KnowledgePage, Opened, open_topic, pick, staff_names

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork


class VersionPages(KnowledgePage):
    """All versions of an entry, and what differs between any two."""

    path = PLACE

    @route("/{topic}/versions", name="knowledge-versions")
    async def versions(self, request: Request) -> Response:
        """The versions with their differences: asked for, else the latest change."""
        topic = self.topic(request)
        async with self.parts.read() as work:
            opened = await open_topic(work, topic)
            names = await staff_names(work)
            numbers = [str(number) for number, _, _ in opened.versions]
            known = [*(["draft"] if opened.draft else []), *numbers]
            new = pick(known, request.query_params.get("new", ""), known[0])
            before = known[known.index(new) + 1 :]
            old = pick(known, request.query_params.get("old", ""), before[0] if before else "")
            texts = {one: await _text(work, opened, one) for one in {old, new}}
        context = {
            "title": self.entries()[topic].title if topic in self.entries() else topic,
            "opened": opened,
            "known": known,
            "old": old,
            "new": new,
            "changes": diff_sources(texts[old], texts[new] or "") if old else [],
            "whole": texts[new],
            "names": names,
            "by_word": self.by_word,
        }
        return self.show(request, "knowledge/versions.html", context)


async def _text(work: "UnitOfWork", opened: Opened, which: str) -> str | None:
    """The text of a version, or of the draft."""
    if which == "draft" and opened.draft is not None:
        return opened.draft.source
    return await work.entries.source(opened.topic, int(which)) if which else None
