"""`/track`: showing the receipt, and the page of the case that it opens.

The receipt comes in the body of a form and goes no further.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.clock import local_date
from bot.complaints.receipts import NotAReceipt, parse_receipt
from bot.complaints.typed_form import LONGEST, Typed
from bot.complaints.worker.refusals import NotFound, SlowDown
from bot.complaints.worker.tracking import Tracking
from bot.site.case_door import CaseDoor
from bot.site.desk import SiteDesk, source_of
from bot.site.desk_session import Followed, drop_followed, keep_followed
from bot.site.forms import clean_text
from bot.site.pages import OK, Pages
from bot.site.patience import within
from bot.site.said import said_rows
from bot.site.uploads import TEXT_LIMITS, UploadForm, read_upload_form

log = structlog.get_logger(__name__)

SAY, CORRECT = "say", "correct"
CORRECTABLE = (
    "narrative", "since", "employed", "left", "accident", "people", "money", "wish", "employer", "place",
    "name", "phone", "contact",
)  # fmt: skip
"""The fields that may be said anew, in the order of the page."""

LONGEST_MESSAGE = 2000
LONGEST_RECEIPT = 200
TOO_MANY = 429
DONE = frozenset({"receipt", "say", "correct", "withdraw", "restore", "delete", "verdict", "consent"})
"""What a page may say has been done: nothing else in the address is shown."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What was written while the case was closed by itself: it is not lost while the receipt is shown anew."""

    page: str = ""
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)

    def hidden(self) -> list[tuple[str, str]]:
        """As fields of the form that asks for the receipt."""
        texts = [(name, text) for name, text in self.texts.items() if text]
        return [("page", self.page), *texts] if self.page and texts else []


TOLD_FOR = timedelta(days=1)
"""So long the emergency numbers stand above what somebody wrote."""


