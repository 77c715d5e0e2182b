"""Posts to one receiver as signed JSON, and asks it what it has.

A receiver owes us two things by the protocol: it takes a delivery with a known id once and answers 409 (or 200) from
then on, and it tells on `GET …?delivery=<id>` whether it has one. What was lost on the way is asked for by that GET and
never sent again on a guess; who has no such answer leaves it to a person. A 5xx may have come after the post was taken:
it is unknown too, unless the operator has set `deduplicates` because the receiver keeps the first promise for sure.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx

from bot.channels.webhook.document import CHECK, DELIVERY, EVENT, EVENTS, SIGNATURE, body_of, signature
from bot.channels.webhook.reaching import Resolve, Way, look_up, way_to
from bot.channels.webhook.render import FAMILY
from bot.clock import Clock
from bot.errors import OutcomeUnknown, VendorError
from bot.publishing.deliveries import Kind
from bot.publishing.outcomes import Outcome, Refused, Sent, Unknown
from bot.publishing.ports import Ability, ChannelHealth, HealthState, Memory, Parcel

# httpx logs each address at INFO, and a receiver's may hold a key.
logging.getLogger("httpx").setLevel(logging.WARNING)

SECONDS = 30.0
"""For the whole of one call."""

_TIMEOUT = httpx.Timeout(20, connect=5)
_LONGEST_ANSWER = 64 * 1024
_LONGEST_ID, _LONGEST_ADDRESS = 255, 500
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_LATER = frozenset({408, 425, 429})
"""The receiver has not taken it up: another time it may."""

_UNAUTHORISED = frozenset({401, 403})
_KNOWN, _GONE, _TOO_MANY, _BROKEN, _REST = 409, frozenset({404, 410}), 429, 500, timedelta(minutes=5)
_LONGEST_REST = timedelta(hours=6)
_ASKED = "asked"


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One receiver as the settings name it."""

    id: str
    url: str
    secret: str = field(repr=False)
    private: bool = False
    embed_pictures: bool = False
    deduplicates: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    tree: Mapping[str, Any]
    retry_after: str = ""


