"""What a worker does on the page of a case: write, send files, correct, consent, withdraw, delete, give a verdict."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.clock import local_date
from bot.complaints.cases import Statement
from bot.complaints.lifecycle import Verdict
from bot.complaints.typed_form import NO, YES, Typed
from bot.site.case_door import CaseDoor, Deed
from bot.site.complaint_form import BODIES, correction_faults, corrections_of
from bot.site.desk import SiteDesk, Uploads
from bot.site.desk_session import Followed, new_draft
from bot.site.forms import clean_text
from bot.site.track import CORRECT, LONGEST_MESSAGE, SAY, Carried, TrackPages, read_corrections
from bot.site.uploads import TEXT_LIMITS, UploadForm, read_upload_form

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork


class CaseDeeds:
    """The forms of a case."""

    def __init__(self, desk: SiteDesk, door: CaseDoor, track: TrackPages) -> None:
        self._desk = desk
        self._door = door
        self._track = track
        self._uploads = Uploads(desk)

    async def say(self, request: Request) -> Response:
        """Write to the union, with files if there are any. What is written late is not lost."""
        form = await self._uploads.read(request)
        text = clean_text(form.last("text"), LONGEST_MESSAGE)
        followed = self._door.find(request)
        if followed is None:
            return self._track.asked(request, carried=Carried(SAY, {"text": text}))
        if not self._door.is_of(followed, form):
            return await self._other(request, followed)
        received = await self._uploads.take(request, form.files, draft=new_draft(self._desk.clock.now()).id)
        fault = "".join(received.faults)
        if not text and not received.files:
            fault = fault or self._desk.wording("site_track.nothing_said")
            return await self._track.shown(request, followed, faults={"text": fault})
        if refused := await self._door.do(followed, self._telling(text, [file.id for file in received.files])):
            return await self._track.shown(request, followed, faults={"page": refused}, typed={"text": text})
        if fault:
            return await self._track.shown(request, followed, faults={"text": fault})
        return self._done(request, followed, "say", "#messages")

    def _telling(self, text: str, files: Sequence[str]) -> Deed:
        async def tell(work: "UnitOfWork", case_id: str, now: datetime) -> None:
            if text:
                await self._desk.desk.follower.say(work, case_id, text, now)
            if files:
                await self._desk.desk.follower.add_files(work, case_id, files, now)

        return tell

    def wish(self, name: str) -> Callable[[Request], Awaitable[Response]]:
        """The route of a deed that needs nothing but the wish: `withdraw`, `restore`, `delete`."""
        follower = self._desk.desk.follower
        deeds: Mapping[str, Deed] = {
            "withdraw": follower.withdraw,
            "restore": follower.restore,
            "delete": follower.ask_deletion,
        }
        deed = deeds[name]

        async def route(request: Request) -> Response:
            form = await read_upload_form(request, TEXT_LIMITS)
            followed = await self._followed(request, form)
            if isinstance(followed, Response):
                return followed
            if refused := await self._door.do(followed, deed):
                return await self._track.shown(request, followed, faults={"page": refused})
            return self._done(request, followed, name)

        return route

    async def verdict(self, request: Request) -> Response:
        """The worker's own word on what came of it."""
        form = await read_upload_form(request, TEXT_LIMITS)
        followed = await self._followed(request, form)
        if isinstance(followed, Response):
            return followed
        chosen, comment = form.last("verdict"), clean_text(form.last("comment"), LONGEST_MESSAGE)
        fault = "" if chosen in list(Verdict) else self._desk.wording("site_track.no_verdict")

        async def give(work: "UnitOfWork", case_id: str, now: datetime) -> None:
            await self._desk.desk.follower.give_verdict(work, case_id, Verdict(chosen), now, comment)

        if fault:
            return await self._track.shown(request, followed, faults={"verdict": fault}, typed={"comment": comment})
        if refused := await self._door.do(followed, give):
            return await self._track.shown(request, followed, faults={"page": refused}, typed={"comment": comment})
        return self._done(request, followed, "verdict")

    async def consent(self, request: Request) -> Response:
        """To whom the matter may be passed on; whoever is not ticked has no consent any more."""
        form = await read_upload_form(request, TEXT_LIMITS)
        followed = await self._followed(request, form)
        if isinstance(followed, Response):
            return followed
        bodies = frozenset(form.all(BODIES))

        async def change(work: "UnitOfWork", case_id: str, now: datetime) -> None:
            await self._desk.desk.follower.change_passing_on(work, case_id, bodies, now)

        if refused := await self._door.do(followed, change):
            return await self._track.shown(request, followed, faults={"page": refused})
        return self._done(request, followed, "consent")

    async def corrections(self, request: Request) -> Response:
        """What was said, to be said anew."""
        followed = self._door.find(request)
        tracking = await self._door.tracking(followed) if followed else None
        if followed is None or tracking is None or tracking.said is None:
            return self._door.closed(request)
        return self._track.correcting(request, followed, _as_typed(tracking.said), {}, sensitive=tracking.sensitive)

    async def correct(self, request: Request) -> Response:
        """Keep what was said anew; the earlier words stay beside it."""
        form = await read_upload_form(request, TEXT_LIMITS)
        typed = read_corrections(form)
        followed = self._door.find(request)
        if followed is None:
            return self._track.asked(request, carried=Carried(CORRECT, typed.texts))
        if not self._door.is_of(followed, form):
            return await self._other(request, followed)
        tracking = await self._door.tracking(followed)
        if tracking is None or tracking.said is None:
            return self._door.closed(request)
        words = self._desk.wording
        faults = {name: words(f"site_complain.fault.{name}_{code}") for name, code in correction_faults(typed).items()}
        changes = corrections_of(typed, tracking.said, local_date(self._desk.clock.now()), self._desk.lunar)
        if not faults and changes:
            faults = await self._correct(followed, changes)
        if faults:
            return self._track.correcting(request, followed, typed, faults, sensitive=tracking.sensitive)
        return self._done(request, followed, "correct")

    async def _correct(self, followed: Followed, changes: Mapping[str, Any]) -> dict[str, str]:
        async def change(work: "UnitOfWork", case_id: str, now: datetime) -> None:
            await self._desk.desk.follower.correct(work, case_id, changes, now)

        refused = await self._door.do(followed, change)
        return {"narrative": refused} if refused else {}

    async def _followed(self, request: Request, form: UploadForm) -> Followed | Response:
        """The case that the form is about; else the page that says why nothing was done."""
        followed = self._door.find(request)
        if followed is None:
            return self._door.closed(request)
        return followed if self._door.is_of(followed, form) else await self._other(request, followed)

    async def _other(self, request: Request, followed: Followed) -> Response:
        return await self._track.shown(request, followed, faults={"page": self._desk.wording("site_track.other_case")})

    def _done(self, request: Request, followed: Followed, what: str, where: str = "") -> Response:
        return self._door.keep(request, RedirectResponse(f"/track/case?done={what}{where}", 303), followed)


def _as_typed(said: Statement) -> Typed:
    return Typed(
        {
            "narrative": said.narrative,
            "wish": said.wish,
            "employer": said.employer,
            "place": said.site,
            "since": said.since.said,
            "employed": {True: YES, False: NO, None: ""}[said.employed],
            "left": said.left.said,
            "accident": said.accident.said,
            "people": said.people.said,
            "money": said.money.said,
        }
    )
