"""How the channels do: authorisation, quota, last success, what rests; pause and resume; authorising Weibo."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette_admin import route

from bot.audit import AuditEntry
from bot.console.pages import SEE_OTHER, get_member
from bot.console.views.newsroom_base import NOT_FOUND, NewsroomPage, actor_of
from bot.publishing.channel_status import ChannelStatus
from bot.publishing.deliveries import DeliveryState
from bot.publishing.errors import NotAuthorised
from bot.rights import Right, may

WEIBO = "weibo"


class ChannelPages(NewsroomPage):
    """One card for each channel that is switched on."""

    menu_label = "发布渠道"
    icon = "fa-solid fa-tower-broadcast"
    path = "/channels"
    right = Right.SEE_CHANNELS

    @route("", name="channels")
    async def list(self, request: Request) -> Response:
        """Every channel."""
        now = self.parts.now()
        async with self.parts.read() as work:
            known = await work.channels.all()
            counts = await work.deliveries.counts()
        channels = [known.get(code, ChannelStatus(channel=code)) for code in self.room.room.enabled]
        weibo = self.room.weibo()
        context = {
            "channels": channels,
            "open": {status.channel: status.is_open(now) for status in channels},
            "soon": {status.channel: status.expires_soon(now) for status in channels},
            "attention": {
                status.channel: sum(
                    counts.get((status.channel, state), 0)
                    for state in (DeliveryState.UNKNOWN, DeliveryState.WAITING, DeliveryState.HELD)
                )
                for status in channels
            },
            "weibo": await weibo.standing() if weibo else None,
            "now": now,
        }
        return self.show(request, "channels.html", context)

    @route("/examine", methods=["POST"], name="channels-examine")
    async def examine(self, request: Request) -> Response:
        """Ask every platform about our credentials now."""
        dispatcher = self.room.dispatcher()
        if dispatcher is None:
            raise HTTPException(503)
        await dispatcher.examine()
        self.say(request, "newsroom.examined")
        return self.go(request, "/channels")

    @route("/{channel}/{act}", methods=["POST"], name="channel-act")
    async def act(self, request: Request) -> Response:
        """Pause a channel, or use it again."""
        member = get_member(request)
        channel, act = str(request.path_params["channel"]), str(request.path_params["act"])
        if channel not in self.room.room.enabled or act not in {"pause", "resume"}:
            raise HTTPException(NOT_FOUND)
        if not may(member.role, Right.SCHEDULE) and not may(member.role, Right.AUTHORISE_CHANNELS):
            raise HTTPException(403)
        async with self.parts.write() as work:
            await (work.channels.pause(channel) if act == "pause" else work.channels.resume(channel))
            await work.audit.append(AuditEntry(member.id, f"channel.{act}d", subject=channel))
            await work.commit()
        self.say(request, f"newsroom.{act}d", channel=self.room.room.words.channel(channel))
        return self.go(request, "/channels")

    @route("/weibo/authorise", methods=["POST"], name="weibo-authorise")
    async def authorise(self, request: Request) -> Response:
        """Go to Weibo to agree."""
        weibo = self.room.weibo()
        if weibo is None:
            raise HTTPException(NOT_FOUND)
        with self.refusals_told(request):
            return RedirectResponse(await weibo.begin(actor_of(get_member(request))), SEE_OTHER)
        return self.go(request, "/channels")

    @route("/weibo/callback", name="weibo-callback")
    async def authorised(self, request: Request) -> Response:
        """Back from Weibo."""
        weibo, query = self.room.weibo(), request.query_params
        if weibo is None:
            raise HTTPException(NOT_FOUND)
        try:
            with self.refusals_told(request):
                actor = actor_of(get_member(request))
                await weibo.finish(actor, state=query.get("state", ""), code=query.get("code", ""))
                if (dispatcher := self.room.dispatcher()) is not None:  # at once; whoever paused the channel resumes it
                    await dispatcher.examine([WEIBO])
                self.say(request, "newsroom.authorised")
        except NotAuthorised as error:
            self.say(request, "newsroom.not_authorised", "warning", why=error.why)
        return self.go(request, "/channels")
