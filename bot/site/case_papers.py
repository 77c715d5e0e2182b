"""What a worker takes along: a copy of the case, the files, the signed proof of filing. And the public check of proofs.

Nothing of this holds a receipt.
"""

from collections.abc import Mapping
from urllib.parse import quote

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.clock import local_date
from bot.complaints.files.kinds import FileLost
from bot.complaints.worker.proofs import (
    CheckedProof,
    IssuedProof,
    check_proof,
    fault_words,
    issue_proof,
    proof_content,
    public_keys,
)
from bot.complaints.worker.qr import qr_svg
from bot.complaints.worker.refusals import NotFound, Refused
from bot.complaints.worker.tracking import CaseCopy
from bot.site.case_door import CaseDoor
from bot.site.desk import SiteDesk
from bot.site.pages import NOT_KEPT, Pages
from bot.site.patience import within
from bot.site.said import said_rows
from bot.site.uploads import UploadLimits, read_upload_form

GONE = 404
SANDBOXED = "default-src 'none'; sandbox"
LONGEST_PROOF = 20_000
PROOF_LIMITS = UploadLimits(files=1, file_bytes=LONGEST_PROOF * 4)


class CasePapers:
    """Copies, files and proofs of the case that is followed."""

    def __init__(self, desk: SiteDesk, pages: Pages, door: CaseDoor) -> None:
        self._desk = desk
        self._pages = pages
        self._door = door

    async def copy(self, request: Request) -> Response:
        """Everything of the case that is the worker's, on one page to be printed."""
        followed = self._door.find(request)
        copy = await self._copy(followed.case_id) if followed else None
        if followed is None or copy is None:
            return self._door.closed(request)
        desk, words = self._desk, self._desk.wording
        case = copy.tracking
        page = self._pages.show(
            request,
            "track_copy.html",
            kept=False,
            case=case,
            made_at=copy.made_at,
            state=words(f"complaint.state.{case.state}"),
            category=desk.desk.categories.get(case.category).title if case.category in desk.desk.categories else "",
            district=desk.district_names.get(case.district, ""),
            confidentiality=words(f"complaint.confidentiality.{case.confidentiality}"),
            steps=[(step, desk.desk.words.step(step)) for step in case.steps],
            versions=[(one, said_rows(one.said, local_date(one.said_at), words)) for one in reversed(copy.versions)],
        )
        return self._door.keep(request, page, followed)

    async def proof(self, request: Request) -> Response:
        """The proof of filing as a page with its code."""
        issued, _ = await self._proof(request)
        if issued is None:
            return self._door.closed(request)
        code = issued.proof.code()
        address = f"{self._desk.base_url}/proof?code={code}" if self._desk.base_url else code
        title = self._desk.wording("site_track.proof_code")
        page = self._pages.show(
            request,
            "track_proof.html",
            kept=False,
            proof=issued.proof,
            salt=issued.salt,
            code=code,
            drawn=Markup(qr_svg(address, title=title, scale=4)),  # noqa: S704 - drawn by us, escaped by segno
        )
        followed = self._door.find(request)
        return self._door.keep(request, page, followed) if followed else page

    async def proof_file(self, request: Request) -> Response:
        """The proof of filing as the worker's own file, with its salt."""
        issued, _ = await self._proof(request)
        if issued is None:
            return self._door.closed(request)
        return _download(issued.document().encode(), f"proof-{issued.proof.number}.json", "application/json")

    async def content_file(self, request: Request) -> Response:
        """What the proof commits to, byte for byte."""
        issued, content = await self._proof(request)
        if issued is None:
            return self._door.closed(request)
        return _download(content, f"content-{issued.proof.number}.json", "application/json")

    async def file(self, request: Request) -> Response:
        """One file of the case as it was sent, for download only."""
        followed = self._door.find(request)
        if followed is None:
            return self._door.closed(request)
        desk, wanted = self._desk, request.path_params["id"]
        try:
            async with within(desk.patience), desk.write() as work:
                await desk.desk.follower.file(work, followed.case_id, wanted)
                opened = await desk.files.open_original(work, wanted, case=followed.case_id)
                await work.commit()
        except (FileLost, NotFound, Refused):
            raise HTTPException(GONE) from None
        return _download(opened.content, opened.name, opened.media_type)

    async def _copy(self, case_id: str) -> CaseCopy | None:
        try:
            async with within(self._desk.patience), self._desk.write() as work:
                copy = await self._desk.desk.follower.copy(work, case_id, self._desk.clock.now())
                await work.commit()
        except (NotFound, Refused):
            return None
        return copy

    async def _proof(self, request: Request) -> tuple[IssuedProof | None, bytes]:
        """A proof of what was said at filing: whoever it was is not in it, as a receipt does not show that."""
        followed = self._door.find(request)
        copy = await self._copy(followed.case_id) if followed else None
        if copy is None or not copy.versions:
            return None, b""
        case, first = copy.tracking, copy.versions[0].said
        hashes = [file.sha256 for file in case.files if file.by_worker and file.added_at <= case.registered_at]
        content = proof_content(first, hashes, category=case.category)
        issued = issue_proof(
            self._desk.keys,
            federation=self._desk.federation,
            number=case.number,
            registered_at=case.registered_at,
            content=content,
            now=copy.made_at,
        )
        return issued, content


class ProofPages:
    """`/proof`: whether a proof of filing was signed here. Asks no database, tells nothing of any case."""

    def __init__(self, desk: SiteDesk, pages: Pages) -> None:
        self._desk = desk
        self._pages = pages

    async def show(self, request: Request) -> Response:
        """Where a proof is pasted, or checked when the address brings one."""
        text = request.query_params.get("code", "")[:LONGEST_PROOF]
        return self._page(request, text)

    async def check(self, request: Request) -> Response:
        """Check what was pasted or chosen."""
        form = await read_upload_form(request, PROOF_LIMITS)
        text = form.last("proof").strip()
        if not text and form.files:
            text = form.files[0].content.decode(errors="replace").lstrip("\ufeff")
        return self._page(request, text[: LONGEST_PROOF + 1], asked=True)

    def _page(self, request: Request, text: str, *, asked: bool = False) -> Response:
        checked = check_proof(self._desk.keys, text) if text.strip() or asked else None
        return self._pages.show(
            request,
            "proof.html",
            kept=False,
            checked=checked,
            fault=self._desk.wording(fault_words(checked.fault)) if checked and checked.fault else "",
            shown=_shown(checked),
            typed=text if checked and not checked.holds and not text.lstrip().startswith("{") else "",
            keys=public_keys(self._desk.keys),
        )


def _shown(checked: CheckedProof | None) -> Mapping[str, str]:
    if checked is None or not checked.holds or checked.proof is None:
        return {}
    proof = checked.proof
    return {"federation": proof.federation, "number": proof.number, "registered_at": proof.registered_at}


def _download(content: bytes, name: str, media_type: str) -> Response:
    """A file to be saved: no browser opens it as a page of ours."""
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "Cache-Control": NOT_KEPT,
            "Content-Security-Policy": SANDBOXED,
        },
    )
