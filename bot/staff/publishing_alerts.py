"""Telling staff what happens in publishing: publicists and the author, or who may review, by badge, mail and group.

Where there are none supervisors are told. A notice holds the title of the post, the channel and the time, as the
console shows them; nothing about readers.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING

from bot.clock import SHANGHAI, Clock
from bot.complaints.desk.staff_telling import Member, Roster, roster, tell_staff
from bot.complaints.notices import Road
from bot.publishing.alerts import Alert, AlertKind
from bot.roles import Role

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

PREFIX = "post_"
"""Of the kinds of these notices: `notices.line.post_<kind>` has the words."""

_FOR_ADMINISTRATORS = frozenset(
    {AlertKind.REAUTHORISE, AlertKind.EXPIRES, AlertKind.RESTING, AlertKind.UNKNOWN_YEAR, AlertKind.ADMINISTRATOR}
)
_LONGEST_KEY = 100


class StaffAlerts:
    """The port `Alerts`. name_of: the name of a channel; roads: by what staff are told here."""

    def __init__(self, name_of: Callable[[str], str], roads: Collection[Road], clock: Clock) -> None:
        self._name_of = name_of
        self._roads = frozenset(roads)
        self._clock = clock

    async def tell(self, work: "UnitOfWork", alert: Alert) -> None:
        """Put it down for everybody concerned, in this transaction. Safe to repeat."""
        post = await work.posts.find(alert.post) if alert.post else None
        members = _concerned(await roster(work), alert, post.author if post else "")
        data = dict(alert.data) | {
            "title": post.content.title if post else "",
            "channel": self._name_of(alert.channel) if alert.channel else "",
            "post": alert.post,
            "delivery": alert.delivery,
        }
        if "due" in data:
            data["due"] = _local(data["due"])
        key = f"publishing:{alert.once}"[:_LONGEST_KEY]
        kind = f"{PREFIX}{alert.kind}"
        await tell_staff(work, members, kind, key=key, now=self._clock.now(), roads=self._roads, data=data)


def _concerned(staff: Roster, alert: Alert, author: str) -> list[Member]:
    wanted = {Role.PUBLICIST} | ({Role.ADMINISTRATOR} if alert.kind in _FOR_ADMINISTRATORS else set())
    if alert.to is None:
        found = [member for member in staff.members if member.role in wanted or member.id == author]
    else:
        found = [member for member in staff.members if member.id in alert.to]
    return found or staff.supervisors()  # what nobody was told is forgotten


def _local(occurrence: str) -> str:
    """An instant of the ledger as staff read it."""
    at = datetime.fromisoformat(occurrence).astimezone(SHANGHAI)
    return f"{at:%Y-%m-%d %H:%M}"
