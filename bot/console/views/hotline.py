"""Taking a call: one form with the look-up of answers beside it, and the page that is read out afterwards.

Everything typed goes with the form: the look-up works without scripts too and loses nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from uuid import uuid4

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.clock import SHANGHAI
from bot.complaints.cases import Nature, Statement
from bot.complaints.desk.calls import AnsweredCall, Way, faults_of, filing_of, nature_answered, read_taken
from bot.complaints.desk.refusals import CaseHidden
from bot.complaints.errors import NumberTaken
from bot.complaints.quantities.said_values import days_shown, money_shown, people_shown
from bot.complaints.receipts import Receipt
from bot.complaints.roles import Action, Confidentiality, may
from bot.complaints.typed_form import Offered, Typed
from bot.console.pages import clean, get_member, read_form
from bot.console.ports import ConsoleParts
from bot.console.views.hotline_base import INVALID, NOT_FOUND, HotlinePage
from bot.errors import StoreUnavailable, UnknownEntry
from bot.messages import Reply
from bot.staff.members import StaffMember

TRIES = 4
"""Numbers are drawn anew so often when another case has the one drawn."""

ENTRY = "entry:"
START = Typed({"nature": Nature.CLAIM, "channel": Way.CALL})


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What was found for a question: an answer, or questions that come near. category: where it would belong."""

    question: str = field(default="", repr=False)
    reply: Reply | None = None
    near: tuple[tuple[str, str], ...] = ()
    category: str = ""

    @property
    def topic(self) -> str:
        """The topic of the answer; empty for none."""
        return self.reply.topic if self.reply else ""


NOTHING = LookedUp()


