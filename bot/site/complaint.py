"""`/complain`: one page to fill in, one to check it, and the receipt.

Nothing that was typed is stored before it is confirmed: it goes with the form from page to page. Only files
wait at the desk, sealed, under a name that the form carries. A form that is sent twice is filed once, because
the case has its id from the form.
"""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.clock import local_date
from bot.complaints.cases import CaseFile, Statement
from bot.complaints.categories import Since
from bot.complaints.errors import NumberTaken
from bot.complaints.files.kinds import MOST_BYTES, MOST_PER_DRAFT
from bot.complaints.roles import Confidentiality, confidentiality_label
from bot.complaints.typed_form import Offered, Typed, everything_said, statement_of
from bot.errors import StoreUnavailable
from bot.site.complaint_form import BODIES, faults_of, filing_of, hidden_fields, read_typed
from bot.site.desk import SiteDesk, Uploads, source_of
from bot.site.desk_session import (
    CHANNEL,
    Followed,
    FormDraft,
    draft_token,
    keep_filed,
    keep_followed,
    new_draft,
    open_draft,
)
from bot.site.pages import Pages
from bot.site.patience import within
from bot.site.said import Row, said_rows
from bot.site.uploads import Upload

TRIES = 4
"""Numbers are drawn anew so often when another case has the one drawn."""

CHECK, FILE, EDIT, DROP = "check", "file", "edit", "drop"


