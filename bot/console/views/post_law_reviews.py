"""The posts that have to be read again because a law they cite has changed; the entries stand at the knowledge desk."""

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.console.pages import get_member
from bot.console.views.newsroom_base import NewsroomPage, actor_of
from bot.publishing.law_reviews import Kind
from bot.rights import Right


class LawReviewPages(NewsroomPage):
    """Posts by law."""

    menu_label = "法律变动复核"
    icon = "fa-solid fa-scale-unbalanced"
    path = "/law-reviews"
    right = Right.SEE_POSTS

    @route("", name="law-reviews")
    async def list(self, request: Request) -> Response:
        """What is still to be read, by law."""
        async with self.parts.read() as work:
            waiting = await self.room.room.law_reviews.list(work, self.parts.now())
        reviews = [review for review in waiting if review.kind is Kind.POST]
        laws = list(dict.fromkeys(review.law for review in reviews))
        context = {
            "laws": [(law, [review for review in reviews if review.law == law]) for law in laws],
            "entries": len(waiting) - len(reviews),
        }
        return self.show(request, "post_law_reviews.html", context)

    @route("/{id}/done", methods=["POST"], name="law-review-done")
    async def done(self, request: Request) -> Response:
        """Somebody has read it."""
        with self.refusals_told(request):
            async with self.parts.write() as work:
                actor, id = actor_of(get_member(request)), str(request.path_params["id"])
                review = await self.room.room.law_reviews.done(work, actor, id, self.parts.now())
                await work.commit()
            self.say(request, "newsroom.reviewed", title=review.title)
        return self.go(request, "/law-reviews")
