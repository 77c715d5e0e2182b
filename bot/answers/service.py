"""Answering: question -> answer, near questions, or an honest no.

The order of decisions: is a person in danger (a notice goes first, whatever follows); is it
small talk; then the ranking with two thresholds. An entry is served only inside its effective
dates and in a region of this installation.
"""

import asyncio
import secrets
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.answers.base import FaqBase
from bot.answers.compose import MOST_SUGGESTED, Composer
from bot.answers.entries import Entry
from bot.answers.knowledge.hit_test import HitReport, explain
from bot.answers.outcome import Outcome, Policy
from bot.answers.ports import Ranked, Ranker
from bot.answers.redact import redact
from bot.answers.rules import RuleBook
from bot.clock import local_date
from bot.errors import UnknownEntry
from bot.messages import Choice, Reply

SCENE_PREFIX = "faq_"
MOST_TOGETHER = 16


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a question. `reason` tells small talk and refusals apart."""

    question: str
    outcome: Outcome
    reason: str
    ranked: Ranked
    reply: Reply
    citations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A question that waits for its answer."""

    text: str
    on: datetime
    answered: "asyncio.Future[Answered]"


class AnswerService:
    """Answers questions from one revision of the base; `use` changes to another revision."""

    def __init__(  # noqa: PLR0913 - the parts are named and handed in by the composition root
        self,
        *,
        composer: Composer,
        rules: RuleBook,
        policy: Policy,
        regions: Sequence[str],
        hot: Sequence[str],
        longest_question: int,
        executor: Executor | None = None,
    ) -> None:
        self._composer = composer
        self._rules = rules
        self._policy = policy
        self._regions = tuple(regions)
        self._hot = tuple(hot)
        self._longest = longest_question
        self._executor = executor
        self._base = FaqBase({}, "")
        self._ranker: Ranker | None = None
        self._waiting: list[_Waiting] = []
        self._worker: asyncio.Task[None] | None = None

    def use(self, base: FaqBase, ranker: Ranker) -> None:
        """Answer from this base from now on; questions in work end with the old one."""
        self._base, self._ranker = base, ranker

    def show(self, base: FaqBase) -> None:
        """Say what the entries of this base say from now on; they are found as those before until `use`."""
        self._base = base

    @property
    def base(self) -> FaqBase:
        """The base in use."""
        return self._base

    def is_served(self, topic: str, on: datetime) -> bool:
        """Whether that topic has an entry that may be served now."""
        return topic in self.served(on)

    def served(self, on: datetime) -> dict[str, Entry]:
        """The entries that may be served now, by topic."""
        return self._base.served(self._regions, local_date(on))

    def confirmed_on(self, topic: str) -> date | None:
        """The day on which the federation's legal staff confirmed what the entry says now; None: they have not."""
        return self._base.confirmed_on.get(topic)

    def topic_of_scene(self, scene: str) -> str | None:
        """The topic that a QR scene or menu key names: faq_wage_arrears -> wage.arrears."""
        name = scene.removeprefix("qrscene_")
        if not name.startswith(SCENE_PREFIX):
            return None
        wanted = name.removeprefix(SCENE_PREFIX).replace("-", "_").replace(".", "_")
        return next((t for t in self._base.entries if t.replace("-", "_").replace(".", "_") == wanted), None)

    def emergency_notice(self, text: str) -> str:
        """What to say first when a person is needed at once; empty otherwise."""
        return self._rules.emergency_notice(text)

    def small_talk(self, text: str) -> str:
        """The id of the small talk that the text is, or an empty text."""
        return self._rules.small_talk(text)

    def hot(self, on: datetime) -> list[Entry]:
        """The questions shown first, in the editors' order."""
        served = self.served(on)
        return [served[topic] for topic in self._hot if topic in served]

    def hot_choices(self, on: datetime) -> tuple[Choice, ...]:
        """The questions shown first, as choices."""
        return tuple(Choice(entry.title, f"entry:{entry.topic}") for entry in self.hot(on))

    def entry_reply(self, topic: str, on: datetime, *, question_id: str = "", notice: str = "") -> Reply:
        """An entry as a reply. Raises UnknownEntry when it is not in the base or not in force."""
        base = self._base  # one and the same for the entry and its confirmation: `show` may come in between
        served = base.served(self._regions, local_date(on))
        if topic not in served:
            raise UnknownEntry(topic)
        entry = served[topic]
        related = [served[other] for other in entry.related if other in served]
        return self._composer.entry(
            entry,
            related,
            local_date(on),
            confirmed_on=base.confirmed_on.get(topic),
            question_id=question_id,
            notice=notice,
        )

    async def ask(self, text: str, on: datetime) -> Answered:
        """Answer a question. Never raises for any text.

        The work happens in a worker thread; questions that come while it is busy are taken
        together when it is free, which costs less than one after the other.
        """
        waiting = _Waiting(text, on, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await waiting.answered

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            results = await loop.run_in_executor(self._executor, self._answer_all, batch)
            for waiting, result in zip(batch, results, strict=True):
                if waiting.answered.cancelled():
                    continue
                if isinstance(result, Exception):
                    waiting.answered.set_exception(result)
                else:
                    waiting.answered.set_result(result)

    def _answer_all(self, batch: "Sequence[_Waiting]") -> list[Answered | Exception]:
        """One result each: a fault in one question is that question's alone."""
        results: list[Answered | Exception] = []
        try:
            ranked = self._rank([waiting.text for waiting in batch], batch[0].on)
        except Exception as error:  # noqa: BLE001 - everybody who waits has to hear of it
            return [error] * len(batch)
        for waiting, its in zip(batch, ranked, strict=True):
            try:
                results.append(self._answer(waiting.text[: self._longest], waiting.on, its))
            except Exception as error:  # noqa: BLE001 - raised where the question was asked
                results.append(error)
        return results

    def answer(self, text: str, on: datetime) -> Answered:
        """Answer a question at once, in this thread. Never raises for any text."""
        return self._answer(text[: self._longest], on, self._rank([text], on)[0])

    def explain(self, text: str, on: datetime) -> HitReport:
        """Why a question gets what it gets now; the question is not recorded. Takes as long as an answer."""
        question = text[: self._longest]
        notice = self._rules.emergency_notice(question)
        talk = "" if notice else self._rules.small_talk(question)
        return explain(self._ranker, self._policy, self.served(on), question, small_talk=talk, notice=notice)

    def _rank(self, texts: Sequence[str], on: datetime) -> list[Ranked]:
        if self._ranker is None:
            return [Ranked((), (), 0.0, 0.0)] * len(texts)
        return self._ranker.rank_many([text[: self._longest] for text in texts], self.served(on))

    def _answer(self, question: str, on: datetime, ranked: Ranked) -> Answered:
        served = self.served(on)
        notice = self._rules.emergency_notice(question)
        question_id = secrets.token_hex(16)
        small_talk = self._rules.small_talk(question)
        if small_talk and not notice:
            reply = self._composer.sentence(f"small_talk.{small_talk}", question_id=question_id)
            return Answered(question, Outcome.NONE, f"small_talk.{small_talk}", ranked, reply)
        outcome, reason = self._policy.decide(ranked)
        if outcome is Outcome.ANSWER:
            topic = ranked.topics[0]
            reply = self.entry_reply(topic, on, question_id=question_id, notice=notice)
            cited = tuple(citation.key for citation in served[topic].citations)
            return Answered(question, outcome, reason, ranked, reply, cited)
        near = [served[topic] for topic in self._policy.near(ranked, outcome)][:MOST_SUGGESTED]
        reply = self._composer.near(reason or outcome.value, near, question_id=question_id, notice=notice)
        return Answered(question, outcome, reason, ranked, reply)

    async def search(self, text: str, on: datetime, limit: int = 10) -> list[Entry]:
        """The entries nearest to a text, best first."""
        answered = await self.ask(text, on)
        served = self.served(on)
        return [served[topic] for topic in answered.ranked.topics[:limit] if topic in served]

    def record(self, answered: Answered, channel: str, person: str, now: datetime) -> dict[str, Any]:
        """What is kept of a question: the arguments of `questions.record`, the text redacted."""
        return {
            "id": answered.reply.question_id,
            "asked_at": now,
            "channel": channel,
            "person": person,
            "text": redact(answered.question),
            "outcome": answered.outcome.value,
            "reason": answered.reason,
            "topics": answered.ranked.topics,
            "scores": answered.ranked.scores,
            "base": self._base.revision,
        }