class TrackPages:
    """The door, and the page of a case."""

    def __init__(self, desk: SiteDesk, pages: Pages, door: CaseDoor) -> None:
        self._desk = desk
        self._pages = pages
        self._door = door

    async def ask(self, request: Request) -> Response:
        """Where the receipt is asked for."""
        return self.asked(request)

    async def open(self, request: Request) -> Response:
        """Open the case of the receipt that was typed."""
        form = await read_upload_form(request, TEXT_LIMITS)
        typed, carried = form.last("receipt")[:LONGEST_RECEIPT], _carried(form)
        desk, now = self._desk, self._desk.clock.now()
        try:
            receipt = parse_receipt(typed)
            async with within(desk.patience), desk.write() as work:
                case = await desk.desk.follower.open(work, receipt, source_of(request), now)
                await work.commit()
        except NotAReceipt as error:
            fault = desk.wording(f"complaint.receipt.fault.{error.fault}")
        except NotFound:
            fault = desk.desk.words.not_found()
        except SlowDown as refusal:
            page = self.asked(
                request, typed=typed, fault=desk.desk.words.slow_down(refusal), carried=carried, status=TOO_MANY
            )
            page.headers["Retry-After"] = str(refusal.seconds)
            return page
        else:
            log.info("site.case_opened", case=case.id)
            return await self._opened(request, Followed(case.id, now, now), carried)
        return self.asked(request, typed=typed, fault=fault, carried=carried)

    async def leave(self, request: Request) -> Response:
        """Close the case in this browser."""
        response = RedirectResponse("/track?left=1", 303)
        drop_followed(request, response)
        return response

    async def case(self, request: Request) -> Response:
        """Everything that the receipt shows."""
        followed = self._door.find(request)
        return await self.shown(request, followed) if followed else self._door.closed(request)

    async def _opened(self, request: Request, followed: Followed, carried: Carried) -> Response:
        if carried.page == SAY:
            return await self.shown(request, followed, typed=carried.texts)
        if carried.page == CORRECT:
            tracking = await self._door.tracking(followed)
            sensitive = tracking is not None and tracking.sensitive
            return self.correcting(request, followed, Typed(carried.texts), {}, sensitive=sensitive)
        response = RedirectResponse("/track/case", 303)
        keep_followed(request, response, self._desk.keys, followed)
        return response

    def asked(
        self,
        request: Request,
        *,
        typed: str = "",
        fault: str = "",
        carried: Carried | None = None,
        status: int = OK,
    ) -> Response:
        """The page that asks for the receipt, with what was typed and what is wrong with it."""
        words = self._desk.wording
        notice = ""
        if "left" in request.query_params:
            notice = words("site_track.left")
        elif "over" in request.query_params or (carried and carried.page):
            notice = words("site_track.over")
        return self._pages.show(
            request,
            "track.html",
            status=status,
            kept=False,
            typed=typed,
            fault=fault,
            notice="" if fault else notice,
            carried=carried.hidden() if carried else [],
            following=self._door.find(request) is not None and not (carried and carried.page),
        )

    async def shown(
        self,
        request: Request,
        followed: Followed,
        *,
        faults: Mapping[str, str] | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        """The page of the case, with what could not be done and what was typed for it."""
        tracking = await self._door.tracking(followed)
        if tracking is None:
            return self._door.closed(request)
        words, desk = self._desk.desk.words, self._desk
        done = request.query_params.get("done", "")
        page = self._pages.show(
            request,
            "track_case.html",
            kept=False,
            case=tracking,
            of=self._door.mark(followed),
            state=desk.wording(f"complaint.state.{tracking.state}"),
            standing=words.standing(tracking),
            category=_title(desk, tracking),
            district=desk.district_names.get(tracking.district, ""),
            confidentiality=desk.wording(f"complaint.confidentiality.{tracking.confidentiality}"),
            next_steps=[(step, words.next_step(step)) for step in tracking.next_steps],
            steps=[(step, words.step(step)) for step in reversed(tracking.steps)],
            limits=words.guard(tracking.guard),
            rows=said_rows(tracking.said, local_date(desk.clock.now()), desk.wording) if tracking.said else [],
            verdict=desk.wording(f"complaint.verdict.{tracking.verdict}") if tracking.verdict else "",
            done=desk.wording(f"site_track.done.{done}") if done in DONE else "",
            bodies=desk.bodies,
            about_bodies=desk.about_bodies,
            agreed=words.bodies(tracking.passing_on),
            emergency=self._emergency(tracking),
            faults=faults or {},
            typed=typed or {},
        )
        return self._door.keep(request, page, followed)

    def correcting(
        self, request: Request, followed: Followed, typed: Typed, faults: Mapping[str, str], *, sensitive: bool
    ) -> Response:
        """The page on which things are said anew. sensitive: the day of an injury as well."""
        page = self._pages.show(
            request,
            "track_correct.html",
            kept=False,
            of=self._door.mark(followed),
            typed=typed,
            faults=faults,
            sensitive=sensitive,
            labels={name: self._desk.wording(f"site_complain.label.{name}") for name in faults},
        )
        return self._door.keep(request, page, followed)

    def _emergency(self, tracking: Tracking) -> str:
        """What to say first to who wrote of danger within a day: a cadre reads it in office hours."""
        since = self._desk.clock.now() - TOLD_FOR
        written = [one.text for one in tracking.messages if one.from_worker and one.sent_at >= since]
        return next(filter(None, map(self._desk.emergency, written)), "")


def read_corrections(form: UploadForm) -> Typed:
    """What was typed on the page of corrections."""
    return Typed({name: clean_text(form.last(name), LONGEST[name]) for name in CORRECTABLE})


def _title(desk: SiteDesk, tracking: Tracking) -> str:
    categories = desk.desk.categories
    return categories.get(tracking.category).title if tracking.category in categories else ""


def _carried(form: UploadForm) -> Carried:
    match form.last("page"):
        case "say":
            return Carried(SAY, {"text": clean_text(form.last("text"), LONGEST_MESSAGE)})
        case "correct":
            return Carried(CORRECT, read_corrections(form).texts)
        case _:
            return Carried()
