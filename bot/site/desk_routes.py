"""The addresses of the complaint pages."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.site.case_deeds import CaseDeeds
from bot.site.case_door import CaseDoor
from bot.site.case_papers import CasePapers, ProofPages
from bot.site.complaint import ComplaintPages
from bot.site.desk import LARGEST_FORM, SiteDesk
from bot.site.pages import Pages
from bot.site.receipt import ReceiptPages
from bot.site.track import TrackPages

LARGEST_PROOF = 200_000

Endpoint = Callable[[Request], Awaitable[Response]]


class PageMaker(Protocol):
    """How the site makes a page; `secret` ones are not compressed."""

    def __call__(self, path: str, endpoint: Endpoint, *, secret: bool = False) -> Route:
        """The route of the page."""
        ...


class FormMaker(Protocol):
    """How the site makes a form of at most so many bytes."""

    def __call__(self, path: str, endpoint: Endpoint, most_bytes: int, *, secret: bool = False) -> Route:
        """The route that takes the form."""
        ...


@dataclass(frozen=True, slots=True)
class RouteMakers:
    """How the site makes its routes."""

    page: PageMaker
    form: FormMaker


def make_desk_routes(desk: SiteDesk, pages: Pages, make: RouteMakers, *, text_bytes: int) -> list[Route]:
    """The routes of filing, following and checking proofs."""
    door = CaseDoor(desk)
    complaint, receipt = ComplaintPages(desk, pages), ReceiptPages(desk, pages)
    track = TrackPages(desk, pages, door)
    deeds, papers, proofs = CaseDeeds(desk, door, track), CasePapers(desk, pages, door), ProofPages(desk, pages)
    with_files = LARGEST_FORM + text_bytes
    return [
        make.page("/complain", complaint.show),
        make.form("/complain", complaint.take, with_files, secret=True),
        make.page("/complain/receipt", receipt.show, secret=True),
        make.form("/complain/receipt", receipt.confirm, text_bytes),
        make.page("/track", track.ask),
        make.form("/track", track.open, text_bytes, secret=True),
        make.form("/track/leave", track.leave, text_bytes),
        make.page("/track/case", track.case, secret=True),
        make.form("/track/say", deeds.say, with_files, secret=True),
        make.form("/track/verdict", deeds.verdict, text_bytes, secret=True),
        *(
            make.form(f"/track/{name}", deeds.wish(name), text_bytes, secret=True)
            for name in ("withdraw", "restore", "delete")
        ),
        make.form("/track/consent", deeds.consent, text_bytes, secret=True),
        make.page("/track/correct", deeds.corrections, secret=True),
        make.form("/track/correct", deeds.correct, text_bytes, secret=True),
        make.page("/track/copy", papers.copy, secret=True),
        make.page("/track/proof", papers.proof, secret=True),
        make.page("/track/proof/file", papers.proof_file, secret=True),
        make.page("/track/proof/content", papers.content_file, secret=True),
        make.page("/track/file/{id}", papers.file, secret=True),
        make.page("/proof", proofs.show),
        make.form("/proof", proofs.check, text_bytes + LARGEST_PROOF),
    ]
