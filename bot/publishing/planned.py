"""What goes out where and when: what schedules will give and what the ledger holds, in one list."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from bot.clock import SHANGHAI
from bot.publishing.deliveries import Delivery
from bot.publishing.recurrence import Recurrence
from bot.publishing.schedules import Every, Schedule

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

MOST_DELIVERIES = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """One post on one channel at one time. delivery: what the ledger says of it, once it has become due."""

    at: datetime
    post: str
    title: str
    channel: str
    schedule: str = ""
    delivery: Delivery | None = None


def occurrence_key(at: datetime) -> str:
    """The name of an occurrence in the ledger: `2026-12-01T01:00Z`, with seconds where there are any."""
    return at.strftime("%Y-%m-%dT%H:%MZ") if not at.second else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def day_bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """From the first instant of the first day to the last one of the last day, in China."""
    behind = datetime.combine(last + timedelta(days=1), time(), SHANGHAI)
    return datetime.combine(first, time(), SHANGHAI), behind - timedelta(microseconds=1)


def occurrences(recurrence: Recurrence, schedule: Schedule, first: datetime, last: datetime) -> list[datetime]:
    """When an active schedule is due between two instants, both included."""
    if schedule.next_at is None:
        return []
    found = [schedule.next_at]
    if schedule.rule.every is not Every.ONCE:
        found += [each.at for each in recurrence.between(schedule.rule, schedule.next_at, last)]
    return [at for at in found if first <= at <= last]


async def read_planned(
    work: "UnitOfWork", recurrence: Recurrence, first: datetime, last: datetime, *, ledger: bool = True
) -> list[Planned]:
    """Everything between two instants, the earliest first. ledger: with what has become due already."""
    deliveries: list[Delivery] = []
    if ledger:
        deliveries, _ = await work.deliveries.list(due_from=first, due_to=last, limit=MOST_DELIVERIES)
    schedules = await work.schedules.active()
    posts = await work.posts.find_all({each.post for each in deliveries} | {each.post for each in schedules})
    titles = {id: post.content.title for id, post in posts.items()}
    found = [
        Planned(
            at=each.due_at,
            post=each.post,
            title=titles.get(each.post, ""),
            channel=each.channel,
            schedule=each.schedule,
            delivery=each,
        )
        for each in deliveries
    ]
    for schedule in schedules:
        for at in occurrences(recurrence, schedule, first, last):
            found += [
                Planned(
                    at=at,
                    post=schedule.post,
                    title=titles.get(schedule.post, ""),
                    channel=channel,
                    schedule=schedule.id,
                )
                for channel in schedule.channels
            ]
    return sorted(found, key=lambda each: (each.at, each.title, each.channel))
