"""Subscriptions and broadcasts: how many have subscribed, how far each issue has come, and of which nobody knows.

No address is shown, and none is opened: a subscriber is a number here.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.console.views.newsroom_base import NewsroomPage
from bot.rights import Right
from bot.subscriptions.ledger import RecipientState
from bot.subscriptions.subscribers import CHANNELS, SubscriberState

MOST_ISSUES, MOST_LOST = 20, 200


class BroadcastPage(NewsroomPage):
    """One page for all of it."""

    menu_label = "订阅与群发"
    icon = "fa-solid fa-envelopes-bulk"
    path = "/broadcasts"
    right = Right.SEE_RESULTS

    @route("", name="broadcasts")
    async def list(self, request: Request) -> Response:
        """Subscriptions by channel, the last issues, and what is unknown."""
        async with self.parts.read() as work:
            counts = await work.subscribers.counts()
            issues = await work.broadcasts.issues(limit=MOST_ISSUES)
            tallies = await work.broadcasts.tallies([issue.id for issue in issues])
            lost, total = await work.broadcasts.lost(MOST_LOST)
        context = {
            "channels": [
                (channel, {state: counts.get((channel, state), 0) for state in SubscriberState}) for channel in CHANNELS
            ],
            "issues": issues,
            "tallies": tallies,
            "sizes": {issue.id: len(issue.items) for issue in issues},
            "titles": {issue.id: issue.title for issue in issues},
            "lost": lost,
            "lost_total": total,
            "R": RecipientState,
            "S": SubscriberState,
        }
        return self.show(request, "broadcasts.html", context)
