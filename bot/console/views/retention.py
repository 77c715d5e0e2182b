"""What has been kept for long enough: the supervisor looks at the list and agrees, case by case."""

from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.audit import AuditEntry
from bot.complaints.retention import DueCase
from bot.complaints.roles import Action, Viewer, may
from bot.console.pages import Page, get_member, read_form
from bot.staff.members import StaffMember

SHOWN = 50
"""So many cases are agreed to at once; the others are shown when these are gone."""


class RetentionPage(Page):
    """Cases whose content is to go."""

    menu_label = "到期清理"
    icon = "fa-solid fa-hourglass-end"
    path = "/retention"
    group = "系统"

    def allows(self, member: StaffMember) -> bool:
        """Who may agree to the end of what was kept."""
        return may(member.viewer(), Action.APPROVE_RETENTION)

    @route("", name="retention")
    async def index(self, request: Request) -> Response:
        """The cases that are due, without their content, and the rules."""
        member = get_member(request)
        async with self.parts.write() as work:
            due = await self.parts.retention.due(work, self.parts.now())
            mine = [one for one in due if may_end(member.viewer(), one)]
            await work.audit.append(AuditEntry(member.id, "retention.looked", data={"cases": str(len(mine))}))
            await work.commit()
        context = {"due": mine[:SHOWN], "more": max(len(mine) - SHOWN, 0), "rules": self.parts.retention.rules}
        return self.show(request, "retention.html", context)

    @route("", methods=["POST"], name="retention-approve")
    async def approve(self, request: Request) -> Response:
        """Delete the content of the cases that were ticked, as far as they are still due."""
        member = get_member(request)
        ticked = {str(value) for value in (await read_form(request)).getlist("case")}
        now = self.parts.now()
        async with self.parts.write() as work:
            due = await self.parts.retention.due(work, now)
            agreed = [one.case.id for one in due if one.case.id in ticked and may_end(member.viewer(), one)]
            deleted, files = await self.parts.retention.delete(work, agreed, by=member.id, now=now)
            await work.commit()
        await self.parts.forget_files(files)
        if deleted:
            self.say(request, "retention.deleted", count=len(deleted))
        else:
            self.say(request, "retention.none", "warning")
        return self.go(request, "/retention")


def may_end(viewer: Viewer, due: DueCase) -> bool:
    """Whether the viewer may delete the content of that very case: not of one about themselves."""
    return may(viewer, Action.DELETE_CONTENT, due.case.facts)
