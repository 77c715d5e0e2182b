"""The entries of the FAQ base: how each stands, what has to be looked at first, and new ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.answers.entries import Entry
from bot.answers.knowledge.confirming import Confirmation, read_standing
from bot.answers.knowledge.drafts import DraftState, EntryDraft, KnowledgeRefused
from bot.answers.text import normalise
from bot.console.pages import clean, get_member, read_fields
from bot.console.views.knowledge_base import INVALID, PLACE, KnowledgePage, pick
from bot.rights import Right, may

ENDING = timedelta(days=30)
PAGE = 50
LONGEST_SEARCH, LONGEST_TITLE = 60, 100
FILTERS = ("review", "draft", "overdue", "near", "unconfirmed", "disliked")
FLAGS = ("expired", "overdue", "ending", "review_soon", "not_yet")
"""What has to be looked at, the most urgent first."""


@dataclass(frozen=True, slots=True)
class Row:
    """One topic. entry: None while it was never live. votes: how many found it helpful, and how many did not.

    confirmation: that of what the entry says now, None while legal staff have not confirmed it.
    """

    topic: str
    title: str
    entry: Entry | None
    draft: EntryDraft | None
    flags: tuple[str, ...]
    votes: tuple[int, int]
    confirmation: Confirmation | None = None

    @property
    def category(self) -> str:
        """The group it belongs to."""
        return self.topic.partition(".")[0]

    def is_shown(self, only: str) -> bool:
        """Whether the filter leaves it in."""
        if only in ("draft", "review"):
            return self.draft is not None and (only == "draft" or self.draft.state is DraftState.IN_REVIEW)
        if only == "overdue":
            return bool({"expired", "overdue"} & set(self.flags))
        if only == "near":
            return "review_soon" in self.flags
        if only == "unconfirmed":
            return self.entry is not None and self.confirmation is None
        return only != "disliked" or self.votes[1] > 0


def flags_of(entry: Entry, today: date) -> tuple[str, ...]:
    """What has to be looked at of an entry that day."""
    ends, found = entry.effective_to, []
    if ends is not None and ends < today:
        found.append("expired")
    elif ends is not None and ends - today <= ENDING:
        found.append("ending")
    if entry.is_review_due(today):
        found.append("overdue")
    elif entry.is_review_near(today):
        found.append("review_soon")
    if entry.effective_from > today:
        found.append("not_yet")
    return tuple(sorted(found, key=FLAGS.index))


def rows_of(
    entries: Mapping[str, Entry],
    drafts: Sequence[EntryDraft],
    votes: Mapping[str, tuple[int, int]],
    today: date,
    confirmed: Mapping[str, Confirmation],
) -> list[Row]:
    """One row a topic: what waits for a second person first, then what has expired, is overdue or nearly so.

    Of those alike the one whose day comes first stands first.
    """
    by_topic = {draft.topic: draft for draft in reversed(drafts)}
    rows = []
    for topic in {*entries, *by_topic}:
        entry, draft = entries.get(topic), by_topic.get(topic)
        title = entry.title if entry else draft.title if draft else ""
        flags = flags_of(entry, today) if entry else ()
        rows.append(Row(topic, title or topic, entry, draft, flags, votes.get(topic, (0, 0)), confirmed.get(topic)))
    return sorted(rows, key=_urgency)


def _urgency(row: Row) -> tuple[bool, int, date, bool, str]:
    first = FLAGS.index(row.flags[0]) if row.flags else len(FLAGS)
    waits = row.draft is not None and row.draft.state is DraftState.IN_REVIEW
    return not waits, first, _day(row), row.draft is None, row.topic


def _day(row: Row) -> date:
    """The day that its first flag is about."""
    entry, flag = row.entry, row.flags[0] if row.flags else ""
    if entry is None:
        return date.max
    by_ending = entry.effective_to or date.max
    days = {"expired": by_ending, "ending": by_ending, "overdue": entry.review_by, "review_soon": entry.review_by}
    return days.get(flag, date.max)


def _says(row: Row, wanted: str) -> bool:
    entry = row.entry
    texts = (row.title, row.topic, *((*entry.ask, entry.short) if entry else ()))
    return any(wanted in normalise(text) for text in texts)


class EntryListPages(KnowledgePage):
    """The list of entries, and beginning a new one."""

    menu_label = "问答条目"
    icon = "fa-solid fa-book"
    path = PLACE

    @route("", name="knowledge-entries")
    async def list(self, request: Request) -> Response:
        """The entries that fit what was asked for."""
        query = request.query_params
        asked = {
            "q": clean(query.get("q", ""))[:LONGEST_SEARCH],
            "category": pick(self.knowledge.categories, query.get("category", "")),
            "only": pick(FILTERS, query.get("only", "")),
        }
        async with self.parts.read() as work:
            drafts, votes = await work.entry_drafts.list(), await work.votes.tallies()
            confirmed = await read_standing(work)
        rows = rows_of(self.entries(), drafts, votes, self.parts.today(), confirmed)
        counts = {only: sum(row.is_shown(only) for row in rows) for only in FILTERS}
        wanted = normalise(asked["q"])
        found = [
            row
            for row in rows
            if row.is_shown(asked["only"])
            and asked["category"] in ("", row.category)
            and (not wanted or _says(row, wanted))
        ]
        page = max(int(number), 1) if (number := query.get("page", "1")).isdecimal() and len(number) < 5 else 1  # noqa: PLR2004 - four digits
        pages = max(-(-len(found) // PAGE), 1)
        context = {
            "rows": found[(page - 1) * PAGE : page * PAGE],
            "total": len(found),
            "page": page,
            "pages": pages,
            "asked": {name: value for name, value in asked.items() if value},
            "counts": counts,
            "categories": self.knowledge.categories,
            "category_name": self.category_name,
            "may_edit": may(get_member(request).role, Right.EDIT_KNOWLEDGE),
        }
        return self.show(request, "knowledge/entries.html", context)

    @route("/new", methods=["GET", "POST"], name="knowledge-new")
    async def new(self, request: Request) -> Response:
        """A draft of an entry that is not there yet."""
        actor = self.actor(request, Right.EDIT_KNOWLEDGE)
        title = self.parts.wording("console.knowledge.new")
        context = {"title": title, "typed": {}, "problem": "", "categories": self.knowledge.categories}
        if request.method != "POST":
            return self.show(request, "knowledge/new.html", context)
        typed = await read_fields(request)
        named, category = (
            typed.get("name", "")[:LONGEST_TITLE],
            pick(self.knowledge.categories, typed.get("category", "")),
        )
        if not named or not category:
            context |= {"typed": typed, "problem": self.parts.wording("console.knowledge.new_lacks")}
            return self.show(request, "knowledge/new.html", context, status=INVALID)
        try:
            async with self.parts.write() as work:
                draft = await self.knowledge.desk.write_new(work, actor, category, named, (), self.parts.now())
                await work.commit()
        except KnowledgeRefused as refused:
            self.refusal(request, refused)
            return self.go(request, PLACE)
        return self.go(request, f"{PLACE}/{draft.topic}")
