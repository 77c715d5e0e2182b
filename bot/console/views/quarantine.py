"""Filings that came in a flood: the supervisor looks and lets through what is real, one or many at once."""

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.complaints.desk.refusals import CaseHidden, Conflict, Faulty
from bot.complaints.desk.values import Seen
from bot.complaints.roles import Action
from bot.console.pages import Page, can_ever, get_member, read_form
from bot.console.views.cases import list_context
from bot.staff.members import StaffMember

VIEW = "quarantined"
MOST_ROWS = 50


class QuarantinePages(Page):
    """What is held back."""

    menu_label = "待甄别"
    icon = "fa-solid fa-filter-circle-xmark"
    path = "/quarantine"
    group = "维权"

    def allows(self, member: StaffMember) -> bool:
        """Who lets cases through."""
        return can_ever(member, Action.RELEASE_QUARANTINE)

    @route("", name="quarantine")
    async def list(self, request: Request) -> Response:
        """What is held back, the oldest first."""
        member, now = get_member(request), self.parts.now()
        viewer = member.viewer()
        async with self.parts.write() as work:
            wanted = self.parts.desk.view(VIEW, viewer, now)
            found = await self.parts.desk.rows(work, viewer, wanted, now=now, sort="registered_at", limit=MOST_ROWS)
            extra = await list_context(work, member)
            await work.commit()
        return self.show(request, "quarantine.html", {"found": found, "staff": extra["staff"]})

    @route("", methods=["POST"], name="quarantine-release")
    async def release(self, request: Request) -> Response:
        """Let through what was ticked; what has changed meanwhile stays."""
        member, form = get_member(request), await read_form(request)
        ticked = [str(value) for value in form.getlist("case")]
        released = 0
        for one in ticked[:MOST_ROWS]:
            released += await self._release(member, one)
        if released:
            self.say(request, "quarantine.released", count=released)
        if released < len(ticked) or not ticked:
            self.say(request, "quarantine.some_stay" if ticked else "quarantine.none", "warning")
        return self.go(request, "/quarantine")

    async def _release(self, member: StaffMember, ticked: str) -> bool:
        """Each in a transaction of its own, so that one that has changed does not hold the others up."""
        case, _, seen = ticked.partition(" ")
        try:
            async with self.parts.write() as work:
                await self.parts.desk.release(work, member.viewer(), case, Seen.parse(seen), now=self.parts.now())
                await work.commit()
        except (CaseHidden, Conflict, Faulty, ValueError):
            return False
        return True
