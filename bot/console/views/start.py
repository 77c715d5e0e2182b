"""The first page: what waits for whoever signed in, and what was said to them since."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.complaints.roles import Action, may
from bot.console.pages import Page, can_ever, get_member
from bot.console.views.cases import BUILT_IN, fits
from bot.console.views.notices import sees_notices
from bot.staff.members import StaffMember

ALARMS = {"overdue": "alarm", "urgent": "alarm", "due": "warn", "collective": "warn", "quarantined": "warn"}
MOST_ROWS = 12
NOTHING = 204


class StartPage(Page):
    """Everybody's first page; who sees cases finds what is due there."""

    menu_label = "首页"
    icon = "fa-solid fa-house"
    path = "/"

    def allows(self, member: StaffMember) -> bool:
        """Everybody who is signed in."""
        return True

    def waiting(self, request: Request) -> int:
        """The badge in the menu: notices that were not seen yet."""
        return int(getattr(request.state, "unseen", 0))

    @route("", name="index")
    async def index(self, request: Request) -> Response:
        """What waits."""
        member, now = get_member(request), self.parts.now()
        context: dict[str, Any] = {"tiles": [], "cases": None, "staff": {}, "first": "", "role": self._role(member)}
        context["takes_calls"] = may(member.viewer(), Action.LOG_CALL)
        async with self.parts.write() as work:
            context["notices"] = await work.notices.unseen(member.id, limit=MOST_ROWS)
            context["not_sent"] = await work.notices.count_given_up() if sees_notices(member) else 0
            if can_ever(member, Action.SEE_ROW):
                viewer, first = member.viewer(), first_view(member)
                wanted = self.parts.desk.view(first, viewer, now)
                badges = await self.parts.desk.badges(work, viewer, now=now)
                context["tiles"] = [
                    (name, getattr(badges, name), ALARMS.get(name, "")) for name in BUILT_IN if fits(member, name)
                ]
                context["cases"] = await self.parts.desk.rows(work, viewer, wanted, now=now, limit=MOST_ROWS)
                context["staff"] = {one.id: one.name for one in await work.staff.all()}
                context["first"] = first
            await work.commit()
        return self.show(request, "start.html", {"title": self._greeting(), **context})

    @route("/seen", methods=["POST"], name="notices-seen")
    async def seen(self, request: Request) -> Response:
        """All notices shown so far were seen."""
        member = get_member(request)
        async with self.parts.write() as work:
            await work.notices.mark_seen(member.id, self.parts.now())
            await work.commit()
        return self.go(request, "/")

    @route("/alive", name="alive")
    async def alive(self, request: Request) -> Response:
        """Somebody is typing: being asked who they are has counted as being there."""
        return Response(status_code=NOTHING)

    def _greeting(self) -> str:
        today = self.parts.today()
        return self.parts.wording("console.start.title", month=today.month, day=today.day)

    def _role(self, member: StaffMember) -> str:
        return self.parts.wording(f"complaint.role.{member.role}")


def first_view(member: StaffMember) -> str:
    """The list on the first page: a cadre's own cases, the supervisor's overdue ones, an operator's call-backs."""
    if can_ever(member, Action.ASSIGN):
        return "overdue"
    return "mine" if can_ever(member, Action.TAKE_ON) else "call_back"
