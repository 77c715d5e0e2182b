"""Questions that nobody could answer or whose answer did not help, gathered by what they are about.

The texts were redacted when they were recorded. What is made of one is said once: it is not listed any more.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.answers.knowledge.clusters import Asked, Cluster
from bot.answers.knowledge.desk import clean_phrasing
from bot.answers.knowledge.drafts import DraftChanged, KnowledgeRefused, MadeOf
from bot.answers.knowledge.gathering import MOST_QUESTIONS
from bot.console.pages import read_fields
from bot.console.views.knowledge_base import PLACE, KnowledgePage, pick
from bot.rights import Right

DAYS = ("30", "90")
OTHER = "other"
MOST_SHOWN, MOST_DISLIKED = 40, 12
_ID = re.compile(r"[0-9A-Za-z_-]{1,32}")


@dataclass(frozen=True, slots=True)
class Shown:
    """A cluster with what can be made of it. near: entries to choose from; category: where a new one would stand."""

    cluster: Cluster
    near: Sequence[tuple[str, str]]
    disliked: Sequence[tuple[str, str]]
    category: str
    phrasing: str


class QuestionPages(KnowledgePage):
    """What the base lacks."""

    menu_label = "待补充问题"
    icon = "fa-solid fa-circle-question"
    path = "/knowledge/questions"
    right = Right.EDIT_KNOWLEDGE

    @route("", name="knowledge-questions")
    async def questions(self, request: Request) -> Response:
        """The clusters of the last days, the largest first."""
        query = request.query_params
        days = pick(DAYS, query.get("days", ""), DAYS[0])
        kind = pick((OTHER,), query.get("kind", ""))
        since = self.parts.now() - timedelta(days=int(days))
        async with self.parts.read() as work:
            found = await work.questions.unsatisfied(since, MOST_QUESTIONS, other_law=kind == OTHER)
            votes = await work.votes.tallies()
        asked = [
            Asked(one.question.id, one.question.text, bool(one.disliked), one.disliked, tuple(one.question.topics))
            for one in found
        ]
        clusters = await self.knowledge.gatherer.gather(asked)
        context = {
            "days": days,
            "choices": DAYS,
            "kind": kind,
            "asked": len(asked),
            "most": MOST_QUESTIONS,
            "clusters": [self._shown(one) for one in clusters[:MOST_SHOWN]],
            "more": len(clusters) - MOST_SHOWN,
            "disliked": self._disliked(votes) if kind != OTHER else [],
            "titles": self._titles(self.entries()),
            "categories": self.knowledge.categories,
        }
        return self.show(request, "knowledge/questions.html", context)

    @route("/act", methods=["POST"], name="knowledge-questions-act")
    async def act(self, request: Request) -> Response:
        """Make a phrasing or an entry of a cluster, or nothing."""
        typed = await read_fields(request)
        back = f"{self.path}?days={pick(DAYS, typed.get('days', ''), DAYS[0])}"
        back += f"&kind={OTHER}" if typed.get("kind") == OTHER else ""
        what = typed.get("what", "")
        if what not in list(MadeOf):
            return self.go(request, back)
        if what == MadeOf.PHRASING and (typed.get("topic", "") not in self.entries() or not typed.get("phrasing")):
            self.say(request, "knowledge.questions.choose", "warning")
            return self.go(request, back)
        try:
            return self.go(request, await self._make(request, MadeOf(what), typed) or back)
        except KnowledgeRefused as refused:
            self.refusal(request, refused)
        except DraftChanged:
            self.say(request, "knowledge.changed", "warning")
        return self.go(request, back)

    async def _make(self, request: Request, what: MadeOf, typed: Mapping[str, str]) -> str:
        """Do it in one transaction with the marks; where to go, or nothing to stay."""
        desk, now, actor = self.knowledge.desk, self.parts.now(), self.actor(request)
        ids = [one for one in typed.get("ids", "").split(",") if _ID.fullmatch(one)][:MOST_QUESTIONS]
        where = ""
        async with self.parts.write() as work:
            if what is MadeOf.PHRASING:
                await desk.add_phrasing(work, actor, typed["topic"], typed["phrasing"], now)
            elif what is MadeOf.ENTRY:
                ask = [line for line in typed.get("examples", "").splitlines() if line.strip()]
                title = typed.get("phrasing") or next(iter(ask), "")
                draft = await desk.write_new(work, actor, typed.get("category", ""), title, ask, now)
                where = f"{PLACE}/{draft.topic}"
            await desk.mark(work, actor, ids, what, now)
            await work.commit()
        title = self.entries()[typed["topic"]].title if what is MadeOf.PHRASING else ""
        self.say(request, f"knowledge.questions.{what}", title=title)
        return where

    def _shown(self, cluster: Cluster) -> Shown:
        live = self.entries()
        disliked = self._titles(topic for topic in cluster.topics if topic in live)
        near = self._titles(topic for topic in (*cluster.topics, *cluster.near) if topic in live)
        first = near[0][0].partition(".")[0] if near else next(iter(self.knowledge.categories))
        return Shown(cluster, near, disliked, first, clean_phrasing(cluster.examples[0]))

    def _titles(self, topics: Iterable[str]) -> list[tuple[str, str]]:
        live = self.entries()
        return [(topic, live[topic].title) for topic in dict.fromkeys(topics)]

    def _disliked(self, votes: Mapping[str, tuple[int, int]]) -> list[tuple[str, str, int, int]]:
        """The entries with most votes against them: topic, title, helpful, not helpful."""
        live = self.entries()
        rows = [(topic, live[topic].title, *tally) for topic, tally in votes.items() if topic in live and tally[1]]
        return sorted(rows, key=lambda row: (-row[3], row[2], row[0]))[:MOST_DISLIKED]
