"""Making issues of what has come out, and writing down who is to get them, a batch at a time.

What is made is decided by keys in the database, so it does not matter how many processes try; and a batch is a
transaction with the place that was reached, so it does not matter when one of them dies.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from uuid import uuid4

import structlog

from bot.clock import Clock
from bot.subscriptions.issues import (
    LATEST,
    Issue,
    IssueState,
    Item,
    News,
    digest_of,
    due_at_once,
    key_of_post,
    key_of_week,
    last_due,
    week_of,
)
from bot.subscriptions.ledger import Code
from bot.subscriptions.ports import BroadcastSender, Open
from bot.subscriptions.subscribers import Pace, Subscriber

log = structlog.get_logger(__name__)

BATCH = 500
_RUNNING = (IssueState.PLANNING, IssueState.SENDING)
_MOST_RUNNING = 500


class IssueMaker:
    """Makes issues and plans them. news: what is public on the site; weekday, hour: of the digest, in China."""

    def __init__(  # noqa: PLR0913 - what it is made of, all named
        self,
        *,
        write: Open,
        read: Open,
        news: Callable[[], Awaitable[Sequence[News]]],
        senders: Mapping[str, BroadcastSender],
        clock: Clock,
        weekday: int,
        hour: int,
    ) -> None:
        self._write = write
        self._read = read
        self._news = news
        self._senders = senders
        self._clock = clock
        self._weekday = weekday
        self._hour = hour

    async def run(self) -> Mapping[str, int]:
        """Make what is due and plan it; how much. Safe to repeat, in several processes too. Raises StoreUnavailable."""
        figures: Counter[str] = Counter()
        figures["issues"] = await self.make()
        figures["ended"] = await self.end()
        figures["recipients"] = await self.plan()
        return figures

    async def make(self) -> int:
        """Make the issues that are due; how many are new."""
        now, news = self._clock.now(), await self._news()
        issues = [_of_post(one, now) for one in due_at_once(news, now)]
        async with self._read() as work:
            digest = await self._digest(work.broadcasts.last_until, news, now)
            issues += [digest] if digest else []
            known = await work.broadcasts.known_keys([issue.key for issue in issues]) if issues else set()
        made = 0
        for issue in issues:
            if issue.key in known:
                continue
            async with self._write() as work:
                new = await work.broadcasts.add_issue(issue)
                await work.commit()
            made += new
            if new:
                log.info("broadcast.issue_made", id=issue.id, pace=issue.pace.value, posts=len(issue.items))
        return made

    async def end(self) -> int:
        """End the issues whose post was taken back, that waited too long, or that everybody has got; how many."""
        now, ended = self._clock.now(), 0
        async with self._read() as work:
            running = await work.broadcasts.issues(_RUNNING, _MOST_RUNNING)
        gone = {one.item.post for one in await self._news() if one.is_withdrawn} if running else set()
        for issue in running:
            left = tuple(item for item in issue.items if item.post not in gone)
            withdrawn = not left
            if left and left != issue.items:  # a digest goes on without it
                await self._keep(issue.id, left)
            if not withdrawn and now - issue.made_at <= LATEST:
                continue
            state, code = (IssueState.WITHDRAWN, Code.WITHDRAWN) if withdrawn else (IssueState.DONE, Code.EXPIRED)
            async with self._write() as work:
                dropped = await work.broadcasts.give_up(issue.id, state, code, now)
                await work.commit()
            log.warning("broadcast.issue_ended", id=issue.id, cause=code.value, recipients=dropped)
            ended += 1
        if running:
            async with self._write() as work:
                ended += await work.broadcasts.close_finished()
                await work.commit()
        return ended

    async def _keep(self, id: str, items: Sequence[Item]) -> None:
        async with self._write() as work:
            await work.broadcasts.keep_items(id, items)
            await work.commit()

    async def plan(self) -> int:
        """Write down who gets the issues that are not planned to the end; how many."""
        async with self._read() as work:
            issues = await work.broadcasts.issues((IssueState.PLANNING,), _MOST_RUNNING)
        planned = 0
        for issue in reversed(issues):
            while (added := await self._plan_batch(issue.id)) is not None:
                planned += added
        return planned

    async def _plan_batch(self, id: str) -> int | None:
        async with self._write() as work:
            issue = await work.broadcasts.hold_issue(id)
            if issue is None or issue.state is not IssueState.PLANNING:
                return None
            some = await work.subscribers.batch(issue.pace, issue.made_at, issue.cursor, BATCH, list(self._senders))
            wanted = [(one.id, one.channel) for one in some if self._is_for(issue, one)]
            await work.broadcasts.plan(issue.id, wanted, self._clock.now())
            is_over = len(some) < BATCH
            state = IssueState.SENDING if is_over else IssueState.PLANNING
            await work.broadcasts.move_issue(issue.id, state, some[-1].id if some else issue.cursor)
            await work.commit()
        return len(wanted)

    def _is_for(self, issue: Issue, one: Subscriber) -> bool:
        granted = one.grants > 0 or not self._senders[one.channel].granted
        return granted and bool(issue.items_for(one.topics))

    async def _digest(
        self, last_until: Callable[[Pace], Awaitable[datetime | None]], news: Sequence[News], now: datetime
    ) -> Issue | None:
        due = last_due(now, self._weekday, self._hour)
        if now - due > LATEST:
            return None
        since, until = week_of(due, await last_until(Pace.WEEKLY))
        items = digest_of(news, since, until)
        return _issue(key_of_week(due), Pace.WEEKLY, items, until, now) if items else None


def channels_with_grants(senders: Mapping[str, BroadcastSender]) -> Collection[str]:
    """The channels on which each message uses up a grant."""
    return [channel for channel, sender in senders.items() if sender.granted]


def _of_post(news: News, now: datetime) -> Issue:
    return _issue(key_of_post(news.item.post), Pace.AT_ONCE, (news.item,), news.at, now)


def _issue(key: str, pace: Pace, items: tuple[Item, ...], until: datetime, now: datetime) -> Issue:
    return Issue(id=uuid4().hex, key=key, pace=pace, items=items, until=until, made_at=now)
