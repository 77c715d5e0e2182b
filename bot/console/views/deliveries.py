"""The ledger: what went out where, what the platforms answered, and what waits for a person."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.console.pages import get_member, read_fields
from bot.console.views.newsroom_base import BAD_REQUEST, NOT_FOUND, NewsroomPage, actor_of
from bot.publishing.deliveries import DeliveryState
from bot.publishing.outcomes import Awaited
from bot.publishing.rendering import Rendering
from bot.publishing.settling import ATTENDED
from bot.rights import Right
from bot.staff.members import StaffMember

PAGE = 50
LONGEST_LINK = 500
JPEG, PNG = "image/jpeg", "image/png"
_S = DeliveryState

SHELVES: Mapping[str, tuple[DeliveryState, ...]] = {
    "attention": (_S.WAITING, _S.UNKNOWN, _S.HELD, _S.REFUSED, _S.EXPIRED),
    "coming": (_S.PLANNED, _S.CLAIMED, _S.SENDING),
    "sent": (_S.SENT,),
    "all": (),
}
"""What is listed together; the first is shown first."""

PARTS = ("title", "author", "text", "body", "status", "digest", "tags")
"""In the order in which a platform asks for them."""

ACTS: Mapping[str, frozenset[DeliveryState]] = {
    "free": frozenset({_S.HELD, _S.REFUSED, _S.EXPIRED}),
    "cancel": frozenset({_S.PLANNED, _S.WAITING, _S.HELD, _S.REFUSED}),
}


class DeliveryPages(NewsroomPage):
    """The list, one delivery with its log, and what a person may say of it."""

    menu_label = "发布记录"
    icon = "fa-solid fa-truck-fast"
    path = "/deliveries"
    right = Right.SEE_CHANNELS

    def allows(self, member: StaffMember) -> bool:
        """Whoever looks after channels."""
        return super().allows(member)

    @route("", name="deliveries")
    async def list(self, request: Request) -> Response:
        """A shelf of the ledger, the latest due first."""
        query = request.query_params
        shelf = query.get("shelf", "attention")
        if shelf not in SHELVES:
            raise HTTPException(NOT_FOUND)
        channel, page = query.get("channel", ""), max(_number(query.get("page", "1")), 1)
        async with self.parts.read() as work:
            found, total = await work.deliveries.list(
                states=SHELVES[shelf], channels=[channel] if channel else (), offset=(page - 1) * PAGE, limit=PAGE
            )
            posts = await work.posts.find_all({each.post for each in found})
            counts = await work.deliveries.counts()
        context = {
            "deliveries": found,
            "titles": {id: post.content.title for id, post in posts.items()},
            "shelf": shelf,
            "shelves": {name: _count(counts, states) for name, states in SHELVES.items()},
            "channel": channel,
            "channels": self.room.room.enabled,
            "page": page,
            "pages": max(-(-total // PAGE), 1),
        }
        return self.show(request, "deliveries.html", context)

    @route("/{id}", name="delivery")
    async def one(self, request: Request) -> Response:
        """One delivery with its log; where a person carries it, the pack to copy."""
        return await self._page(request)

    @route("/{id}/picture/{digest}", name="delivery-picture")
    async def picture(self, request: Request) -> Response:
        """A picture of the pack, to be saved."""
        digest = str(request.path_params["digest"])
        async with self.parts.read() as work:
            delivery = await work.deliveries.find(str(request.path_params["id"]))
            rendering = await work.posts.rendering(delivery.rendering) if delivery else None
            known = rendering is not None and digest in {rendering.cover, *rendering.media}
            data = await work.pictures.get(digest) if known else None
        if data is None:
            raise HTTPException(NOT_FOUND)
        kind, ending = (PNG, "png") if data.startswith(b"\x89PNG") else (JPEG, "jpg")
        named = {"Content-Disposition": f'attachment; filename="{digest[:12]}.{ending}"'}
        return Response(data, media_type=kind, headers=named)

    @route("/{id}/{act}", methods=["POST"], name="delivery-act")
    async def act(self, request: Request) -> Response:
        """Confirm, it is there, it is not, let it go again, give it up."""
        id, act = str(request.path_params["id"]), str(request.path_params["act"])
        fields, actor, dispatcher = await read_fields(request), actor_of(get_member(request)), self.room.dispatcher()
        link = fields.get("link", "")
        if dispatcher is None:
            raise HTTPException(503)
        if link and not _is_link(link):
            self.say(request, "newsroom.bad_link", "warning")
            return self.go(request, f"/deliveries/{id}")
        with self.refusals_told(request):
            match act:
                case "confirm":
                    address = request.client.host if request.client else ""
                    after = await dispatcher.confirm(actor, id, address, link=link)
                case "found":
                    after = await dispatcher.found(actor, id, link)
                case "not-found":
                    after = await dispatcher.not_found(actor, id)
                case "free":
                    after = await dispatcher.free(actor, id)
                case "cancel":
                    after = await dispatcher.cancel(actor, id)
                case _:
                    raise HTTPException(BAD_REQUEST)
            self.say(request, "newsroom.now", state=self.room.room.words.label("delivery", after.state))
        return self.go(request, f"/deliveries/{id}")

    async def _page(self, request: Request) -> Response:
        async with self.parts.read() as work:
            delivery = await work.deliveries.find(str(request.path_params["id"]))
            if delivery is None:
                raise HTTPException(NOT_FOUND)
            entries = await work.deliveries.entries(delivery.id)
            post = await work.posts.find(delivery.post)
            rendering = await work.posts.rendering(delivery.rendering)
            names = {one.id: one.name for one in await work.staff.all()}
        by_person = delivery.state is _S.WAITING and delivery.awaited is Awaited.PERSON
        context = {
            "delivery": delivery,
            "post": post,
            "entries": entries,
            "names": names,
            "pack": self._pack(rendering) if rendering else None,
            "confirmable": by_person,
            "sends": by_person and delivery.code == ATTENDED and not delivery.channel.startswith("by_hand"),
            "asked": delivery.state is _S.UNKNOWN
            or (delivery.state is _S.WAITING and delivery.awaited is not Awaited.PERSON),
            "acts": [act for act, states in ACTS.items() if delivery.state in states],
        }
        return self.show(request, "delivery.html", context)

    def _pack(self, rendering: Rendering) -> Mapping[str, object]:
        renderer = self.room.room.renderers.get(rendering.channel)
        preview = renderer.preview(rendering, {}) if renderer else None
        return {
            "parts": {
                name: rendering.parts[name] for name in sorted(rendering.parts, key=_place) if rendering.parts[name]
            },
            "text": preview.text if preview else "",
            "pictures": list(dict.fromkeys(filter(None, (rendering.cover, *rendering.media)))),
            "link": rendering.link,
        }


def _place(part: str) -> int:
    """Where that part stands on the form of a platform."""
    return PARTS.index(part) if part in PARTS else len(PARTS)


def _is_link(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and len(text) <= LONGEST_LINK


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 1  # noqa: PLR2004 - nobody turns so many pages


def _count(counts: Mapping[tuple[str, DeliveryState], int], states: tuple[DeliveryState, ...]) -> int:
    return sum(count for (_, state), count in counts.items() if not states or state in states)
