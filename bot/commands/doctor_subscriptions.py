"""What the doctor asks about subscriptions."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.ops.doctor.subscriptions import SubscriptionFacts
    from bot.settings import Configuration

_LETTERS_WITHIN = timedelta(hours=1)


async def subscription_facts(configuration: "Configuration", now: datetime, *, usable: bool) -> "SubscriptionFacts":
    """What can be found out. usable: the database and its keys are there; without them nobody is asked."""
    from bot.app import build
    from bot.errors import GonghuiError
    from bot.ops.doctor.subscriptions import SubscriptionFacts
    from bot.subscriptions.links import CONFIRM_WITHIN

    if not usable:
        return SubscriptionFacts()
    try:
        program = build(configuration)
    except GonghuiError:  # told by the checks of files, content and keys
        return SubscriptionFacts()
    able = program.subscriptions.channels if program.subscriptions else frozenset[str]()
    try:
        async with program.store.read() as work:
            return SubscriptionFacts(
                counts=await work.subscribers.counts(),
                unconfirmed=await work.subscribers.unconfirmed(now - CONFIRM_WITHIN),
                letters=await work.subscribers.letters_due(now - _LETTERS_WITHIN),
                granted=await work.subscribers.holding_grants(),
                unseen=sum((await work.broadcasts.unseen()).values()),
                able=able,
            )
    except GonghuiError:  # told by the check of the database
        return SubscriptionFacts(able=able)
    finally:
        await program.store.close()
