"""Entries that have run out or have to be read again: by their own dates, or because a law has changed."""

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.answers.knowledge.confirming import read_standing
from bot.console.pages import get_member
from bot.console.views.knowledge_base import KnowledgePage
from bot.console.views.knowledge_entries import rows_of
from bot.publishing.errors import NotAllowed, UnknownLawReview
from bot.publishing.law_reviews import Kind
from bot.rights import Right, may

GROUPS = ("expired", "overdue", "ending", "review_soon")
"""The flags of an entry that say so."""


class DuePages(KnowledgePage):
    """What has to be read again, what no longer holds first."""

    menu_label = "过期与待复核"
    icon = "fa-solid fa-hourglass-half"
    path = "/knowledge/due"

    @route("", name="knowledge-due")
    async def due(self, request: Request) -> Response:
        """The entries by how urgent they are, and the laws that have changed."""
        today, now = self.parts.today(), self.parts.now()
        async with self.parts.read() as work:
            drafts, votes = await work.entry_drafts.list(), await work.votes.tallies()
            reviews = [one for one in await self.knowledge.law_reviews.list(work, now) if one.kind is Kind.ENTRY]
            confirmed = await read_standing(work)
        rows = rows_of(self.entries(), drafts, votes, today, confirmed)
        context = {
            "groups": [(name, [row for row in rows if name in row.flags]) for name in GROUPS],
            "reviews": reviews,
            "today": today,
            "may_edit": may(get_member(request).role, Right.EDIT_KNOWLEDGE),
        }
        return self.show(request, "knowledge/due.html", context)

    @route("/law/{id}", methods=["POST"], name="knowledge-law-done")
    async def law_done(self, request: Request) -> Response:
        """Somebody has read the entry against the changed law."""
        actor, id = self.actor(request, Right.EDIT_KNOWLEDGE), str(request.path_params["id"])
        try:
            async with self.parts.write() as work:
                await self.knowledge.law_reviews.done(work, actor, id, self.parts.now())
                await work.commit()
        except (NotAllowed, UnknownLawReview):
            self.say(request, "knowledge.changed", "warning")
        else:
            self.say(request, "knowledge.law_done")
        return self.go(request, self.path)
