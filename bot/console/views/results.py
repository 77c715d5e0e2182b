"""What came of the posts: deliveries by channel and how often their pages were opened. No person is counted."""

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.console.views.newsroom_base import NewsroomPage
from bot.publishing.deliveries import DeliveryState, Kind
from bot.publishing.posts import PostState
from bot.rights import Right

MOST_POSTS = 200
SHOWN = (PostState.PUBLISHED, PostState.PARTLY, PostState.FAILED, PostState.PUBLISHING, PostState.WITHDRAWN)


class ResultPage(NewsroomPage):
    """One line for each post that went out."""

    menu_label = "发布效果"
    icon = "fa-solid fa-chart-simple"
    path = "/results"
    right = Right.SEE_RESULTS

    @route("", name="results")
    async def list(self, request: Request) -> Response:
        """The posts that went out last, with their addresses and openings."""
        async with self.parts.read() as work:
            posts, total = await work.posts.list(states=SHOWN, limit=MOST_POSTS)
            reads = await work.reads.totals([post.id for post in posts])
            deliveries = {post.id: await work.deliveries.of_post(post.id) for post in posts}
        sent = {
            id: {each.channel: each for each in of_post if each.kind is Kind.PUBLISH}
            for id, of_post in deliveries.items()
        }
        context = {
            "posts": posts,
            "total": total,
            "reads": reads,
            "sent": sent,
            "channels": self.room.room.enabled,
            "SENT": DeliveryState.SENT,
        }
        return self.show(request, "results.html", context)
