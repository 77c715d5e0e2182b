"""The forms of one case: steps, messages, notes, who has it, what it is about, passing it on, its clocks."""

from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.complaints.cases import Nature
from bot.complaints.desk.codes import ContactWay, DeletionReason, MoveReason
from bot.complaints.desk.refusals import Faulty
from bot.complaints.lifecycle import Event, Fact, Step, Verdict
from bot.complaints.quantities.ranges import Bounds
from bot.console.pages import read_fields, read_form
from bot.console.views.case_base import Act, CaseBase, Shown

if TYPE_CHECKING:
    from bot.complaints.desk.values import ReferralProposal
    from bot.store.unit_of_work import UnitOfWork

Code = TypeVar("Code", bound=StrEnum)

FEN = 100
MOST = 10**9


class CaseActs(CaseBase):
    """Everything that is done with a case."""

    @route("/{number}/step", methods=["POST"], name="case-step")
    async def step(self, request: Request) -> Response:
        """Take one step of its life."""
        return await self.run(request, await read_fields(request), self._step, "step")

    async def _step(self, work: "UnitOfWork", act: Act) -> None:
        desk, viewer = self.parts.desk, act.viewer.viewer()
        step = step_of(act)
        if step.event is Event.SPLIT:
            note = act.text("note_to_worker")
            await desk.split(work, viewer, act.case, act.seen, step.reason, now=act.now, note_to_worker=note)
            return
        await desk.take_step(
            work,
            viewer,
            act.case,
            act.seen,
            step,
            now=act.now,
            note_to_worker=act.text("note_to_worker"),
            note=act.text("note"),
            answer_until=act.day("answer_until"),
            tell_members=act.ticked("tell_members"),
        )

    @route("/{number}/message", methods=["POST"], name="case-message")
    async def message(self, request: Request) -> Response:
        """Write to the worker."""

        async def do(work: "UnitOfWork", act: Act) -> None:
            members = act.ticked("tell_members")
            viewer, text = act.viewer.viewer(), act.text("text")
            await self.parts.desk.message(
                work, viewer, act.case, text, now=act.now, seen=act.seen, tell_members=members
            )

        return await self.run(request, await read_fields(request) | {"act": "message"}, do, "message")

    @route("/{number}/note", methods=["POST"], name="case-note")
    async def note(self, request: Request) -> Response:
        """Write an internal note."""

        async def do(work: "UnitOfWork", act: Act) -> None:
            await self.parts.desk.note(work, act.viewer.viewer(), act.case, act.text("text"), now=act.now)

        return await self.run(request, await read_fields(request) | {"act": "note"}, do, "note")

    @route("/{number}/contact", methods=["POST"], name="case-contact")
    async def contact(self, request: Request) -> Response:
        """Write down that somebody spoke with the worker."""

        async def do(work: "UnitOfWork", act: Act) -> None:
            way = code(ContactWay, act, "way")
            await self.parts.desk.record_contact(
                work, act.viewer.viewer(), act.case, act.seen, way, act.text("text"), now=act.now
            )

        return await self.run(request, await read_fields(request), do, "contact")

    @route("/{number}/take-on", methods=["POST"], name="case-take-on")
    async def take_on(self, request: Request) -> Response:
        """Become the owner."""

        async def do(work: "UnitOfWork", act: Act) -> None:
            await self.parts.desk.take_on(work, act.viewer.viewer(), act.case, act.seen, now=act.now)

        return await self.run(request, await read_fields(request), do, "take_on")

    @route("/{number}/assign", methods=["POST"], name="case-assign")
    async def assign(self, request: Request) -> Response:
        """Say who has it and who helps."""
        helpers = [str(value) for value in (await read_form(request)).getlist("helpers") if value]

        async def do(work: "UnitOfWork", act: Act) -> None:
            owner = act.text("owner")
            others = [helper for helper in helpers if helper != owner]
            await self.parts.desk.assign(
                work, act.viewer.viewer(), act.case, act.seen, owner, others, now=act.now, note=act.text("note")
            )

        return await self.run(request, await read_fields(request), do, "assign")

    @route("/{number}/concerns", methods=["POST"], name="case-concerns")
    async def concerns(self, request: Request) -> Response:
        """Say which accounts it is about: they see nothing of it any more."""
        accounts = [str(value) for value in (await read_form(request)).getlist("concerns") if value]

        async def do(work: "UnitOfWork", act: Act) -> None:
            await self.parts.desk.triage(work, act.viewer.viewer(), act.case, act.seen, now=act.now, concerns=accounts)

        return await self.run(request, await read_fields(request), do, "concerns")

    @route("/{number}/move", methods=["POST"], name="case-move")
    async def move(self, request: Request) -> Response:
        """Give it to another district."""

        async def do(work: "UnitOfWork", act: Act) -> None:
            viewer, reason = act.viewer.viewer(), code(MoveReason, act, "reason")
            district = act.text("district")
            await self.parts.desk.move_district(
                work, viewer, act.case, act.seen, district, reason, now=act.now, note=act.text("note")
            )

        return await self.run(request, await read_fields(request), do, "move")

    @route("/{number}/release", methods=["POST"], name="case-release")
    async def release(self, request: Request) -> Response:
        """Let it out of quarantine."""

        async def do(work: "UnitOfWork", act: Act) -> None:
            await self.parts.desk.release(work, act.viewer.viewer(), act.case, act.seen, now=act.now)

        return await self.run(request, await read_fields(request), do, "release")

    @route("/{number}/delete", methods=["POST"], name="case-delete")
    async def delete(self, request: Request) -> Response:
        """Delete its content for good; the number has to be typed."""
        number = str(request.path_params["number"])
        files: list[str] = []

        async def do(work: "UnitOfWork", act: Act) -> None:
            if act.text("confirm").upper() != number:
                raise Faulty("confirm", "unfit")
            reason = code(DeletionReason, act, "reason")
            files.extend(
                await self.parts.desk.delete_content(work, act.viewer.viewer(), act.case, act.seen, reason, now=act.now)
            )

        fields = await read_fields(request)
        if answer := await self.attempt(request, fields, do):
            return answer
        await self.parts.forget_files(files)
        return await self.done(request, "delete")

    @route("/{number}/triage", methods=["POST"], name="case-triage")
    async def triage(self, request: Request) -> Response:
        """Say what it is about."""
        return await self.run(request, await read_fields(request), self._triage, "triage")

    async def _triage(self, work: "UnitOfWork", act: Act) -> None:
        desk, viewer, employer = self.parts.desk, act.viewer.viewer(), act.text("employer")
        if new := act.text("new_employer"):
            employer = (await desk.add_employer(work, viewer, new, now=act.now)).id
        await desk.triage(
            work,
            viewer,
            act.case,
            act.seen,
            now=act.now,
            category=act.text("category") or None,
            nature=code(Nature, act, "nature") if act.text("nature") else None,
            employer=employer,
            site=act.text("site") or None,
            urgent=act.ticked("urgent"),
            collective=act.ticked("collective"),
            about_union_staff=act.ticked("about_union_staff"),
            people=bounds_of(act, "people", 1),
            money=bounds_of(act, "money", FEN),
        )

    @route("/{number}/refer-text", methods=["POST"], name="case-refer-text")
    async def refer_text(self, request: Request) -> Response:
        """The case with a text to pass on, to be read before it goes."""
        fields = await read_fields(request)
        proposal: ReferralProposal | None = None

        async def do(work: "UnitOfWork", act: Act) -> None:
            nonlocal proposal
            proposal = await self.parts.desk.referral_proposal(
                work, act.viewer.viewer(), act.case, act.text("recipient"), now=act.now
            )

        if answer := await self.attempt(request, fields, do):
            return answer
        typed = {"act": "refer", "text": proposal.text if proposal else ""}
        return await self.open(request, Shown(proposal=proposal, typed=typed))

    @route("/{number}/refer", methods=["POST"], name="case-refer")
    async def refer(self, request: Request) -> Response:
        """Pass it on."""

        async def do(work: "UnitOfWork", act: Act) -> None:
            await self.parts.desk.refer(
                work,
                act.viewer.viewer(),
                act.case,
                act.seen,
                act.text("recipient"),
                act.text("text"),
                now=act.now,
                with_identity=act.ticked("with_identity"),
                reply_by=act.day("reply_by"),
                note_to_worker=act.text("note_to_worker"),
            )

        return await self.run(request, await read_fields(request), do, "refer")

    @route("/{number}/merge", methods=["POST"], name="case-merge")
    async def merge(self, request: Request) -> Response:
        """Let another case lead."""

        async def do(work: "UnitOfWork", act: Act) -> None:
            viewer, target = act.viewer.viewer(), act.text("target").upper()
            note = act.text("note_to_worker")
            await self.parts.desk.merge(work, viewer, act.case, act.seen, target, now=act.now, note_to_worker=note)

        return await self.run(request, await read_fields(request), do, "merge")

    @route("/{number}/clock", methods=["POST"], name="case-clock")
    async def clock(self, request: Request) -> Response:
        """Start, stop or extend one of its clocks."""
        return await self.run(request, await read_fields(request), self._clock, "clock")

    async def _clock(self, work: "UnitOfWork", act: Act) -> None:
        desk, viewer = self.parts.desk, act.viewer.viewer()
        what, _, which = act.text("what").partition(":")
        on = act.day("on") or self.parts.today()
        if what == "start":
            await desk.start_clock(work, viewer, act.case, act.seen, which, on, now=act.now)
        elif what == "stop" and which.isdecimal():
            await desk.stop_clock(work, viewer, act.case, act.seen, int(which), on, now=act.now)
        elif what == "extend" and which.isdecimal():
            by = number_of(act, "by") or 0
            await desk.extend_clock(work, viewer, act.case, act.seen, int(which), by, act.text("note"), now=act.now)
        else:
            raise Faulty("what", "missing")


