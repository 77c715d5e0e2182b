"""Call-backs: workers who have not said what came of their case, or could not be told of news, are called."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.complaints.desk.codes import RevealReason
from bot.complaints.desk.refusals import CaseHidden, Conflict, Faulty, NotAllowed
from bot.complaints.desk.values import Personal, Revealed
from bot.complaints.errors import ContentGone
from bot.complaints.lifecycle import Event, StepRefused, events_from
from bot.complaints.roles import Action
from bot.console.case_words import CaseWords
from bot.console.pages import can_ever, get_member, read_fields
from bot.console.views.callers import seen_in, word_choices
from bot.console.views.hotline_base import INVALID, NOT_ALLOWED, HotlinePage, word_of
from bot.staff.members import StaffMember

VIEW = "call_back"
NO_ANSWER, TOLD = "no_answer", "told"
MOST_ROWS = 100


class CallBackPages(HotlinePage):
    """The list, and one call."""

    menu_label = "回访"
    icon = "fa-solid fa-phone-volume"
    path = "/call-backs"

    def allows(self, member: StaffMember) -> bool:
        """Who records what workers say on the telephone."""
        return can_ever(member, Action.RECORD_VERDICT)

    @route("", name="call-backs")
    async def index(self, request: Request) -> Response:
        """Who is to be called, the case that was closed first first."""
        viewer, now = get_member(request).viewer(), self.parts.now()
        async with self.parts.write() as work:
            wanted = self.parts.desk.view(VIEW, viewer, now)
            found = await self.parts.desk.rows(work, viewer, wanted, now=now, sort="registered_at", limit=MOST_ROWS)
            tries = {row.id: await self.parts.calls.hotline.tries(work, row.id) for row in found.rows}
            await work.commit()
        context = {"title": self.parts.wording("hotline.title.call_backs"), "found": found, "tries": tries}
        return self.show(request, "hotline/call_backs.html", context)

    @route("/{number}", name="call-back")
    async def one(self, request: Request) -> Response:
        """One call: the number to dial is hidden until it is asked for."""
        return await self._show(request)

    @route("/{number}/dial", methods=["POST"], name="call-back-dial")
    async def dial(self, request: Request) -> Response:
        """Show how the worker is reached; that somebody looked is logged."""
        viewer, now = get_member(request).viewer(), self.parts.now()
        try:
            async with self.parts.write() as work:
                case = await self.parts.desk.find_number(work, viewer, str(request.path_params["number"]))
                revealed = await self.parts.desk.reveal(
                    work, viewer, case, Personal.CONTACT, RevealReason.CALL_BACK, now=now
                )
                await work.commit()
        except CaseHidden:
            return self._gone(request)
        except NotAllowed:
            raise HTTPException(NOT_ALLOWED) from None
        except Faulty:
            return self._gone(request)
        return await self._show(request, revealed=revealed)

    @route("/{number}/word", methods=["POST"], name="call-back-word")
    async def word(self, request: Request) -> Response:
        """Record what the worker said, or that nobody answered."""
        fields = await read_fields(request)
        try:
            done = await self._record(request, fields)
        except CaseHidden:
            return self._gone(request)
        except NotAllowed:
            raise HTTPException(NOT_ALLOWED) from None
        except (Conflict, StepRefused):
            self.warn(request, "changed")
            return self.go(request, f"/call-backs/{request.path_params['number']}")
        except (Faulty, ContentGone) as problem:
            verdict = isinstance(problem, Faulty) and problem.field == "verdict"
            said = self.parts.wording("hotline.no_verdict" if verdict else "hotline.fill")
            return await self._show(request, problem=said, typed=fields)
        self.done(request, done)
        return self.go(request, "/call-backs")

    async def _record(self, request: Request, fields: dict[str, str]) -> str:
        hotline, viewer, now = self.parts.calls.hotline, get_member(request).viewer(), self.parts.now()
        seen = seen_in(fields)
        async with self.parts.write() as work:
            case = await self.parts.desk.find_number(work, viewer, str(request.path_params["number"]))
            if fields.get("verdict") == NO_ANSWER:
                listed = await hotline.record_no_answer(work, viewer, case, seen, now=now)
                done = "not_reached" if listed else "given_up"
            elif fields.get("verdict") == TOLD:
                await hotline.record_told(work, viewer, case, seen, now=now)
                done = "told_news"
            else:
                word = word_of(fields)
                await hotline.record_word(work, viewer, case, seen, word, now=now)
                done = "again" if word.again else "judged"
            await work.commit()
        return done

    async def _show(
        self,
        request: Request,
        *,
        revealed: Revealed | None = None,
        problem: str = "",
        typed: dict[str, str] | None = None,
    ) -> Response:
        viewer, now = get_member(request).viewer(), self.parts.now()
        number = str(request.path_params["number"])
        try:
            async with self.parts.write() as work:
                case = await self.parts.desk.find_number(work, viewer, number)
                page = await self.parts.desk.page(work, viewer, case, now=now)
                if not page.row.call_back_due or Action.RECORD_VERDICT not in page.may:
                    return self._gone(request)
                tries = await self.parts.calls.hotline.tries(work, case)
                staff = {one.id: one.name for one in await work.staff.all()}
                await work.commit()
        except CaseHidden:
            return self._gone(request)
        words = CaseWords(self.parts.wording, self.parts.words, self.parts.templates, staff, {})
        context = {
            "title": f"{self.parts.wording('hotline.title.call_back')} {page.row.number}",
            "page": page,
            "here": f"{request.scope['root_path']}/call-backs/{page.row.number}",
            "tries": tries,
            "revealed": revealed,
            "problem": problem,
            "typed": typed or {},
            "no_answer": NO_ANSWER,
            "told": TOLD,
            "judges": Event.FOLLOW_UP in events_from(page.row.state),
            **word_choices(self.parts.wording),
            **words.globals(),
        }
        return self.show(request, "hotline/call_back.html", context, status=INVALID if problem else 200)

    def _gone(self, request: Request) -> Response:
        self.warn(request, "gone")
        return self.go(request, "/call-backs")
