"""A caller gives a receipt: where the case stands, what the caller adds, a withdrawal, the caller's own word.

The receipt is in the body of one form and nowhere else. What it opened is named by a pass that is good for this
operator and half an hour; nothing of the case's content is shown.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.complaints.desk.codes import ReopenReason, code_label
from bot.complaints.desk.refusals import CaseHidden, Conflict, Faulty, NotAllowed
from bot.complaints.desk.values import Seen
from bot.complaints.lifecycle import StepRefused, Verdict, verdict_label
from bot.complaints.receipts import NotAReceipt, fault_words, parse_receipt
from bot.complaints.roles import Action, Viewer
from bot.complaints.worker.refusals import NotFound, SlowDown
from bot.console.pages import can_ever, get_member, read_fields
from bot.console.views.hotline_base import INVALID, NOT_ALLOWED, TOO_MANY, HotlinePage, word_of
from bot.staff.members import StaffMember

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

Do = Callable[["UnitOfWork", Viewer, dict[str, str]], Awaitable[None]]


class CallerPages(HotlinePage):
    """Callers with a receipt."""

    menu_label = "凭证查询"
    icon = "fa-solid fa-ticket"
    path = "/callers"

    def allows(self, member: StaffMember) -> bool:
        """Who takes down what callers add."""
        return can_ever(member, Action.RELAY_MESSAGE)

    @route("", name="callers")
    async def index(self, request: Request) -> Response:
        """Where the receipt is typed."""
        return self._ask(request)

    @route("", methods=["POST"], name="callers-open")
    async def open(self, request: Request) -> Response:
        """Open the case of the receipt. Wrong ones are counted for the operator."""
        typed = (await read_fields(request)).get("receipt", "")
        words = self.parts.calls.words
        try:
            receipt = parse_receipt(typed)
            async with self.parts.write() as work:
                given = await self.parts.calls.hotline.open_receipt(
                    work, get_member(request).viewer(), receipt, now=self.parts.now()
                )
                await work.commit()
        except NotAReceipt as error:
            return self._ask(request, self.parts.wording(fault_words(error.fault)), INVALID)
        except NotFound:
            return self._ask(request, words.not_found(), INVALID)
        except SlowDown as slow:
            response = self._ask(request, words.slow_down(slow), TOO_MANY)
            response.headers["Retry-After"] = str(slow.seconds)
            return response
        return self.go(request, f"/callers/case/{given}")

    @route("/case/{given}", name="callers-case")
    async def case(self, request: Request) -> Response:
        """Where the case stands."""
        return await self._show(request)

    @route("/case/{given}/message", methods=["POST"], name="callers-message")
    async def message(self, request: Request) -> Response:
        """Take down what the caller adds."""

        async def do(work: "UnitOfWork", viewer: Viewer, fields: dict[str, str]) -> None:
            text = fields.get("text", "")
            await self.parts.calls.hotline.relay(work, viewer, viewer.receipt_for, text, now=self.parts.now())

        return await self._act(request, do, "relayed")

    @route("/case/{given}/withdraw", methods=["POST"], name="callers-withdraw")
    async def withdraw(self, request: Request) -> Response:
        """Record that the caller takes the case back."""

        async def do(work: "UnitOfWork", viewer: Viewer, fields: dict[str, str]) -> None:
            seen, said = seen_in(fields), fields.get("said", "")
            if "sure" not in fields:
                raise Faulty("sure", "missing")
            await self.parts.calls.hotline.withdraw(work, viewer, viewer.receipt_for, seen, said, now=self.parts.now())

        return await self._act(request, do, "withdrawn")

    @route("/case/{given}/verdict", methods=["POST"], name="callers-verdict")
    async def verdict(self, request: Request) -> Response:
        """Record what the caller says came of it."""
        fields = await read_fields(request)

        async def do(work: "UnitOfWork", viewer: Viewer, fields: dict[str, str]) -> None:
            hotline, word = self.parts.calls.hotline, word_of(fields)
            await hotline.record_word(work, viewer, viewer.receipt_for, seen_in(fields), word, now=self.parts.now())

        return await self._act(request, do, "again" if fields.get("again") else "judged")

    async def _act(self, request: Request, do: Do, done: str) -> Response:
        fields, given = await read_fields(request), str(request.path_params["given"])
        try:
            viewer = self._viewer(request)
            async with self.parts.write() as work:
                await do(work, viewer, fields)
                await work.commit()
        except CaseHidden:
            return self._over(request)
        except NotAllowed:
            raise HTTPException(NOT_ALLOWED) from None
        except (Conflict, StepRefused):
            self.warn(request, "changed")
            return self.go(request, f"/callers/case/{given}")
        except Faulty as faulty:
            problem = "no_verdict" if faulty.field == "verdict" else "fill"
            return await self._show(request, self.parts.wording(f"hotline.{problem}"), fields)
        self.done(request, done)
        return self.go(request, f"/callers/case/{given}")

    async def _show(self, request: Request, problem: str = "", typed: dict[str, str] | None = None) -> Response:
        try:
            viewer = self._viewer(request)
            async with self.parts.write() as work:
                shown = await self.parts.calls.hotline.caller_case(work, viewer, now=self.parts.now())
                await work.commit()
        except (CaseHidden, NotAllowed):
            return self._over(request)
        words = self.parts.calls.words
        context = {
            "title": self.parts.wording("hotline.title.caller"),
            "shown": shown,
            "here": f"{request.scope['root_path']}/callers/case/{request.path_params['given']}",
            "standing": words.standing(shown.tracking),
            "next_steps": [words.next_step(step) for step in shown.tracking.next_steps],
            "steps": [(step, words.step(step)) for step in shown.tracking.steps],
            "problem": problem,
            "typed": typed or {},
            **word_choices(self.parts.wording),
        }
        return self.show(request, "hotline/caller.html", context, status=INVALID if problem else 200)

    def _viewer(self, request: Request) -> Viewer:
        viewer, given = get_member(request).viewer(), str(request.path_params["given"])
        return self.parts.calls.hotline.with_pass(viewer, given, self.parts.now())

    def _over(self, request: Request) -> Response:
        self.warn(request, "over")
        return self.go(request, "/callers")

    def _ask(self, request: Request, problem: str = "", status: int = 200) -> Response:
        context = {"title": self.parts.wording("hotline.title.receipt"), "problem": problem}
        return self.show(request, "hotline/receipt.html", context, status=status)


def seen_in(fields: dict[str, str]) -> Seen:
    """Which state of the case the form was made for. Raises Faulty."""
    try:
        return Seen.parse(fields.get("seen", ""))
    except ValueError:
        raise Faulty("seen", "missing") from None


def word_choices(say: Callable[[str], str]) -> dict[str, object]:
    """What can be chosen for the worker's own word."""
    return {
        "verdicts": [(verdict.value, say(verdict_label(verdict))) for verdict in Verdict],
        "again_reasons": [(reason.value, say(code_label(reason))) for reason in ReopenReason],
    }