def step_of(act: Act) -> Step:
    """The step that the form describes. Raises Faulty."""
    event = code(Event, act, "event")
    verdict = code(Verdict, act, "verdict") if act.text("verdict") else None
    facts = frozenset({Fact.WORKERS_WISH}) if act.ticked("wish") else frozenset[Fact]()
    return Step(event=event, reason=act.text("reason"), outcome=act.text("outcome"), verdict=verdict, facts=facts)


def code(kind: type[Code], act: Act, name: str) -> Code:
    """The code that was chosen there. Raises Faulty for none."""
    try:
        return kind(act.text(name))
    except ValueError:
        raise Faulty(name, "missing") from None


def number_of(act: Act, name: str) -> int | None:
    """The whole number that was typed there, None where nothing was. Raises Faulty."""
    text = act.text(name).replace(",", "")
    if not text:
        return None
    if not text.isdecimal() or int(text) > MOST:
        raise Faulty(name, "unknown")
    return int(text)


def bounds_of(act: Act, name: str, unit: int) -> Bounds | None:
    """The range of two fields, None where both are empty. Raises Faulty."""
    low, high = number_of(act, f"{name}_low"), number_of(act, f"{name}_high")
    if low is None and high is None:
        return None
    try:
        return Bounds((low or 0) * unit, None if high is None else high * unit)
    except ValueError:
        raise Faulty(name, "unknown") from None
