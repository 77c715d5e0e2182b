"""Telling staff by mail and in the group: what is planned goes out once, and what came of it is written down.

The claim is the intent and stands in the database before anything is sent; the outcome follows in a transaction of its
own. Whoever dies in between leaves a notice that is unknown: staff see it, and no machine sends it again.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Protocol

from bot.clock import Clock
from bot.complaints.notices import GROUPS, Road, StoredStaffNotice
from bot.complaints.sending import Outcome, Result, attempt, record
from bot.metrics import Metrics
from bot.staff.letters import Letter, LetterWriter
from bot.staff.members import StaffMember

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

MOST_LETTERS = 30
"""With one knock; the rest waits for the next one."""

NO_ADDRESS = "no_address"

Transactions = Callable[[], AbstractAsyncContextManager["UnitOfWork"]]


class Carrier(Protocol):
    """One road on which letters go."""

    async def send(self, letter: Letter, *, to: str, key: str) -> None:
        """Send it once. `key` is the letter's own. Raises VendorError; OutcomeUnknown where it may have been sent."""
        ...


class StaffNotifier:
    """Sends what is due. carriers: those of the roads that are switched on; what is planned for others expires."""

    def __init__(
        self,
        *,
        write: Transactions,
        carriers: Mapping[Road, Carrier],
        writer: LetterWriter,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._write = write
        self._carriers = carriers
        self._writer = writer
        self._clock = clock
        self._metrics = metrics

    async def run(self) -> Mapping[str, int]:
        """Send what is due; how many notices had which outcome. Safe to repeat, in several processes too."""
        figures = Counter(await self._give_up())
        open_roads = set(self._carriers)
        for _ in range(MOST_LETTERS):
            claimed, members = await self._claim(open_roads)
            if not claimed:
                break
            road = claimed[0].notice.road
            outcome = await self._send(road, claimed, members)
            figures += await self._finish(claimed, outcome)
            if outcome.result is Result.PUT_OFF:  # its server is away: the next letter would wait for it as well
                open_roads.discard(road)
        return figures

    async def _give_up(self) -> dict[str, int]:
        async with self._write() as work:
            given_up = await work.notices.give_up(self._clock.now())
            await work.commit()
        for stored in given_up:
            record(self._metrics, stored.notice.road.value, stored.id, stored.state.value, stored.error)
        return dict(Counter(stored.state.value for stored in given_up))

    async def _claim(self, roads: set[Road]) -> tuple[list[StoredStaffNotice], dict[str, StaffMember]]:
        """The notices of one letter, and those of whom they speak as they are now."""
        if not roads:
            return [], {}
        async with self._write() as work:
            claimed = await work.notices.claim_letter(self._clock.now(), roads)
            ids = {stored.notice.staff for stored in claimed} - {""}
            found = [await work.staff.find(id) for id in sorted(ids)]
            await work.commit()
        return claimed, {member.id: member for member in found if member is not None and member.active}

    async def _send(
        self, road: Road, claimed: Sequence[StoredStaffNotice], members: Mapping[str, StaffMember]
    ) -> Outcome:
        notices = [stored.notice for stored in claimed]
        if road in GROUPS:
            letter, to = self._writer.group(notices, [member.wecom for member in members.values()]), ""
        else:
            addressee = members.get(notices[0].staff)
            to = addressee.mail if addressee else ""
            if not to:  # the account was shut, or its address taken away, since this was planned
                return Outcome(Result.FAILED, NO_ADDRESS)
            letter = self._writer.mail(notices)
        return await attempt(self._carriers[road].send(letter, to=to, key=claimed[0].id))

    async def _finish(self, claimed: Sequence[StoredStaffNotice], outcome: Outcome) -> Counter[str]:
        now = self._clock.now()
        outcomes = [(stored, outcome.after(stored.attempts, now)) for stored in claimed]
        async with self._write() as work:
            for stored, mine in outcomes:
                unknown = mine.result is Result.UNKNOWN
                await work.notices.finish(stored.id, now, error=mine.error, retry_at=mine.retry_at, unknown=unknown)
            await work.commit()
        for stored, mine in outcomes:
            record(self._metrics, stored.notice.road.value, stored.id, mine.result.value, mine.error)
        return Counter(mine.result.value for _, mine in outcomes)
