"""`/complain/receipt`: what a worker gets for filing, shown by the browser that filed until the worker has it.

The receipt stands in the page alone: in no address, no file, no log, and no browser keeps the page.
"""

from dataclasses import dataclass, field

import structlog
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.complaints.receipts import Receipt
from bot.complaints.worker.qr import receipt_qr
from bot.complaints.worker.tracking import Registered
from bot.site.desk import SiteDesk
from bot.site.desk_session import FILING, drop_filed, find_filed
from bot.site.pages import Pages
from bot.site.patience import within

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A receipt that may be shown here."""

    case_id: str
    receipt: Receipt = field(repr=False)


class ReceiptPages:
    """The receipt, once more, and that it has been kept."""

    def __init__(self, desk: SiteDesk, pages: Pages) -> None:
        self._desk = desk
        self._pages = pages

    async def show(self, request: Request) -> Response:
        """Number, receipt, what happens next, and what must not wait."""
        waiting = await self._waiting(request)
        if waiting is None:
            return self._pages.show(request, "receipt_gone.html", kept=False)
        desk, now = self._desk, self._desk.clock.now()
        async with within(desk.patience), desk.write() as work:
            tracking = await desk.desk.follower.tracking(work, waiting.case_id, now)
            await work.commit()
        registered = Registered(
            case_id=waiting.case_id,
            number=tracking.number,
            receipt=waiting.receipt,
            registered_at=tracking.registered_at,
            next_steps=tracking.next_steps,
            guard=tracking.guard,
            receipt_until=tracking.registered_at + desk.receipt_for,
        )
        return self._pages.show(
            request,
            "receipt.html",
            kept=False,
            number=tracking.number,
            groups=waiting.receipt.grouped().split(),
            code=Markup(receipt_qr(waiting.receipt, title=desk.wording("site_complain.receipt_code"))),  # noqa: S704 - drawn by us, of digits
            said=desk.desk.words.after_filing(registered),
            again="again" in request.query_params,
        )

    async def confirm(self, request: Request) -> Response:
        """The worker has the receipt: from now on nobody can show it."""
        waiting = await self._waiting(request)
        if waiting is not None:
            async with within(self._desk.patience), self._desk.write() as work:
                await self._desk.desk.follower.confirm_receipt(work, waiting.case_id)
                await work.commit()
            log.info("site.receipt_confirmed", case=waiting.case_id)
        response = RedirectResponse("/track/case?done=receipt", 303)
        drop_filed(request, response)
        return response

    async def _waiting(self, request: Request) -> _Waiting | None:
        draft = find_filed(request)
        if not draft:
            return None
        person = self._desk.keys.person(FILING, draft)
        async with within(self._desk.patience), self._desk.read() as work:
            found = await work.receipts.waiting(person, self._desk.clock.now())
        return _Waiting(*found[0]) if found else None
