"""The site as a channel: nothing has to be carried anywhere, as the pages are made from the ledger.

A page is public because its delivery is SENT, and for no other reason. Hence a process that dies before the outcome
is written has surely published nothing, and it can be said so afterwards.
"""

from bot.publishing.outcomes import Outcome, Refused, Sent
from bot.publishing.ports import Ability, ChannelHealth, HealthState, Memory, Parcel
from bot.site.post_page import CHANNEL, read_page

NO_PAGE = "no_page"
NOT_THERE = "not_there"
NO_ADDRESS = "no_base_url"


class SitePostSender:
    """Publishes, corrects and withdraws pages of this site. base_url: of the site, empty where it has none."""

    channel = CHANNEL
    abilities = frozenset({Ability.EDIT, Ability.WITHDRAW, Ability.RECONCILE})
    attended = False
    per_minute = 0

    def __init__(self, base_url: str = "") -> None:
        self._base_url = base_url

    async def send(self, parcel: Parcel, memory: Memory) -> Outcome:
        """Say that it is there: with the outcome that the ledger then holds it is."""
        try:
            page = read_page(parcel.rendering)
        except (KeyError, TypeError, ValueError):
            return Refused(NO_PAGE, permanent=True)
        await memory.intend()
        address = f"/posts/{page.slug}"
        return Sent(vendor_id=page.slug, address=f"{self._base_url}{address}" if self._base_url else address)

    async def reconcile(self, parcel: Parcel, memory: Memory) -> Outcome:
        """Surely not there: what is asked about has no outcome that says so, and such a page is not public."""
        return Refused(NOT_THERE, permanent=False)

    async def health(self) -> ChannelHealth:
        """Always ready; without an address of its own the site has no feeds and no picture when a page is shared."""
        return ChannelHealth(state=HealthState.READY, detail="" if self._base_url else NO_ADDRESS)
