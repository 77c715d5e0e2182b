"""The callback that WeChat calls: checks the request, hands the message on, answers in time.

WeChat waits five seconds. A reply that is not ready at the deadline goes on being made; the
answer now is empty, and WeChat's repeat of the message gets what has been prepared.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from xml.etree.ElementTree import Element

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.wechat.crypto import CallbackCrypto
from bot.channels.wechat.document import field, read
from bot.channels.wechat.parse import parse_message, recipient
from bot.channels.wechat.refusal import Refused
from bot.channels.wechat.render import render_reply, render_text
from bot.clock import Clock
from bot.messages import Message, Reply
from bot.metrics import Metrics, NoMetrics

log = structlog.get_logger(__name__)

PATH = "/wechat"
NOTHING_TO_SAY = "success"
"""What WeChat wants to read when a message is taken and gets no reply."""

DRAIN_SECONDS = 10.0
"""How long a stopping server waits for messages in work; what is left, WeChat's repeat makes good."""

HINTS = {
    "json_push": "set the data format to XML in the WeChat console",
    "plaintext": "set the encryption to safe mode in the WeChat console, or wechat.mode here",
    "no_aes_key": "set GONGHUI_WECHAT_AES_KEY to the EncodingAESKey of the WeChat console",
    "app_id": "compare wechat.app_id with the WeChat console",
    "undecipherable": "compare GONGHUI_WECHAT_AES_KEY with the WeChat console",
    "recipient": "compare wechat.original_id with the WeChat console",
    "window": "compare this machine's clock with the network time",
}

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_NONCE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ECHO = re.compile(r"[A-Za-z0-9_-]{1,128}")

Receive = Callable[[Message], Awaitable[Reply | None]]


@dataclass(frozen=True, slots=True)
class CallbackRules:
    """What the callback accepts, and how long it takes.

    mode: in `safe` a message that came unencrypted is refused.
    original_id: the account that messages must be addressed to; empty accepts any.
    base_url: the public address of the site, or empty when there is none.
    """

    mode: str = "safe"
    original_id: str = ""
    base_url: str = ""
    largest_body: int = 64 * 1024
    deadline_seconds: float = 4.0
    tolerance: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Query:
    """The part of the address that WeChat signs."""

    timestamp: str
    nonce: str
    signature: str
    message_signature: str
    encrypted: bool


@dataclass(frozen=True, slots=True)
class _Incoming:
    """An accepted document; `key` says which key encrypts the reply, None that it goes out plain."""

    root: Element
    key: int | None


