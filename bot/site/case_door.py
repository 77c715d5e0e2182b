"""Which case a browser may follow, and doing something to it.

What the browser holds is a sealed name of the case that ends by itself. Every form on the page of a case names
its case as well, so that what was written in one tab never reaches a case that was opened in another.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.complaints.worker.refusals import NotFound, Refused, SlowDown
from bot.complaints.worker.tracking import Tracking
from bot.errors import LostRace
from bot.site.desk import SiteDesk
from bot.site.desk_session import Followed, drop_followed, find_followed, keep_followed
from bot.site.patience import within
from bot.site.uploads import UploadForm

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

Deed = Callable[["UnitOfWork", str, datetime], Awaitable[object]]


class CaseDoor:
    """Lets in whoever has shown the receipt of late."""

    def __init__(self, desk: SiteDesk) -> None:
        self._desk = desk

    def find(self, request: Request) -> Followed | None:
        """The case that this browser follows; None when the receipt has to be shown."""
        return find_followed(request, self._desk.keys, self._desk.clock.now())

    def is_of(self, followed: Followed, form: UploadForm) -> bool:
        """Whether the form stood on the page of that case."""
        return form.last("of") == self.mark(followed)

    def mark(self, followed: Followed) -> str:
        """What names the case in its forms; nobody else can make it."""
        return self._desk.keys.hash("site.case.form", followed.case_id)

    def keep(self, request: Request, response: Response, followed: Followed) -> Response:
        """The response, after which the case may be followed for another while."""
        now = self._desk.clock.now()
        keep_followed(request, response, self._desk.keys, Followed(followed.case_id, followed.opened_at, now))
        return response

    def closed(self, request: Request) -> Response:
        """Back to where the receipt is asked for."""
        response = RedirectResponse("/track?over=1", 303)
        drop_followed(request, response)
        return response

    async def tracking(self, followed: Followed) -> Tracking | None:
        """What the receipt shows, which counts as a look; None when the case is gone."""
        desk = self._desk
        try:
            async with within(desk.patience), desk.write() as work:
                tracking = await desk.desk.follower.tracking(work, followed.case_id, desk.clock.now())
                await work.commit()
        except NotFound:
            return None
        return tracking

    async def do(self, followed: Followed, deed: Deed) -> str:
        """Do it in one transaction; empty, or in words why not. Once more when somebody saved at the same time.

        Raises NotFound, LostRace.
        """
        try:
            try:
                await self._try(followed, deed)
            except LostRace:
                await self._try(followed, deed)
        except Refused as refusal:
            return self._desk.desk.words.refused(refusal)
        except SlowDown as refusal:
            return self._desk.desk.words.slow_down(refusal)
        return ""

    async def _try(self, followed: Followed, deed: Deed) -> None:
        async with within(self._desk.patience), self._desk.write() as work:
            await deed(work, followed.case_id, self._desk.clock.now())
            await work.commit()
