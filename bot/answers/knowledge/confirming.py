"""Confirmation of entries by the federation's own legal staff: what stands confirmed, and who may confirm what.

`checked_on` says when an entry was compared with the statute texts, wherever it was written. That the staff of this
federation stand for it is kept here, for each deployment. A confirmation is of one text, named by its digest: an
entry that says something else is unconfirmed, and one that says again what was confirmed is confirmed again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from typing import TYPE_CHECKING

from bot.answers.content import CONSOLE
from bot.answers.knowledge.drafts import KnowledgeRefused
from bot.audit import AuditEntry
from bot.clock import local_date
from bot.errors import GonghuiError
from bot.laws.front_matter import one_line
from bot.rights import Actor, Right, may

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

LONGEST_NAME, LONGEST_NOTE = 64, 200
"""What the table holds."""


@dataclass(frozen=True, slots=True)
class LiveVersion:
    """The version of an entry that workers read, without its text."""

    number: int
    digest: str
    saved_at: datetime
    saved_by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmation:
    """Somebody of the legal staff has confirmed one text of an entry.

    version: its number when it was confirmed, 0 where that is not known. confirmed_by: `console:` and an account, or
    a name as it was given at the terminal.
    """

    topic: str
    digest: str
    confirmed_at: datetime
    confirmed_by: str
    version: int = 0
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmer:
    """Who confirms. actor: as the audit log knows them; recorded: what is kept as `confirmed_by`.

    accounts: those that are this person, so that nobody confirms their own words. name: for the audit log, where the
    actor does not tell who it was.
    """

    actor: str
    recorded: str
    accounts: frozenset[str]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What came of confirming. already: what stood confirmed before; own: what has to be left to somebody else."""

    done: tuple[Confirmation, ...]
    already: tuple[Confirmation, ...]
    own: tuple[str, ...]


class NotLive(GonghuiError):
    """There are no live entries of these topics."""

    def __init__(self, topics: Sequence[str]) -> None:
        self.topics = tuple(topics)
        super().__init__(", ".join(topics))


def standing(live: Mapping[str, LiveVersion], kept: Iterable[Confirmation]) -> dict[str, Confirmation]:
    """The confirmations of what the live entries say now, by topic; an entry that is not there is unconfirmed."""
    known = {(one.topic, one.digest): one for one in kept}
    return {topic: known[topic, its.digest] for topic, its in live.items() if (topic, its.digest) in known}


def days(confirmed: Mapping[str, Confirmation]) -> dict[str, date]:
    """The days in China on which they were confirmed."""
    return {topic: local_date(one.confirmed_at) for topic, one in confirmed.items()}


async def read_standing(work: "UnitOfWork") -> dict[str, Confirmation]:
    """The confirmations of what the live entries say now, by topic."""
    return standing(await work.entries.live(), await work.confirmations.kept())


async def writers_of(work: "UnitOfWork", topic: str) -> frozenset[str]:
    """The accounts whose words the live entry holds: none of them may confirm it.

    That is everybody who wrote in or submitted what went live in the console, back to the last version that was
    brought in from elsewhere: the words of an earlier one stay in those that follow.
    """
    versions = await work.entries.versions(topic)
    ours = list(takewhile(lambda version: version[2].startswith(CONSOLE), versions))
    if not ours:
        return frozenset()
    authors = frozenset(by.removeprefix(CONSOLE) for _, _, by in ours)
    return authors | await work.entry_drafts.writers_since(topic, ours[-1][1])


async def confirm(work: "UnitOfWork", by: Confirmer, topics: Sequence[str], note: str, now: datetime) -> Confirmed:
    """Confirm what these entries say now, but for the person's own words. Safe to repeat; the caller commits.

    Raises NotLive with all topics that are no live entries; then nothing is confirmed.
    """
    await work.entries.take_turn()  # nothing may go live between the look and the keeping
    live = await work.entries.live()
    if unknown := [topic for topic in topics if topic not in live]:
        raise NotLive(unknown)
    before = standing(live, await work.confirmations.kept())
    done, own = [], []
    for topic in dict.fromkeys(topics):
        if topic in before:
            continue
        if by.accounts & await writers_of(work, topic):
            own.append(topic)
            continue
        confirmation = Confirmation(
            topic=topic,
            digest=live[topic].digest,
            version=live[topic].number,
            confirmed_at=now,
            confirmed_by=by.recorded,
            note=one_line(note)[:LONGEST_NOTE],
        )
        await work.confirmations.add(confirmation)
        await _log(work, by, confirmation)
        done.append(confirmation)
    already = tuple(before[topic] for topic in dict.fromkeys(topics) if topic in before)
    return Confirmed(tuple(done), already, tuple(own))


async def confirm_seen(  # noqa: PLR0913, PLR0917 - who confirms which version with which words, and when
    work: "UnitOfWork", actor: Actor, topic: str, version: int, note: str, now: datetime
) -> Confirmation:
    """Confirm the version that a member of staff has looked at; the confirmation that stands. Safe to repeat.

    Raises KnowledgeRefused: `not_allowed` for no right, `other_version` when another version is live, or none,
    `own_words` for one's own words.
    """
    if not may(actor.role, Right.CONFIRM_KNOWLEDGE):
        raise KnowledgeRefused("not_allowed")
    await work.entries.take_turn()
    if not version or await work.entries.live_version(topic) != version:
        raise KnowledgeRefused("other_version", topic=topic)
    by = Confirmer(actor=actor.id, recorded=f"{CONSOLE}{actor.id}", accounts=frozenset({actor.id}))
    confirmed = await confirm(work, by, [topic], note, now)
    if confirmed.own:
        raise KnowledgeRefused("own_words", topic=topic)
    return (*confirmed.done, *confirmed.already)[0]


async def _log(work: "UnitOfWork", by: Confirmer, confirmation: Confirmation) -> None:
    data = {"topic": confirmation.topic, "version": str(confirmation.version)}
    text = "\n".join(filter(None, [by.name, confirmation.note]))  # names and words are sealed, codes are not
    await work.audit.append(AuditEntry(by.actor, "entry.confirmed", subject=confirmation.topic, data=data, text=text))
