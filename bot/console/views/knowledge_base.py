"""What all pages of the knowledge desk share: rights, words for faults, who wrote what, what was typed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.answers.content import CONSOLE
from bot.answers.entries import TOPIC, Entry
from bot.answers.knowledge.checking import Checked, Fault
from bot.answers.knowledge.confirming import Confirmation, read_live, writers_of
from bot.answers.knowledge.drafts import EntryDraft, KnowledgeRefused
from bot.clock import local_date
from bot.console.pages import NOT_FOUND, Page, get_member
from bot.console.ports import AsMessage, KnowledgeParts
from bot.rights import Actor, Right, may
from bot.staff.members import StaffMember

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

FORBIDDEN, CONFLICT, INVALID = 403, 409, 422
PLACE = "/knowledge/entries"


@dataclass(frozen=True, slots=True)
class Preview:
    """How an entry would look. page: the document of the site."""

    page: str
    message: AsMessage


class KnowledgePage(Page):
    """A page of the knowledge desk. Opened by whoever may see the base, unless a page says more."""

    group = "知识库"

    right = Right.SEE_KNOWLEDGE

    def allows(self, member: StaffMember) -> bool:
        """Whether the role has the right of the page."""
        return member.active and may(member.role, self.right)

    @property
    def knowledge(self) -> KnowledgeParts:
        """The parts of the knowledge desk."""
        return self.parts.knowledge

    def show(
        self, request: Request, template: str, context: Mapping[str, object] | None = None, *, status: int = 200
    ) -> Response:
        """The page, which knows the words of the knowledge desk."""
        return super().show(request, template, {"word": self.word, **(context or {})}, status=status)

    def word(self, kind: str, code: object) -> str:
        """The word for a code; the code where there is none."""
        key = f"console.knowledge.{kind}.{code}"
        return self.parts.wording(key) if self.parts.wording.has(key) else str(code)

    def actor(self, request: Request, right: Right | None = None) -> Actor:
        """Who acts. Raises HTTPException 403 for who lacks that right."""
        member = get_member(request)
        if right is not None and not may(member.role, right):
            raise HTTPException(FORBIDDEN)
        return Actor(member.id, member.role)

    def topic(self, request: Request) -> str:
        """The topic that the address names. Raises HTTPException 404 for what is none."""
        topic = str(request.path_params["topic"])
        if not TOPIC.fullmatch(topic):
            raise HTTPException(NOT_FOUND)
        return topic

    def entries(self) -> Mapping[str, Entry]:
        """The live base, whether an entry is served today or not."""
        return self.knowledge.answers.base.entries

    def refusal(self, request: Request, refused: KnowledgeRefused) -> None:
        """Say on the next page why nothing was done. Raises HTTPException 403 for who lacks the right."""
        if refused.code == "not_allowed":
            raise HTTPException(FORBIDDEN)
        self.say(request, f"knowledge.refused.{refused.code}", "warning")

    def fault_word(self, fault: Fault) -> str:
        """What is wrong, in words."""
        words, data = self.parts.wording, dict(fault.data)
        law = fault.code.startswith("citation_") and fault.code != "citation_form"
        key = f"publishing.finding.{fault.code}" if law else f"console.knowledge.fault.{fault.code}"
        if not words.has(key) or words.fields(key) - set(data):
            return fault.what or fault.code
        return words(key, **data)

    def by_field(self, checked: Checked) -> dict[str, list[tuple[str, str]]]:
        """Faults and remarks by field, each with its tone; those of the whole text under an empty name."""
        told: dict[str, list[tuple[str, str]]] = {}
        for tone, faults in (("fault", checked.faults), ("remark", checked.remarks)):
            for fault in faults:
                text = self.fault_word(fault)
                ones = told.setdefault(fault.where, [])
                if (tone, text) not in ones:
                    ones.append((tone, text))
        return told

    async def preview(self, entry: Entry) -> Preview:
        """How that entry would look today."""
        on, live = local_date(self.parts.now()), self.entries()
        related = [live[topic] for topic in entry.related if topic in live]
        is_live = live.get(entry.topic) == entry
        confirmed_on = self.knowledge.answers.confirmed_on(entry.topic) if is_live else None
        page = await self.knowledge.as_page(entry, related, on, confirmed_on)
        return Preview(page, self.knowledge.as_message(entry, related, on, confirmed_on))

    def category_name(self, category: str) -> str:
        """The name of a group of entries."""
        return self.knowledge.categories.get(category, category)

    def confirmer(self, recorded: str, names: Mapping[str, str]) -> str:
        """Who confirmed or withdrew: the name of the account, or the name that was given at the terminal."""
        if not recorded.startswith(CONSOLE):
            return recorded
        return names.get(recorded.removeprefix(CONSOLE)) or self.parts.wording("console.actor.unknown")

    def by_word(self, saved_by: str, names: Mapping[str, str]) -> str:
        """Who saved a version."""
        words = self.parts.wording
        if saved_by.startswith(CONSOLE):
            return names.get(saved_by.removeprefix(CONSOLE)) or words("console.actor.unknown")
        key = f"console.knowledge.saved_by.{saved_by}"
        return words(key) if words.has(key) else saved_by


async def staff_names(work: "UnitOfWork") -> dict[str, str]:
    """The names of all accounts by id."""
    return {one.id: one.name for one in await work.staff.all()}


@dataclass(frozen=True, slots=True)
class Opened:
    """One topic as it stands: the open draft, the live text, all versions.

    writers: who may not agree to the draft; live_writers: who may not confirm what is live. confirmation: that of what
    is live, if it stands confirmed; withdrawn: the one that was taken back, if it stood.
    """

    topic: str
    draft: EntryDraft | None
    live: str | None
    live_version: int
    versions: Sequence[tuple[int, object, str]]
    writers: frozenset[str]
    last: str | None = None
    live_writers: frozenset[str] = frozenset()
    confirmation: Confirmation | None = None
    withdrawn: Confirmation | None = None

    @property
    def seen(self) -> str:
        """Names the state: what somebody types is about the state that they saw."""
        return f"{self.draft.id}.{self.draft.version}" if self.draft else f"live.{self.live_version}"

    @property
    def source(self) -> str:
        """The text to go on from: the draft's, else the live one, else that of an entry that was taken out."""
        return self.draft.source if self.draft else self.live or self.last or ""

    @property
    def is_stale(self) -> bool:
        """Whether another version has gone live since the draft was begun."""
        return self.draft is not None and self.draft.base != self.live_version

    @property
    def is_new(self) -> bool:
        """Whether the topic was never live."""
        return not self.versions


async def open_topic(work: "UnitOfWork", topic: str) -> Opened:
    """The topic as it stands. Raises HTTPException 404 where nothing is there."""
    draft = await work.entry_drafts.open_of(topic)
    versions = await work.entries.versions(topic)
    if draft is None and not versions:
        raise HTTPException(NOT_FOUND)
    number = await work.entries.live_version(topic)
    live = await work.entries.source(topic, number) if number else None
    last = await work.entries.source(topic, versions[0][0]) if versions and live is None else None
    writers = await work.entry_drafts.writers(draft.id) if draft else frozenset[str]()
    standing, withdrawn = await read_live(work)
    return Opened(
        topic,
        draft,
        live,
        number,
        versions,
        writers,
        last,
        live_writers=await writers_of(work, topic) if number else frozenset(),
        confirmation=standing.get(topic),
        withdrawn=withdrawn.get(topic),
    )


def pick(known: Iterable[str], asked: str, default: str = "") -> str:
    """What was asked for, if it is one of the known."""
    return asked if asked in set(known) else default
