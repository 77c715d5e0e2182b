"""The page of one case, what is hidden on it, and its printed sheet."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.complaints.desk.codes import RevealReason
from bot.complaints.desk.refusals import CaseHidden, Faulty, NotAllowed
from bot.complaints.desk.values import Personal
from bot.console.pages import get_member, read_fields
from bot.console.views.case_base import INVALID, NOT_ALLOWED, NOT_FOUND, CaseBase, Shown


class CasePages(CaseBase):
    """Looking at a case."""

    @route("/{number}", name="case")
    async def read(self, request: Request) -> Response:
        """The case."""
        return await self.open(request)

    @route("/{number}/reveal", methods=["POST"], name="case-reveal")
    async def reveal(self, request: Request) -> Response:
        """The case with something that is hidden, for a reason that is written down. It is in no address."""
        member, fields = get_member(request), await read_fields(request)
        typed = fields | {"act": "reveal"}
        try:
            what, reason = Personal(fields.get("what", "")), RevealReason(fields.get("reason", ""))
        except ValueError:
            return await self.open(request, Shown(problem=self.why(Faulty("reason", "missing")), typed=typed))
        try:
            async with self.parts.write() as work:
                desk, viewer, now = self.parts.desk, member.viewer(), self.parts.now()
                case = await desk.find_number(work, viewer, str(request.path_params["number"]))
                explanation = fields.get("explanation", "")
                revealed = await desk.reveal(work, viewer, case, what, reason, now=now, explanation=explanation)
                await work.commit()
        except Faulty as faulty:
            return await self.open(request, Shown(problem=self.why(faulty), typed=typed, status=INVALID))
        except CaseHidden:
            raise HTTPException(NOT_FOUND) from None
        except NotAllowed:
            raise HTTPException(NOT_ALLOWED) from None
        return await self.open(request, Shown(revealed=revealed))

    @route("/{number}/print", methods=["GET", "POST"], name="case-print")
    async def print(self, request: Request) -> Response:
        """The sheet for the file; with name and contact only by a form that says why."""
        member = get_member(request)
        fields = await read_fields(request) if request.method == "POST" else {}
        with_identity = "with_identity" in fields
        try:
            reason = RevealReason(fields["reason"]) if fields.get("reason") else None
        except ValueError:
            raise HTTPException(INVALID) from None
        try:
            async with self.parts.write() as work:
                desk, viewer, now = self.parts.desk, member.viewer(), self.parts.now()
                case = await desk.find_number(work, viewer, str(request.path_params["number"]))
                sheet = await desk.print_sheet(work, viewer, case, now=now, with_identity=with_identity, reason=reason)
                staff = {one.id: one.name for one in await work.staff.all()}
                await work.commit()
        except CaseHidden:
            raise HTTPException(NOT_FOUND) from None
        except NotAllowed:
            raise HTTPException(NOT_ALLOWED) from None
        except Faulty as faulty:
            return await self.open(request, Shown(problem=self.why(faulty), status=INVALID))
        words = self.words_of(sheet.page, staff)
        context = {"title": sheet.page.row.number, "sheet": sheet, "page": sheet.page, **words.globals()}
        return self.show(request, "case/print.html", context | {"reveal_reasons": words.choices(RevealReason)})
