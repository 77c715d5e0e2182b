"""Posts to an account at a server with Mastodon's API: publish, correct, withdraw, and find out what came of it.

The server keeps an Idempotency-Key for about an hour: within it a second call with the same key brings the first post
back instead of making another. Nothing here relies on that alone. Before the first call the newest post of the account
is remembered; afterwards `reconcile` reads what the account has posted since, at any time, and looks for the text, or
for the title with the address of the post's page. The same post of last week is older than that and is never taken for
today's.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot.channels.mastodon.api import MastodonApi, NotAuthorised, TooMany
from bot.channels.mastodon.lookup import Found, Match, find, says
from bot.channels.mastodon.render import CHANNEL
from bot.clock import Clock
from bot.errors import OutcomeUnknown, VendorError
from bot.publishing.deliveries import Kind
from bot.publishing.outcomes import Outcome, Refused, Sent, Unknown
from bot.publishing.ports import Ability, ChannelHealth, HealthState, Memory, Parcel

SETTLED = timedelta(minutes=2)
"""After so long the server has done what it was asked, or never will."""

UPLOAD_LASTS = timedelta(hours=1)
"""A picture that stands in no post is thrown away by the server after a day; ours are used within this time."""

NOT_THERE = "not_there"
_ASKED_AT, _ACCOUNT, _NEWEST, _MEDIA = "asked_at", "account", "newest", "media"
_PROCESSING_TRIES = 10
_GONE = frozenset({"http_404", "http_410"})
_FORBIDDEN = "http_403"


class MastodonSender:
    """Sends to one account. visibility: public, unlisted. characters: what one post takes by the settings."""

    channel = CHANNEL
    abilities = frozenset({Ability.EDIT, Ability.WITHDRAW, Ability.RECONCILE})
    attended = False
    per_minute = 10

    def __init__(self, api: MastodonApi, clock: Clock, *, visibility: str = "public", characters: int = 500) -> None:
        self._api = api
        self._clock = clock
        self._visibility = visibility
        self._characters = characters

    async def send(self, parcel: Parcel, memory: Memory) -> Outcome:
        """Publish, edit or withdraw; see Sender."""
        steps: dict[Kind, Callable[[Parcel, Memory], Awaitable[Outcome]]] = {
            Kind.PUBLISH: self._publish,
            Kind.NOTICE: self._publish,
            Kind.EDIT: self._edit,
            Kind.WITHDRAW: self._withdraw,
        }
        if parcel.kind in (Kind.EDIT, Kind.WITHDRAW) and not parcel.earlier:
            return Refused("earlier_unknown", permanent=True)
        try:
            return await steps[parcel.kind](parcel, memory)
        except OutcomeUnknown as error:  # of a call that the public could see; the others are `_unseen`
            await memory.note(error.code, error.words)
            return Unknown(error.code, error.words)
        except VendorError as error:
            await memory.note(error.code, error.words)
            return _refused(error)

    async def reconcile(self, parcel: Parcel, memory: Memory) -> Outcome:
        """Ask what the account has posted since, or what became of the post that was changed; see Sender."""
        if not memory.get(_ASKED_AT):
            return _not_there()
        try:
            if parcel.kind in (Kind.EDIT, Kind.WITHDRAW):
                outcome = await self._changed(parcel)
            else:
                outcome = await self._posted(parcel, memory)
        except VendorError as error:
            return Unknown(error.code, error.words)
        if isinstance(outcome, Refused) and not self._is_settled(memory):
            return Unknown("too_early")
        return outcome

    async def health(self) -> ChannelHealth:
        """Whether the token is good, and what the server says one post takes."""
        try:
            await self._api.call(lambda client: client.account_verify_credentials())
            characters = await self._limit()
        except NotAuthorised as error:
            state = HealthState.NOT_GRANTED if error.code == _FORBIDDEN else HealthState.UNAUTHORISED
            return ChannelHealth(state=state, detail=error.code)
        except VendorError as error:
            away = error.code in ("unreachable", "no_answer")
            return ChannelHealth(state=HealthState.UNREACHABLE if away else HealthState.FAULTY, detail=error.code)
        quota = {"characters": characters} if characters else {}
        if characters and characters < self._characters:
            return ChannelHealth(state=HealthState.FAULTY, detail="characters", quota=quota)
        return ChannelHealth(state=HealthState.READY, quota=quota)

    async def _publish(self, parcel: Parcel, memory: Memory) -> Outcome:
        if memory.get(_ASKED_AT):  # an earlier attempt came to the call: look before calling again
            found = await self._find(parcel, memory)
            if found.status is not None:
                await memory.intend()  # the ledger takes no success of what was never meant
                return _sent(found.status)
        await self._remember_newest(memory)
        media = await self._media(parcel, memory)
        await memory.keep(_ASKED_AT, self._clock.now().isoformat())
        await memory.intend()
        text, key, earlier = parcel.rendering.parts["text"], parcel.key, parcel.earlier or None
        status = await self._api.call(
            lambda client: client.status_post(
                text,
                in_reply_to_id=earlier if parcel.kind is Kind.NOTICE else None,
                media_ids=media or None,
                visibility=self._visibility,
                language="zh",
                idempotency_key=key,
            )
        )
        return _sent(status)

    async def _edit(self, parcel: Parcel, memory: Memory) -> Outcome:
        """Repeating it changes nothing more; the server takes the pictures away that are not named again."""
        media = await self._media(parcel, memory)
        await memory.keep(_ASKED_AT, self._clock.now().isoformat())
        await memory.intend()
        text, earlier = parcel.rendering.parts["text"], parcel.earlier
        return _sent(await self._api.call(lambda client: client.status_update(earlier, text, media_ids=media or None)))

    async def _withdraw(self, parcel: Parcel, memory: Memory) -> Outcome:
        """Repeating it changes nothing more: what is gone is withdrawn."""
        await memory.keep(_ASKED_AT, self._clock.now().isoformat())
        await memory.intend()
        earlier = parcel.earlier
        try:
            await self._api.call(lambda client: client.status_delete(earlier))
        except VendorError as error:
            if error.code not in _GONE:
                raise
        return Sent(earlier)

    async def _remember_newest(self, memory: Memory) -> None:
        """Keep whose account it is, and its newest post: ours will be newer. The first attempt's word stays."""
        if memory.get(_ACCOUNT):
            return
        account = str((await self._unseen(lambda client: client.account_verify_credentials())).id)
        statuses = await self._unseen(lambda client: client.account_statuses(account, limit=1))
        await memory.keep(_NEWEST, str(statuses[0].id) if statuses else "")
        await memory.keep(_ACCOUNT, account)

    async def _media(self, parcel: Parcel, memory: Memory) -> list[str]:
        """The server's ids of the pictures. What has been uploaded lately is not uploaded again."""
        rendering, ids = parcel.rendering, []
        pictures = dict.fromkeys(filter(None, (rendering.cover, *rendering.media)))
        for digest in [digest for digest in pictures if digest in parcel.pictures][:4]:
            name = f"{_MEDIA}.{digest[:16]}"
            kept, _, at = memory.get(name).partition(" ")
            if not kept or self._clock.now() - datetime.fromisoformat(at) > UPLOAD_LASTS:
                kept = await self._upload(parcel.pictures[digest], rendering.parts.get("alt", ""))
                await memory.keep(name, f"{kept} {self._clock.now().isoformat()}")
            ids.append(kept)
        return ids

    async def _upload(self, data: bytes, alt: str) -> str:
        kind, name = ("image/png", "cover.png") if data.startswith(b"\x89PNG") else ("image/jpeg", "cover.jpg")
        media = await self._unseen(
            lambda client: client.media_post(data, mime_type=kind, description=alt, file_name=name)
        )
        for _ in range(_PROCESSING_TRIES):
            if media.url:
                return str(media.id)
            await self._clock.sleep(1)
            media = await self._unseen(partial(_uploaded, media.id))
        raise VendorError("media_processing")

    async def _unseen(self, do: Callable[[Any], Any]) -> Any:
        """A call of which nobody has to know what came of it: doing it again does no harm."""
        try:
            return await self._api.call(do)
        except OutcomeUnknown as error:
            raise VendorError(error.code, error.words) from None

    async def _find(self, parcel: Parcel, memory: Memory) -> Match:
        try:
            return await find(self._api, memory.get(_ACCOUNT), memory.get(_NEWEST), parcel.rendering)
        except OutcomeUnknown as error:
            raise VendorError(error.code, error.words) from None

    async def _posted(self, parcel: Parcel, memory: Memory) -> Outcome:
        found = await self._find(parcel, memory)
        if found.which is Found.SIMILAR:
            return Unknown("similar")
        return _not_there() if found.status is None else _sent(found.status)

    async def _changed(self, parcel: Parcel) -> Outcome:
        """Whether the post is gone, or says what it was to say."""
        earlier = parcel.earlier
        try:
            status = await self._api.call(lambda client: client.status(earlier))
        except VendorError as error:
            if error.code not in _GONE:
                raise
            return Sent(earlier) if parcel.kind is Kind.WITHDRAW else Refused("gone", permanent=True)
        says_it = parcel.kind is Kind.EDIT and says(status, parcel.rendering.parts["text"])
        return _sent(status) if says_it else _not_there()

    async def _limit(self) -> int:
        """What one post takes by the server's own word; 0 when it does not tell."""
        try:
            instance = await self._api.call(lambda client: client.instance_v2())
            return int(instance["configuration"]["statuses"]["max_characters"])
        except (VendorError, KeyError, TypeError, ValueError):
            return 0

    def _is_settled(self, memory: Memory) -> bool:
        return self._clock.now() - datetime.fromisoformat(memory.get(_ASKED_AT)) >= SETTLED


def _uploaded(media: str, client: Any) -> Any:
    return client.media(media)


def _sent(status: Any) -> Sent:
    return Sent(str(status["id"]), str(status.get("url") or status.get("uri") or ""))


def _not_there() -> Refused:
    return Refused(NOT_THERE, permanent=False)


def _refused(error: VendorError) -> Refused:
    if isinstance(error, TooMany):
        return Refused(error.code, permanent=False, detail=error.words, retry_after=error.retry_after, halts=True)
    if isinstance(error, NotAuthorised):
        return Refused(error.code, permanent=False, detail=error.words, reauthorise=True)
    return Refused(error.code, permanent=error.permanent, detail=error.words)
