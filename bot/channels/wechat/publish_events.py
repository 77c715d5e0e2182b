"""WeChat's events about publishing: `PUBLISHJOBFINISH` and `MASSSENDJOBFINISH` -> the delivery that they are about.

An event may come twice, late, or not at all: it only says sooner what is asked for anyway.
"""

from collections.abc import Awaitable, Callable, Mapping

import structlog

from bot.channels.wechat.parse import CHANNEL
from bot.errors import GonghuiError
from bot.messages import Kind, Message, Reply
from bot.publishing.outcomes import Outcome, Refused, Sent

log = structlog.get_logger(__name__)

PUBLISH_FINISHED = "PUBLISHJOBFINISH"
MASS_FINISHED = "MASSSENDJOBFINISH"

_DONE = "0"
_RUNNING = "1"
_MASS_DONE = frozenset({"send success", "sendsuccess"})

Said = Callable[[str, str, Outcome], Awaitable[object]]
Receive = Callable[[Message], Awaitable[Reply | None]]


class PublishEvents:
    """Stands before the inbox and tells publishing what WeChat reports about its jobs. said: of the dispatcher."""

    def __init__(self, said: Said, receive: Receive) -> None:
        self._said = said
        self._receive = receive

    async def receive(self, message: Message) -> Reply | None:
        """Take a message as the inbox does. Never raises because of an event."""
        told = outcome_of(message)
        if told is not None:
            job, outcome = told
            try:
                await self._said(CHANNEL, job, outcome)
            except GonghuiError as error:  # asking later finds the same
                log.warning("wechat.publish_event_lost", job=job, cause=type(error).__name__)
        return await self._receive(message)


def outcome_of(message: Message) -> tuple[str, Outcome] | None:
    """The job's name and what came of it; None for any other message, and while the job runs."""
    data = message.data
    if message.kind is not Kind.NOTICE:
        return None
    if data.get("event") == PUBLISH_FINISHED:
        return _of_publish(data)
    if data.get("event") == MASS_FINISHED:
        return _of_mass(data)
    return None


def _of_publish(data: Mapping[str, str]) -> tuple[str, Outcome] | None:
    job, status = f"publish:{data.get('publish_id', '')}", data.get("status", "")
    if status == _RUNNING:
        return None
    if status == _DONE:
        return job, Sent(vendor_id=job, address=_first(data))
    return job, Refused(f"publish_status_{status}", permanent=True, detail=data.get("failed", ""))


def _of_mass(data: Mapping[str, str]) -> tuple[str, Outcome]:
    job, status = f"mass:{data.get('message_id', '')}", data.get("status", "")
    if status.lower() in _MASS_DONE:
        return job, Sent(vendor_id=job, address=_first(data))
    return job, Refused(f"mass_{''.join(c for c in status if c.isalnum()) or 'failed'}"[:64], permanent=True)


def _first(data: Mapping[str, str]) -> str:
    return data.get("urls", "").partition(" ")[0]
