"""Files of a case: shown, downloaded, added. Whoever may not see the case finds none."""

from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.complaints.desk.refusals import CaseHidden, NotAllowed
from bot.complaints.files.file_desk import OpenedFile
from bot.complaints.files.kinds import FileLost, FileRefused
from bot.console.pages import get_member, read_fields, read_form, uploaded
from bot.console.views.case_base import INVALID, NOT_ALLOWED, NOT_FOUND, Act, CaseBase, Shown

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

SANDBOX = "default-src 'none'; sandbox"


class CaseFiles(CaseBase):
    """Hands files out and takes them."""

    @route("/{number}/file/{file}", name="case-file")
    async def reading(self, request: Request) -> Response:
        """The copy without metadata, in the browser."""
        return await self._hand_out(request, original=False)

    @route("/{number}/original/{file}", name="case-original")
    async def original(self, request: Request) -> Response:
        """The file as it came, for download."""
        return await self._hand_out(request, original=True)

    @route("/{number}/file", methods=["POST"], name="case-file-add")
    async def add(self, request: Request) -> Response:
        """Add a file."""
        try:
            return await self._add(request)
        finally:
            await request.close()

    async def _add(self, request: Request) -> Response:
        upload, evidence = uploaded(await read_form(request), "file"), self.parts.evidence
        if upload is None:
            problem = self.parts.wording("console.problem.no_file")
            return await self.open(request, Shown(problem=problem, status=INVALID))
        await self._check(request)
        try:
            prepared = await evidence.prepare(upload.filename or "", await upload.read())
        except FileRefused as refused:
            return await self.open(request, Shown(problem=self.why(refused), status=INVALID))

        async def do(work: "UnitOfWork", act: Act) -> None:
            await evidence.add(work, act.viewer.viewer(), act.case, prepared, now=act.now)

        try:
            answer = await self.attempt(request, await read_fields(request), do)
        except BaseException:
            await evidence.drop(prepared)
            raise
        if answer is not None:
            await evidence.drop(prepared)
            return answer
        self.say(request, "done.file")
        return self.go(request, f"/case/{request.path_params['number']}")

    async def _check(self, request: Request) -> None:
        """Whether the member may add files there: asked before bytes are put on the disk."""
        viewer = get_member(request).viewer()
        try:
            async with self.parts.read() as work:
                case = await self.parts.desk.find_number(work, viewer, str(request.path_params["number"]))
                await self.parts.evidence.check_may_add(work, viewer, case)
        except CaseHidden:
            raise HTTPException(NOT_FOUND) from None
        except NotAllowed:
            raise HTTPException(NOT_ALLOWED) from None

    async def _hand_out(self, request: Request, *, original: bool) -> Response:
        member, path = get_member(request), request.path_params
        opened: OpenedFile | None
        try:
            async with self.parts.write() as work:
                case = await self.parts.desk.find_number(work, member.viewer(), str(path["number"]))
                open_it = self.parts.evidence.original if original else self.parts.evidence.reading
                opened = await open_it(work, member.viewer(), case, str(path["file"]))
                await work.commit()
        except (CaseHidden, FileLost):
            raise HTTPException(NOT_FOUND) from None
        except NotAllowed:
            raise HTTPException(NOT_ALLOWED) from None
        if opened is None:
            raise HTTPException(NOT_FOUND)
        return send_file(opened)


def send_file(opened: OpenedFile) -> Response:
    """The file as a response that can do nothing in the browser but be looked at or saved."""
    kind = "inline" if opened.inline else "attachment"
    headers = {
        "Content-Disposition": f"{kind}; filename*=UTF-8''{quote(opened.name, safe='')}",
        "Content-Security-Policy": SANDBOX,
        "Cache-Control": "no-store",
    }
    return Response(opened.content, media_type=opened.media_type, headers=headers)
