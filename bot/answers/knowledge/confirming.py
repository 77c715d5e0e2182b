"""Confirmation of entries by the federation's own legal staff: what stands confirmed, and who may confirm what.

`checked_on` says when an entry was compared with the statute texts, wherever it was written. That the staff of this
federation stand for it is kept here, for each deployment. A confirmation is of one text, named by its digest: an
entry that says something else is unconfirmed, and one that says again what was confirmed is confirmed again. It can
be withdrawn, with a reason; that text is then unconfirmed until somebody confirms it anew. The audit log keeps both.
Terminal and console share `confirm` and `withdraw`; `confirm_seen` and `withdraw_seen` add what a page needs: the
right, and that the version on it is still the one that is live.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
"""What the table holds; a reason may be as long as a note."""


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
    a name as it was given at the terminal. withdrawn_at: when somebody took it back, None while it holds; by whom
    (`withdrawn_by`, like `confirmed_by`) and why.
    """

    topic: str
    digest: str
    confirmed_at: datetime
    confirmed_by: str
    version: int = 0
    note: str = ""
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""
    withdrawn_why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmer:
    """Who confirms or withdraws. actor: as the audit log knows them; recorded: what is kept of them.

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


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What came of withdrawing. without: the topics whose live text nobody had confirmed."""

    done: tuple[Confirmation, ...]
    without: tuple[str, ...]


class NotLive(GonghuiError):
    """There are no live entries of these topics."""

    def __init__(self, topics: Sequence[str]) -> None:
        self.topics = tuple(topics)
        super().__init__(", ".join(topics))


def standing(live: Mapping[str, LiveVersion], kept: Iterable[Confirmation]) -> dict[str, Confirmation]:
    """The confirmations of what the live entries say now, by topic; an entry that is not there is unconfirmed."""
    return {topic: one for topic, one in _of_live(live, kept).items() if one.withdrawn_at is None}


def taken_back(live: Mapping[str, LiveVersion], kept: Iterable[Confirmation]) -> dict[str, Confirmation]:
    """The withdrawn confirmations of what the live entries say now, by topic."""
    return {topic: one for topic, one in _of_live(live, kept).items() if one.withdrawn_at is not None}


def _of_live(live: Mapping[str, LiveVersion], kept: Iterable[Confirmation]) -> dict[str, Confirmation]:
    known = {(one.topic, one.digest): one for one in kept}
    return {topic: known[topic, its.digest] for topic, its in live.items() if (topic, its.digest) in known}


def days(confirmed: Mapping[str, Confirmation]) -> dict[str, date]:
    """The days in China on which they were confirmed."""
    return {topic: local_date(one.confirmed_at) for topic, one in confirmed.items()}


async def read_standing(work: "UnitOfWork") -> dict[str, Confirmation]:
    """The confirmations of what the live entries say now, by topic."""
    return (await read_live(work))[0]


async def read_live(work: "UnitOfWork") -> tuple[dict[str, Confirmation], dict[str, Confirmation]]:
    """Those of what the live entries say now, by topic: the ones that stand, and the ones that were withdrawn."""
    live, kept = await work.entries.live(), await work.confirmations.kept()
    return standing(live, kept), taken_back(live, kept)


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
    live = await _look(work, topics)
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
        await _log(work, by, "entry.confirmed", confirmation, confirmation.note)
        done.append(confirmation)
    already = tuple(before[topic] for topic in dict.fromkeys(topics) if topic in before)
    return Confirmed(tuple(done), already, tuple(own))


async def withdraw(work: "UnitOfWork", by: Confirmer, topics: Sequence[str], why: str, now: datetime) -> Withdrawn:
    """Take back the confirmations of what these entries say now, whoever gave them. The caller commits.

    Safe to repeat: the first to withdraw stays. Raises NotLive with all topics that are no live entries, then nothing
    is withdrawn; KnowledgeRefused `why_needed` without a reason.
    """
    why = one_line(why)[:LONGEST_NOTE]
    if not why:
        raise KnowledgeRefused("why_needed")
    before = standing(await _look(work, topics), await work.confirmations.kept())
    done = []
    for topic in dict.fromkeys(topics):
        if topic in before:
            one = replace(before[topic], withdrawn_at=now, withdrawn_by=by.recorded, withdrawn_why=why)
            await work.confirmations.withdraw(one)
            await _log(work, by, "entry.confirmation_withdrawn", one, why)
            done.append(one)
    return Withdrawn(tuple(done), tuple(topic for topic in dict.fromkeys(topics) if topic not in before))


async def confirm_seen(  # noqa: PLR0913, PLR0917 - who confirms which version with which words, and when
    work: "UnitOfWork", actor: Actor, topic: str, version: int, note: str, now: datetime
) -> Confirmation:
    """Confirm the version that a member of staff has looked at; the confirmation that stands. Safe to repeat.

    Raises KnowledgeRefused: `not_allowed` for no right, `other_version` when another version is live, or none,
    `own_words` for one's own words.
    """
    confirmed = await confirm(work, await _who_has_seen(work, actor, topic, version), [topic], note, now)
    if confirmed.own:
        raise KnowledgeRefused("own_words", topic=topic)
    return (*confirmed.done, *confirmed.already)[0]


async def withdraw_seen(  # noqa: PLR0913, PLR0917 - who withdraws of which version for what reason, and when
    work: "UnitOfWork", actor: Actor, topic: str, version: int, why: str, now: datetime
) -> Confirmation:
    """Take back the confirmation of the version that a member of staff has looked at.

    Raises KnowledgeRefused: `not_allowed` for no right, `why_needed` without a reason, `other_version` when another
    version is live, or none, `not_confirmed` when it does not stand confirmed (any more).
    """
    withdrawn = await withdraw(work, await _who_has_seen(work, actor, topic, version), [topic], why, now)
    if not withdrawn.done:
        raise KnowledgeRefused("not_confirmed", topic=topic)
    return withdrawn.done[0]


async def _who_has_seen(work: "UnitOfWork", actor: Actor, topic: str, version: int) -> Confirmer:
    """The member of staff before the version that is live. Raises KnowledgeRefused."""
    if not may(actor.role, Right.CONFIRM_KNOWLEDGE):
        raise KnowledgeRefused("not_allowed")
    await work.entries.take_turn()
    if not version or await work.entries.live_version(topic) != version:
        raise KnowledgeRefused("other_version", topic=topic)
    return Confirmer(actor=actor.id, recorded=f"{CONSOLE}{actor.id}", accounts=frozenset({actor.id}))


async def _look(work: "UnitOfWork", topics: Sequence[str]) -> dict[str, LiveVersion]:
    """What is live, and stays so until the caller commits. Raises NotLive."""
    await work.entries.take_turn()  # nothing may go live between the look and the keeping
    live = await work.entries.live()
    if unknown := [topic for topic in topics if topic not in live]:
        raise NotLive(unknown)
    return live


async def _log(work: "UnitOfWork", by: Confirmer, action: str, confirmation: Confirmation, said: str) -> None:
    data = {"topic": confirmation.topic, "version": str(confirmation.version)}
    text = "\n".join(filter(None, [by.name, said]))  # names and words are sealed, codes are not
    await work.audit.append(AuditEntry(by.actor, action, subject=confirmation.topic, data=data, text=text))
