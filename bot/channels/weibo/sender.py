"""Posts on Weibo by `statuses/share`, in the name of the account that has authorised us.

By default a person confirms at the due time, as Weibo's rules forbid posting without one; `rip` is that person's
internet address. A post cannot be changed or taken back through this API: people do that at Weibo.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from typing import Any

import structlog

from bot.channels.weibo.addresses import status_address
from bot.channels.weibo.api import Picture, WeiboApi, WeiboRefusal
from bot.channels.weibo.authorising import Authorisation, Authorised, WeiboAuthorising
from bot.channels.weibo.codes import REAUTHORISE, REPEATED, outcome_of
from bot.channels.weibo.render import CHANNEL, PICTURE_BYTES
from bot.channels.weibo.timeline import TAKEN_WITHIN, find_status, read_status
from bot.clock import Clock
from bot.errors import OutcomeUnknown, StoreUnavailable, VendorError
from bot.publishing.deliveries import Kind
from bot.publishing.outcomes import Awaited, Outcome, Refused, Sent, Unknown, Waiting
from bot.publishing.ports import Ability, ChannelHealth, HealthState, Memory, Parcel

log = structlog.get_logger(__name__)

PER_MINUTE = 1
"""Weibo takes 30 posts an hour of one account."""

EXAMINED_FOR = TAKEN_WITHIN
"""So long a post that Weibo has taken may be missing from the timeline before a person has to look."""

ASKED_AT = "asked_at"
"""When Weibo was asked to share this, at every attempt: by that a post of ours is told from others of the same text."""

_ATTEMPTS_KEPT = 20
_LOOKED_AT = "50"


class WeiboSender:
    """Sends posts to one account.

    attended: a person has confirmed before `send`. server_address: our public address, for `rip` where the person's is
    not public, and where nobody confirms.
    """

    channel = CHANNEL
    abilities = frozenset({Ability.RECONCILE})
    per_minute = PER_MINUTE

    def __init__(
        self,
        *,
        api: WeiboApi,
        authorising: WeiboAuthorising,
        clock: Clock,
        attended: bool = True,
        server_address: str = "",
    ) -> None:
        self._api = api
        self._authorising = authorising
        self._clock = clock
        self.attended = attended
        self._server_address = server_address

    @property
    def authorising(self) -> WeiboAuthorising:
        """What asks for the authorisation, for the console."""
        return self._authorising

    async def send(self, parcel: Parcel, memory: Memory) -> Outcome:
        """Share the post with its picture."""
        if parcel.kind not in (Kind.PUBLISH, Kind.NOTICE):
            return Refused("not_able", permanent=True)
        if self.attended and not parcel.confirmed_by:
            return Waiting(Awaited.PERSON, "not_confirmed")
        given = await self._authorising.usable()
        if given is None:
            return Refused("not_authorised", permanent=False, reauthorise=True, halts=True)
        rip = self._rip(parcel)
        if not rip:
            return Refused("no_public_address", permanent=True)
        picture, fault = _picture(parcel)
        if fault:
            return fault
        asked = (*_asked(memory), self._clock.now())
        await memory.keep(ASKED_AT, " ".join(at.isoformat() for at in asked[-_ATTEMPTS_KEPT:]))
        form = {"access_token": given.token, "status": parcel.rendering.parts["text"], "rip": rip}
        await memory.intend()
        return await self._shared(parcel, memory, given, (form, picture))

    async def reconcile(self, parcel: Parcel, memory: Memory) -> Outcome:
        """Look for the post in the account's timeline: it is there, or nobody can tell.

        That it is not in the timeline proves nothing, as Weibo examines posts before it shows them.
        """
        given = await self._authorising.usable()
        if given is None:
            return Unknown("not_authorised")
        try:
            found = await self._looked_up(parcel, memory, given)
        except VendorError as error:
            await self._noticed(error, given)
            return Unknown(error.code, _without(given.token, error.detail))
        if found:
            return found
        asked = _asked(memory)
        if asked and self._clock.now() - asked[-1] < EXAMINED_FOR:
            return Waiting(Awaited.PLATFORM, "not_seen_yet")
        return Unknown("not_seen")

    async def health(self) -> ChannelHealth:
        """Whether the token holds, until when, and how many calls are left this hour."""
        given = await self._authorising.find()
        if given is None:
            return ChannelHealth(state=HealthState.UNAUTHORISED, detail="never_authorised")
        if given.state(self._clock.now()) is Authorised.AGAIN:
            return self._health(HealthState.UNAUTHORISED, given, given.refused or "expired")
        try:
            await self._api.post("/oauth2/get_token_info", {"access_token": given.token})
        except WeiboRefusal as error:
            if await self._noticed(error, given):
                return self._health(HealthState.UNAUTHORISED, given, error.code)
            return self._health(HealthState.FAULTY, given, error.code)
        except VendorError as error:
            return self._health(HealthState.UNREACHABLE, given, error.code)
        return replace(self._health(HealthState.READY, given), quota=await self._quota(given))

    async def _shared(
        self, parcel: Parcel, memory: Memory, given: Authorisation, asked: tuple[Mapping[str, str], Picture | None]
    ) -> Outcome:
        form, picture = asked
        try:
            answer = await self._api.post("/2/statuses/share.json", form, picture)
        except WeiboRefusal as error:
            said = _without(given.token, error.said)
            await memory.note(error.code, said)
            await self._noticed(error, given)
            if error.number in REPEATED:
                return await self._repeated(parcel, memory, given, outcome_of(error.number, said))
            return outcome_of(error.number, said)
        except OutcomeUnknown as error:
            return Unknown(error.code, error.detail)
        except VendorError as error:
            return Refused(error.code, permanent=error.permanent, detail=error.detail)
        status = read_status(answer)
        if status is None:
            return Unknown("bad_answer")
        return Sent(status.id, status_address(status.uid or given.uid, status.id))

    async def _repeated(self, parcel: Parcel, memory: Memory, given: Authorisation, refused: Outcome) -> Outcome:
        """The same text is there already, says Weibo: ours of an earlier attempt, or another post's."""
        try:
            found = await self._looked_up(parcel, memory, given)
        except VendorError as error:
            return Unknown("repeated", error.code)
        return found or refused

    async def _looked_up(self, parcel: Parcel, memory: Memory, given: Authorisation) -> Sent | None:
        """The post of this delivery in the timeline. Raises VendorError."""
        asked = _asked(memory)
        if not asked:
            return None
        query = {"access_token": given.token, "uid": given.uid, "count": _LOOKED_AT}
        answer = await self._api.get("/2/statuses/user_timeline.json", query)
        found = find_status(answer, parcel.rendering.parts["text"], asked)
        return Sent(found.id, status_address(found.uid or given.uid, found.id)) if found else None

    async def _noticed(self, error: VendorError, given: Authorisation) -> bool:
        """Remember when Weibo takes the token no more."""
        void = isinstance(error, WeiboRefusal) and error.number in REAUTHORISE
        if void:
            try:
                await self._authorising.refused(given, error.code)
            except StoreUnavailable:  # what Weibo has said of the post must not be lost over this
                log.warning("weibo.refusal_not_kept", code=error.code)
        return void

    async def _quota(self, given: Authorisation) -> Mapping[str, int]:
        try:
            told = await self._api.get("/2/account/rate_limit_status.json", {"access_token": given.token})
        except VendorError:  # it is for show only
            return {}
        names = {"calls_left": "remaining_user_hits", "calls_per_hour": "user_limit"}
        return {name: told[field] for name, field in names.items() if isinstance(told.get(field), int)}

    def _health(self, state: HealthState, given: Authorisation, detail: str = "") -> ChannelHealth:
        return ChannelHealth(state=state, detail=detail, expires_at=given.expires_at, lasts=given.lasts)

    def _rip(self, parcel: Parcel) -> str:
        return _public(parcel.confirmed_address) or self._server_address


def _asked(memory: Memory) -> tuple[datetime, ...]:
    return tuple(datetime.fromisoformat(at) for at in memory.get(ASKED_AT).split())


def _public(address: str) -> str:
    """An address that is known outside: an inner one tells Weibo nothing and may be refused."""
    try:
        read = ip_address(address)
    except ValueError:
        return ""
    if isinstance(read, IPv6Address) and read.ipv4_mapped:
        read = read.ipv4_mapped
    return str(read) if read.is_global else ""


def _picture(parcel: Parcel) -> tuple[Picture | None, Refused | None]:
    """The picture to send along, or why it cannot be."""
    digest = parcel.rendering.cover
    if not digest:
        return None, None
    data = parcel.pictures.get(digest)
    if not data:
        return None, Refused("picture_missing", permanent=True)
    if len(data) >= PICTURE_BYTES:
        return None, Refused("picture_too_large", permanent=True)
    if data.startswith(b"\x89PNG"):
        return ("cover.png", data, "image/png"), None
    return ("cover.jpg", data, "image/jpeg"), None


def _without(token: str, text: Any) -> str:
    return str(text).replace(token, "***")