class ComplaintPages:
    """The form, its check, and filing."""

    def __init__(self, desk: SiteDesk, pages: Pages) -> None:
        self._desk = desk
        self._pages = pages
        self._uploads = Uploads(desk)
        categories = list(desk.desk.categories)
        self._offered = Offered(
            categories=[category.id for category in categories],
            districts=[id for id, _ in desk.districts],
            bodies=[id for id, _ in desk.bodies],
            about_staff=[category.id for category in categories if category.union_staff],
        )

    async def show(self, request: Request) -> Response:
        """The empty form; who comes from an answer has its category chosen already."""
        topic = request.query_params.get("topic", "")[:64]
        category = self._desk.desk.categories.of_topic(topic) if topic else None
        typed = Typed({"topic": topic if category else "", "category": category.id if category else ""})
        return self._form(request, new_draft(self._desk.clock.now()), typed, is_fresh=True)

    async def take(self, request: Request) -> Response:
        """Take what was typed a step on."""
        form = await self._uploads.read(request)
        now = self._desk.clock.now()
        known = open_draft(self._desk.keys, form.last("draft"), now)
        draft = known or new_draft(now)
        typed, step = read_typed(form), form.last("step")
        file_faults = await self._take_files(request, form.files, draft)
        if step.startswith(f"{DROP}:"):
            await self._uploads.drop(draft.id, step.partition(":")[2])
        faults = self._faults(typed) if step in (CHECK, FILE) else {}
        if file_faults:
            faults["files"] = file_faults
        if step == FILE and known is not None and not faults:
            return await self._file(request, draft, typed)
        files = await self._uploads.of_draft(draft.id)
        if faults or step not in (CHECK, FILE):
            return self._form(request, draft, typed, faults=faults, files=files)
        return self._check(request, draft, typed, files)  # a form that has lain too long is looked at once more

    async def _take_files(self, request: Request, files: Sequence[Upload], draft: FormDraft) -> str:
        if not files:
            return ""
        received = await self._uploads.take(request, files, draft=draft.id, person=draft.person(self._desk.keys))
        return "".join(received.faults)

    async def _file(self, request: Request, draft: FormDraft, typed: Typed) -> Response:
        async with within(self._desk.patience):
            again = await self._register(request, draft, typed)
        now = self._desk.clock.now()
        case_id = draft.case_id(self._desk.keys)
        response = RedirectResponse("/complain/receipt?again=1" if again else "/complain/receipt", 303)
        keep_filed(request, response, draft, self._desk.receipt_for)
        keep_followed(request, response, self._desk.keys, Followed(case_id, now, now))
        return response

    async def _register(self, request: Request, draft: FormDraft, typed: Typed) -> bool:
        """Register the case; whether it was registered before."""
        desk, case_id = self._desk, draft.case_id(self._desk.keys)
        registrar = desk.desk.registrar
        filing = filing_of(
            typed,
            self._statement(typed),
            self._offered,
            channel=CHANNEL,
            person=draft.person(desk.keys),
            draft=draft.id,
        )
        for _ in range(TRIES):
            now = desk.clock.now()
            number, receipt = registrar.new_number(now), registrar.new_receipt()
            async with desk.write() as work:
                try:
                    await registrar.register(
                        work,
                        filing,
                        case_id=case_id,
                        number=number,
                        receipt=receipt,
                        now=now,
                        source=source_of(request),
                    )
                except NumberTaken:
                    if await work.cases.find(case_id) is not None:
                        return True
                    continue
                await work.commit()
            return False
        raise StoreUnavailable("no free case number")

    def _faults(self, typed: Typed) -> dict[str, str]:
        words = self._desk.wording
        return {
            name: words(f"site_complain.fault.{name}_{code}") for name, code in faults_of(typed, self._offered).items()
        }

    def _statement(self, typed: Typed) -> Statement:
        return statement_of(typed, local_date(self._desk.clock.now()), self._desk.lunar)

    def _form(  # noqa: PLR0913 - what a page shows, all named
        self,
        request: Request,
        draft: FormDraft,
        typed: Typed,
        *,
        faults: Mapping[str, str] | None = None,
        files: Sequence[CaseFile] = (),
        is_fresh: bool = False,
    ) -> Response:
        return self._pages.show(
            request,
            "complain.html",
            kept=False,
            draft=draft_token(self._desk.keys, draft),
            typed=typed,
            faults=faults or {},
            labels=self._labels,
            notice="",
            files=files,
            is_fresh=is_fresh,
            categories=[(one.id, one.title, one.hint) for one in self._desk.desk.categories],
            districts=self._desk.districts,
            bodies=self._desk.bodies,
            about_bodies=self._desk.about_bodies,
            about_staff=self._about_staff(),
            most_files=MOST_PER_DRAFT,
            most_megabytes=MOST_BYTES // 2**20,
        )

    def _check(self, request: Request, draft: FormDraft, typed: Typed, files: Sequence[CaseFile]) -> Response:
        today = local_date(self._desk.clock.now())
        said = self._statement(typed)
        doubt = self._desk.desk.guard.doubt(said, typed["category"], today)
        return self._pages.show(
            request,
            "complain_check.html",
            kept=False,
            draft=draft_token(self._desk.keys, draft),
            hidden=hidden_fields(typed),
            rows=self._rows(typed, said),
            doubt=self._desk.wording(f"limits.doubt.{doubt}") if doubt else "",
            emergency=self._desk.emergency(f"{typed['narrative']}\n{typed['wish']}"),
            files=files,
        )

    def _about_staff(self) -> str:
        """Who sees a complaint about people of the union, and where one about the supervisor goes."""
        titles = [one.title for one in self._desk.desk.categories if one.union_staff]
        words, higher = self._desk.wording, self._desk.higher_union
        where = words("site_complain.higher_named", name=higher) if higher else words("site_complain.higher")
        return words("site_complain.about_staff", category=titles[0], higher=where) if titles else ""

    @property
    def _labels(self) -> dict[str, str]:
        """What the fields are called, as a list of faults names them."""
        words = self._desk.wording
        names = ("confidentiality", "category", "narrative", "employer", "district", "employed", "name", "phone")
        return {name: words(f"site_complain.label.{name}") for name in (*names, "files", "agree", BODIES)}

    def _rows(self, typed: Typed, said: Statement) -> list[Row]:
        """What was typed, in the order of the page, with what was understood of it."""
        words, desk = self._desk.wording, self._desk
        before = {
            "confidentiality": words(confidentiality_label(Confidentiality(typed["confidentiality"]))),
            "category": desk.desk.categories.get(typed["category"]).title,
        }
        behind = {
            "district": desk.district_names.get(typed["district"], "") if len(desk.districts) > 1 else "",
            "name": said.name,
            "phone": said.phone,
            "contact": said.contact,
            "agree_sensitive": self._sensitive(typed, said),
            BODIES: words("site_complain.between").join(dict(desk.bodies)[body] for body in typed.bodies),
        }
        rows = said_rows(said, local_date(desk.clock.now()), words)
        return [*self._plain(before), *rows, *self._plain(behind)]

    def _sensitive(self, typed: Typed, said: Statement) -> str:
        """That sensitive data are kept; or what is not kept, where that makes a difference."""
        words = self._desk.wording
        if typed.agrees_to_sensitive:
            return words("site_complain.agreed")
        everything = everything_said(typed, local_date(self._desk.clock.now()), self._desk.lunar)
        hurt = self._desk.desk.categories.get(typed["category"]).since is Since.ACCIDENT
        return words("site_complain.withheld") if hurt or everything != said else ""

    def _plain(self, texts: Mapping[str, str]) -> list[Row]:
        words = self._desk.wording
        return [Row(words(f"site_complain.label.{name}"), text) for name, text in texts.items() if text]