class WebhookSender:
    """Sends to one target. The client follows no redirect and takes no proxy of the environment: see `make_client`."""

    abilities = frozenset({Ability.EDIT, Ability.WITHDRAW, Ability.RECONCILE})
    attended = False
    per_minute = 30

    def __init__(
        self,
        target: Target,
        *,
        client: httpx.AsyncClient,
        clock: Clock,
        resolve: Resolve = look_up,
        seconds: float = SECONDS,
    ) -> None:
        self.channel = f"{FAMILY}.{target.id}"
        self._target = target
        self._client = client
        self._clock = clock
        self._resolve = resolve
        self._seconds = seconds

    async def send(self, parcel: Parcel, memory: Memory) -> Outcome:
        """Post the event; see Sender."""
        if parcel.kind in (Kind.EDIT, Kind.WITHDRAW) and not parcel.earlier:
            return Refused("earlier_unknown", permanent=True)
        now = self._clock.now()
        body = body_of(parcel, now, embed=self._target.embed_pictures)
        headers = self._headers(parcel.key, EVENTS[parcel.kind], body)
        try:
            way = await self._way()
            await memory.keep(_ASKED, now.isoformat())
            await memory.intend()
            answer = await self._call("POST", way, headers, body)
        except OutcomeUnknown as error:
            await memory.note(error.code, error.words)
            return Unknown(error.code, error.words)
        except VendorError as error:
            await memory.note(error.code, error.words)
            return Refused(error.code, permanent=error.permanent, detail=error.words)
        await memory.note(f"http_{answer.status}")
        return self._outcome(answer, parcel)

    async def reconcile(self, parcel: Parcel, memory: Memory) -> Outcome:
        """Ask the receiver whether it has the delivery; see Sender."""
        if not memory.get(_ASKED):
            return Refused("not_there", permanent=False)
        try:
            answer = await self._ask(parcel.key)
        except VendorError as error:
            return Unknown(error.code, error.words)
        received = answer.tree.get("received") if answer.status == httpx.codes.OK else None
        if received is True:
            return self._sent(answer, parcel)
        if received is False:
            return Refused("not_there", permanent=False)
        return Unknown(f"http_{answer.status}", "the receiver does not tell what it has")

    async def health(self) -> ChannelHealth:
        """Ask after a delivery that nobody knows: whether the receiver is there, and takes our signature."""
        try:
            answer = await self._ask("health")
        except VendorError as error:
            away = error.code in ("unreachable", "no_answer")
            return ChannelHealth(state=HealthState.UNREACHABLE if away else HealthState.FAULTY, detail=error.code)
        code = f"http_{answer.status}"
        if answer.status in _UNAUTHORISED:
            return ChannelHealth(state=HealthState.UNAUTHORISED, detail=code)
        if answer.status in _GONE or answer.status >= _BROKEN or httpx.codes.is_redirect(answer.status):
            return ChannelHealth(state=HealthState.FAULTY, detail=code)
        tells = answer.status == httpx.codes.OK and isinstance(answer.tree.get("received"), bool)
        return ChannelHealth(state=HealthState.READY, detail="" if tells else "cannot_be_asked")

    def _outcome(self, answer: _Answer, parcel: Parcel) -> Outcome:
        status, code = answer.status, f"http_{answer.status}"
        if httpx.codes.is_success(status) or status == _KNOWN:
            return self._sent(answer, parcel)
        if parcel.kind is Kind.WITHDRAW and status in _GONE:
            return self._sent(answer, parcel)
        if status >= _BROKEN:
            return Refused(code, permanent=False) if self._target.deduplicates else Unknown(code)
        if status in _UNAUTHORISED:
            return Refused(code, permanent=False, reauthorise=True)
        if status in _LATER:
            rest = _rest(answer.retry_after)
            return Refused(code, permanent=False, retry_after=rest, halts=status == _TOO_MANY)
        return Refused(code, permanent=True)

    def _sent(self, answer: _Answer, parcel: Parcel) -> Sent:
        """With the receiver's own name and address for it where it gives them."""
        name, address = self._told(answer, "id", _LONGEST_ID), self._told(answer, "address", _LONGEST_ADDRESS)
        ours = parcel.earlier if parcel.kind in (Kind.EDIT, Kind.WITHDRAW) else parcel.key
        return Sent(name or ours, address if _is_web(address) else parcel.rendering.link)

    def _told(self, answer: _Answer, name: str, longest: int) -> str:
        """A word of the receiver's, unless it is too long to keep or quotes our key."""
        told = answer.tree.get(name)
        text = str(told) if isinstance(told, str | int) else ""
        return text if len(text) <= longest and self._target.secret not in text else ""

    def _headers(self, key: str, event: str, signed: bytes) -> dict[str, str]:
        return {
            SIGNATURE: signature(self._target.secret, self._clock.now(), signed),
            DELIVERY: key,
            EVENT: event,
            "Idempotency-Key": key,
            "content-type": "application/json; charset=utf-8",
            "accept": "application/json",
            "accept-encoding": "identity",
            "user-agent": "Gonghui",
        }

    async def _ask(self, key: str) -> _Answer:
        """A GET that changes nothing; signed is the id that is asked after. Raises VendorError."""
        way = await self._way()
        way = replace(way, url=str(httpx.URL(way.url).copy_merge_params({"delivery": key})))
        return await self._call("GET", way, self._headers(key, CHECK, key.encode()))

    async def _way(self) -> Way:
        """How the target is called; nothing has been sent yet. Raises VendorError."""
        try:
            async with asyncio.timeout(self._seconds):
                return await way_to(self._target.url, private=self._target.private, resolve=self._resolve)
        except TimeoutError:
            raise VendorError("unreachable", "name server") from None

    async def _call(self, method: str, way: Way, headers: Mapping[str, str], body: bytes | None = None) -> _Answer:
        request = self._client.build_request(
            method,
            way.url,
            headers={**headers, **way.headers},
            content=body,
            timeout=_TIMEOUT,
            extensions=way.extensions,
        )
        try:
            async with asyncio.timeout(self._seconds):
                return await self._answer(request)
        except _NOT_SENT as error:
            # `from None`: the cause's text may hold the address.
            raise VendorError("unreachable", type(error).__name__) from None
        except (httpx.HTTPError, TimeoutError) as error:
            raise OutcomeUnknown("no_answer", type(error).__name__) from None

    async def _answer(self, request: httpx.Request) -> _Answer:
        response = await self._client.send(request, stream=True, follow_redirects=False)
        said = bytearray()
        try:
            async for chunk in response.aiter_raw():
                said += chunk
                if len(said) > _LONGEST_ANSWER:
                    break  # the status has said what matters
        finally:
            await response.aclose()
        return _Answer(response.status_code, _tree(bytes(said)), response.headers.get("retry-after", ""))


def make_client() -> httpx.AsyncClient:
    """The client of all targets: the address that was checked is the one that is called."""
    return httpx.AsyncClient(trust_env=False, follow_redirects=False)


def _tree(said: bytes) -> Mapping[str, Any]:
    try:
        tree = json.loads(said)
    except ValueError:
        return {}
    return tree if isinstance(tree, dict) else {}


def _rest(seconds: str) -> timedelta:
    """How long the receiver wants to be left alone, within reason."""
    if not seconds.isdecimal():
        return _REST
    return min(max(timedelta(seconds=min(int(seconds), 10**6)), timedelta(seconds=30)), _LONGEST_REST)


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