class Callback:
    """Serves WeChat's verification and its messages."""

    def __init__(
        self,
        *,
        crypto: CallbackCrypto,
        rules: CallbackRules,
        receive: Receive,
        clock: Clock,
        metrics: Metrics | None = None,
    ) -> None:
        """`receive` handles a message once and gives its repeats the same reply; it never raises."""
        self._crypto = crypto
        self._rules = rules
        self._receive = receive
        self._clock = clock
        self._metrics = metrics or NoMetrics()
        self._in_work: set[asyncio.Task[Reply | None]] = set()

    def routes(self) -> list[Route]:
        """The routes to add to the web application."""
        return [
            Route(PATH, self.verify, methods=["GET"], name="wechat_verify"),
            Route(PATH, self.take, methods=["POST"], name="wechat_take"),
        ]

    async def drain(self) -> None:
        """Give the messages that are still in work some time to be finished."""
        if self._in_work:
            await asyncio.wait(set(self._in_work), timeout=DRAIN_SECONDS)

    async def verify(self, request: Request) -> Response:
        """Prove to WeChat that this address is ours, by repeating its `echostr`.

        Changes nothing and gives nothing away, so it does not depend on the clocks: an operator
        whose clock is off can finish the set-up and reads about the clock in the log.
        """
        try:
            query = _read_query(request)
            self._crypto.check_signature(query.signature, query.timestamp, query.nonce)
            echo = _read_echo(request)
        except Refused as refused:
            return _refusal(refused)
        log.info("wechat.verified", clock_agrees=self._is_in_window(query))
        return PlainTextResponse(echo)

    async def take(self, request: Request) -> Response:
        """Take one message and reply to it; refuse with 4xx what WeChat cannot have sent."""
        loop = asyncio.get_running_loop()
        answer_by = loop.time() + self._rules.deadline_seconds
        try:
            query = self._check_window(_read_query(request))
            body = await self._read_body(request)
            incoming = self._open(query, body)
            message = parse_message(incoming.root, self._clock.now())
        except Refused as refused:
            return _refusal(refused)
        work = asyncio.ensure_future(self._receive(message))
        self._in_work.add(work)
        work.add_done_callback(self._in_work.discard)
        await asyncio.wait({work}, timeout=max(0.0, answer_by - loop.time()))
        if not work.done():
            self._metrics.empty_answer(message.channel)
            log.warning("wechat.not_ready", kind=message.kind.value)
            return Response("")
        return self._respond(work.result(), incoming, message, query)

    def _is_in_window(self, query: _Query) -> bool:
        return abs(self._clock.now().timestamp() - int(query.timestamp)) <= self._rules.tolerance.total_seconds()

    def _check_window(self, query: _Query) -> _Query:
        if not self._is_in_window(query):
            raise Refused("window", 403)
        return query

    async def _read_body(self, request: Request) -> bytes:
        most = self._rules.largest_body
        announced = request.headers.get("content-length", "0")
        if not announced.isdecimal() or int(announced) > most:
            raise Refused("too_large", 413)
        body = bytearray()
        try:
            async with asyncio.timeout(self._rules.deadline_seconds):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > most:
                        raise Refused("too_large", 413)
        except TimeoutError as error:
            raise Refused("too_slow", 408) from error
        except ClientDisconnect as error:
            raise Refused("disconnected") from error
        if "json" in request.headers.get("content-type", "") or body.lstrip()[:1] == b"{":
            raise Refused("json_push", 415)
        return bytes(body)

    def _open(self, query: _Query, body: bytes) -> _Incoming:
        """The document inside the body, once its signature has been checked."""
        if query.encrypted:
            envelope = read(body)
            encrypted = field(envelope, "Encrypt")
            opened = self._crypto.decrypt(encrypted, query.message_signature, query.timestamp, query.nonce)
            incoming = _Incoming(read(opened.document), opened.key)
        else:
            if self._rules.mode == "safe":
                raise Refused("plaintext", 403)
            self._crypto.check_signature(query.signature, query.timestamp, query.nonce)
            incoming = _Incoming(read(body), None)
        if self._rules.original_id and recipient(incoming.root) != self._rules.original_id:
            raise Refused("recipient", 403)
        return incoming

    def _respond(self, reply: Reply | None, incoming: _Incoming, message: Message, query: _Query) -> Response:
        text = render_text(reply, self._rules.base_url) if reply else ""
        if not text:
            return PlainTextResponse(NOTHING_TO_SAY)
        now = self._clock.now()
        document = render_reply(text, to=message.sender, sender=recipient(incoming.root), now=now)
        if incoming.key is not None:
            document = self._crypto.encrypt(document, str(int(now.timestamp())), query.nonce, incoming.key)
        return Response(document, media_type="application/xml")


def _read_query(request: Request) -> _Query:
    given = request.query_params
    timestamp, nonce = given.get("timestamp", ""), given.get("nonce", "")
    if not _TIMESTAMP.fullmatch(timestamp) or not _NONCE.fullmatch(nonce):
        raise Refused("query")
    return _Query(
        timestamp=timestamp,
        nonce=nonce,
        signature=given.get("signature", ""),
        message_signature=given.get("msg_signature", ""),
        encrypted=given.get("encrypt_type", "raw") != "raw",
    )


def _read_echo(request: Request) -> str:
    echo = request.query_params.get("echostr", "")
    if not _ECHO.fullmatch(echo):
        raise Refused("echostr")
    return echo


def _refusal(refused: Refused) -> Response:
    hint = {"hint": HINTS[refused.reason]} if refused.reason in HINTS else {}
    log.warning("wechat.refused", reason=refused.reason, status=refused.status, **hint)
    return Response(status_code=refused.status)
