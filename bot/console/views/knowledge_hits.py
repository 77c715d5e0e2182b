"""The hit test: what a question gets now, and why."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.answers.knowledge.hit_test import Hit, HitReport
from bot.console.pages import get_member, read_fields
from bot.console.views.knowledge_base import KnowledgePage
from bot.rights import Right, may

LONGEST_QUESTION = 500
HALF = 50
"""A bar begins in the middle and may take one half of its plane."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What one component adds to a topic, as a shape on a plane a hundred wide. kind: `for` or `against`."""

    name: str
    value: float
    x: float
    width: float
    kind: str


def bars(hit: Hit, largest: float) -> list[Bar]:
    """The bars of one topic; the longest of all topics takes a whole half."""
    drawn = []
    for name, value in hit.parts.items():
        width = round(HALF * abs(value) / largest, 1) if largest else 0.0
        start = float(HALF) if value >= 0 else round(HALF - width, 1)
        drawn.append(Bar(name, value, start, width, "for" if value >= 0 else "against"))
    return drawn


class HitPages(KnowledgePage):
    """Asks as a worker would; nothing of it is recorded."""

    menu_label = "检索测试"
    icon = "fa-solid fa-vial"
    path = "/knowledge/test"

    @route("", methods=["GET", "POST"], name="knowledge-test")
    async def test(self, request: Request) -> Response:
        """The form, and the report on a question. The question stands in no address."""
        question = (await read_fields(request)).get("question", "") if request.method == "POST" else ""
        question = question[:LONGEST_QUESTION]
        report = await self.knowledge.keeper.explain(question, self.parts.now()) if question else None
        context: dict[str, object] = {
            "question": question,
            "report": report,
            "longest": LONGEST_QUESTION,
            "may_edit": may(get_member(request).role, Right.EDIT_KNOWLEDGE),
        }
        if report is not None:
            context |= self._drawn(report)
        return self.show(request, "knowledge/test.html", context)

    def _drawn(self, report: HitReport) -> Mapping[str, object]:
        largest = max((abs(value) for hit in report.hits for value in hit.parts.values()), default=0.0)
        return {
            "rows": [(hit, bars(hit, largest)) for hit in report.hits],
            "reason": self._reason(report),
            "percent": lambda share: f"{share:.0%}",
        }

    def _reason(self, report: HitReport) -> str:
        """Why it comes to that, in a sentence."""
        if report.small_talk:
            return self.parts.wording("console.knowledge.why.small_talk")
        if not report.hits:
            return self.parts.wording("console.knowledge.why.nothing")
        facts = {
            "certainty": f"{report.certainty:.0%}",
            "labour": f"{report.labour:.0%}",
            "answer_from": f"{report.answer_from:.0%}",
            "labour_from": f"{report.labour_from:.0%}",
        }
        return self.parts.wording(f"console.knowledge.why.{report.outcome}", **facts)