class CallPages(HotlinePage):
    """Taking a call down."""

    menu_label = "接听登记"
    icon = "fa-solid fa-headset"
    path = "/hotline"

    def __init__(self, parts: ConsoleParts) -> None:
        super().__init__(parts)
        categories = list(parts.calls.categories)
        self._offered = Offered(
            categories=[category.id for category in categories],
            districts=list(parts.words.labels("district")),
            bodies=list(parts.words.labels("body")),
            about_staff=[category.id for category in categories if category.union_staff],
        )

    def allows(self, member: StaffMember) -> bool:
        """Who takes calls and visitors."""
        return may(member.viewer(), Action.LOG_CALL)

    @route("", name="hotline")
    async def index(self, request: Request) -> Response:
        """The empty form."""
        return await self._form(request, START, uuid4().hex)

    @route("", methods=["POST"], name="hotline-save")
    async def save(self, request: Request) -> Response:
        """Register what was said."""
        taken, form = await self._read(request)
        if faults := faults_of(taken, self._offered):
            return await self._form(request, taken, form, faults=faults)
        case_id = await self._register(get_member(request), taken, form)
        return self.go(request, f"/hotline/call/{case_id}")

    @route("/answered", methods=["POST"], name="hotline-answered")
    async def answered(self, request: Request) -> Response:
        """Count a question that was answered at once; nothing of what was typed is kept."""
        taken, form = await self._read(request)
        member = get_member(request)
        call = AnsweredCall(
            id="",
            taken_at=self.parts.now(),
            by=member.id,
            channel=taken["channel"] if taken["channel"] in list(Way) else Way.CALL,
            nature=nature_answered(taken),
            category=_known(taken["category"], self._offered.categories),
            district=_known(taken["district"], self._offered.districts),
            topic=_known(taken["topic"], self.parts.calls.answers.served(self.parts.now())),
        )
        async with self.parts.write() as work:
            await self.parts.calls.hotline.count_answered(work, member.viewer(), call, form)
            await work.commit()
        self.done(request, "answered")
        return self.go(request, "/hotline")

    @route("/look", methods=["POST"], name="hotline-look")
    async def look(self, request: Request) -> Response:
        """Look an answer up: the whole page with everything that was typed, or the part alone for our script."""
        taken, form = await self._read(request)
        asked = await read_form(request)
        question, topic = clean(str(asked.get("question") or "")), clean(str(asked.get("topic_asked") or ""))
        found = await self._find(question, topic)
        if "part" in request.headers.get("x-gonghui", ""):
            return self.show(request, "hotline/answer.html", {"found": found})
        texts = dict(taken.texts)
        if found.topic:
            texts |= {"topic": found.topic, "category": taken["category"] or found.category}
        return await self._form(request, replace(taken, texts=texts), form, found=found)

    @route("/call/{id}", name="hotline-call")
    async def call(self, request: Request) -> Response:
        """What is read out."""
        hotline, words = self.parts.calls.hotline, self.parts.calls.words
        try:
            async with self.parts.write() as work:
                read = await hotline.read_out(
                    work, get_member(request).viewer(), str(request.path_params["id"]), now=self.parts.now()
                )
                await work.commit()
        except CaseHidden:
            raise HTTPException(NOT_FOUND) from None
        context = {
            "title": self.parts.wording("hotline.title.read"),
            "read": read,
            "groups": self._groups(read.receipt) if read.receipt else [],
            "next_steps": [words.next_step(step) for step in read.next_steps],
            "limits": words.guard(read.guard, brief=True)[1:],
            "understood": self._understood(read.said) if read.said else [],
        }
        return self.show(request, "hotline/read.html", context)

    @route("/call/{id}/told", methods=["POST"], name="hotline-told")
    async def told(self, request: Request) -> Response:
        """The caller has the receipt."""
        member, case_id = get_member(request), str(request.path_params["id"])
        try:
            async with self.parts.write() as work:
                await self.parts.calls.hotline.caller_has_receipt(work, member.viewer(), case_id)
                await work.commit()
        except CaseHidden:
            raise HTTPException(NOT_FOUND) from None
        self.done(request, "told")
        return self.go(request, "/hotline")

    async def _read(self, request: Request) -> tuple[Typed, str]:
        form = await read_form(request)
        texts = {name: clean(value) for name, value in form.multi_items() if isinstance(value, str)}
        bodies = [str(value) for value in form.getlist("bodies") if value]
        return read_taken(texts, bodies), texts.get("form", "")[:32] or uuid4().hex

    async def _register(self, member: StaffMember, taken: Typed, form: str) -> str:
        filing = filing_of(taken, self._offered, self.parts.today(), self.parts.calls.lunar)
        for _ in range(TRIES):
            async with self.parts.write() as work:
                try:
                    case_id = await self.parts.calls.hotline.register(
                        work, member.viewer(), filing, form, now=self.parts.now()
                    )
                except NumberTaken:
                    continue
                await work.commit()
                return case_id
        raise StoreUnavailable("no free case number")

    async def _find(self, question: str, topic: str) -> LookedUp:
        """The answer of that topic, or what the question brings."""
        answers, now = self.parts.calls.answers, self.parts.now()
        try:
            reply = answers.entry_reply(topic, now) if topic else None
        except UnknownEntry:
            reply = None
        if reply is None:
            if not question:
                return NOTHING
            reply = (await answers.ask(question, now)).reply
        category = self.parts.calls.categories.of_topic(reply.topic) if reply.topic else None
        near = [(one.label, one.action.removeprefix(ENTRY)) for one in reply.choices if one.action.startswith(ENTRY)]
        return LookedUp(question, reply, tuple(near), category.id if category else "")

    async def _form(
        self,
        request: Request,
        taken: Typed,
        form: str,
        *,
        faults: Mapping[str, str] | None = None,
        found: LookedUp = NOTHING,
    ) -> Response:
        member, wording = get_member(request), self.parts.wording
        midnight = datetime.combine(self.parts.today(), time(), SHANGHAI).astimezone(UTC)
        async with self.parts.read() as work:
            answered = await work.calls.count(member.id, midnight)
        told = {name: wording(f"hotline.fault.{name}_{code}") for name, code in (faults or {}).items()}
        context = {
            "title": wording("hotline.title.call"),
            "taken": taken,
            "form": form,
            "faults": told,
            "found": found,
            "answered": answered,
            "ways": [(way.value, wording(f"hotline.way.{way}")) for way in Way],
            "natures": [(nature.value, self.parts.words.label("nature", nature)) for nature in Nature],
            "levels": [
                (level.value, self.parts.words.label("confidentiality", level), wording(f"hotline.read.{level}"))
                for level in Confidentiality
            ],
            "categories": [(one.id, one.title, one.hint) for one in self.parts.calls.categories],
            "about_body": self.parts.calls.words.about_body,
        }
        return self.show(request, "hotline/form.html", context, status=INVALID if told else 200)

    def _groups(self, receipt: Receipt) -> list[tuple[str, str]]:
        """The receipt in fours, each as digits and as it is spelled on the telephone."""
        say = self.parts.wording
        return [
            (group, "".join(say(f"hotline.digit.{digit}") for digit in group)) for group in receipt.grouped().split()
        ]

    def _understood(self, said: Statement) -> list[tuple[str, str, str]]:
        """Quantities as said and as understood, to be checked with the caller; empty where they were not."""
        say, today = self.parts.wording, self.parts.today()
        rows = {
            "since": (said.since.said, days_shown(said.since, today, say)),
            "left": (said.left.said, days_shown(said.left, today, say)),
            "accident": (said.accident.said, days_shown(said.accident, today, say)),
            "people": (said.people.said, people_shown(said.people, say)),
            "money": (said.money.said, money_shown(said.money, say)),
        }
        return [(say(f"site_complain.label.{name}"), text, shown) for name, (text, shown) in rows.items() if text]


def _known(value: str, offered: Collection[str]) -> str:
    return value if value in offered else ""
