"""What the doctor asks about publishing: how many people there are for each role, and how the channels are."""

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.app import Program
    from bot.ops.doctor.publishing import PublishingFacts
    from bot.publishing.ports import ChannelHealth, Sender
    from bot.settings import Configuration

PATIENCE = 15
"""Seconds that a channel may take to answer."""


async def publishing_facts(configuration: "Configuration", *, usable: bool) -> "PublishingFacts":
    """What can be found out. usable: the database and its keys are there; without them nobody is asked."""
    from bot.app import build
    from bot.errors import GonghuiError
    from bot.ops.doctor.publishing import PublishingFacts

    if not usable:
        return PublishingFacts()
    try:
        program = build(configuration)
    except GonghuiError:  # told by the checks of files, content and keys
        return PublishingFacts()
    try:
        async with program.store.read() as work:
            people = Counter(member.role for member in await work.staff.all(active_only=True))
        return PublishingFacts(people, await _healths(program))
    except GonghuiError:  # told by the check of the database
        return PublishingFacts()
    finally:
        await program.store.close()


async def _healths(program: "Program") -> "dict[str, ChannelHealth]":
    import httpx

    from bot.publishing_jobs import sending

    async with httpx.AsyncClient() as client, sending(program, client):
        senders = dict(program.press.senders)
        healths = await asyncio.gather(*map(_health, senders.values()))
    return dict(zip(senders, healths, strict=True))


async def _health(sender: "Sender") -> "ChannelHealth":
    from bot.publishing.ports import ChannelHealth, HealthState

    try:
        async with asyncio.timeout(PATIENCE):
            return await sender.health()
    except Exception as error:  # noqa: BLE001 - whatever it is, the operator wants the rest
        return ChannelHealth(state=HealthState.UNREACHABLE, detail=type(error).__name__)
