"""Subscriptions and broadcasts: how many have subscribed, how far each issue has come, and of which nobody knows.

No address is shown, and none is opened: a subscriber is a number here.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.audit import AuditEntry
from bot.console.pages import get_member
from bot.console.views.newsroom_base import NOT_ALLOWED, NOT_FOUND, NewsroomPage
from bot.rights import Right, may
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
            unseen = await work.broadcasts.unseen()
            known = {issue.id: issue for issue in issues}
            older = [await work.broadcasts.issue(id) for id in ({one.issue for one in lost} | set(unseen)) - set(known)]
        known |= {issue.id: issue for issue in older if issue is not None}
        context = {
            "channels": [
                (channel, {state: counts.get((channel, state), 0) for state in SubscriberState}) for channel in CHANNELS
            ],
            "issues": issues,
            "tallies": tallies,
            "sizes": {issue.id: len(issue.items) for issue in issues},
            "titles": {id: issue.title for id, issue in known.items()},
            "unseen": unseen,
            "lost": lost,
            "lost_total": total,
            "R": RecipientState,
            "S": SubscriberState,
        }
        return self.show(request, "broadcasts.html", context)

    @route("/{issue}/look", methods=["POST"], name="broadcast-look")
    async def look(self, request: Request) -> Response:
        """Keep that somebody has looked at what nobody knows of this issue."""
        member, id = get_member(request), str(request.path_params["issue"])
        if not may(member.role, Right.CONFIRM):
            raise HTTPException(NOT_ALLOWED)
        async with self.parts.write() as work:
            if not await work.broadcasts.look(id, self.parts.now()):
                raise HTTPException(NOT_FOUND)
            await work.audit.append(AuditEntry(member.id, "broadcast.looked_at", subject=id))
            await work.commit()
        self.say(request, "broadcasts.looked_at")
        return self.go(request, self.path)
