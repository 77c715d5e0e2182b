"""Notices that did not go out: seen by administrator and supervisor, sent again only because somebody wants it."""

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.audit import AuditEntry
from bot.complaints.desk.door import is_visible
from bot.complaints.roles import Action, may
from bot.console.pages import Page, get_member, read_fields
from bot.staff.members import StaffMember

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

NOT_FOUND = 404
MOST_ROWS = 100


def sees_notices(member: StaffMember) -> bool:
    """Whether the member looks after what is sent."""
    return may(member.viewer(), Action.MANAGE_STAFF) or may(member.viewer(), Action.VERIFY_AUDIT)


class NoticePages(Page):
    """What was given up, what is tried again, and of what nobody knows; not what a notice says."""

    menu_label = "提醒发送"
    icon = "fa-solid fa-paper-plane"
    path = "/notices"
    group = "系统"

    def allows(self, member: StaffMember) -> bool:
        """Administrator and supervisor."""
        return sees_notices(member)

    @route("", name="notices")
    async def list(self, request: Request) -> Response:
        """What has trouble, the latest first."""
        member = get_member(request)
        async with self.parts.read() as work:
            troubled = await work.notices.troubled(MOST_ROWS)
            to_workers = await work.worker_notices.given_up(MOST_ROWS)
            numbers = await _numbers(work, member, {stored.case for stored in to_workers})
            names = {one.id: one.name for one in await work.staff.all()}
        context = {"troubled": troubled, "to_workers": to_workers, "numbers": numbers, "names": names}
        return self.show(request, "notices.html", context)

    @route("/retry", methods=["POST"], name="notices-retry")
    async def retry(self, request: Request) -> Response:
        """Send one again; that it may arrive twice is for the member to weigh."""
        member, wanted = get_member(request), (await read_fields(request)).get("id", "")
        async with self.parts.write() as work:
            if not await work.notices.retry(wanted, self.parts.now()):
                raise HTTPException(NOT_FOUND)
            await work.audit.append(AuditEntry(member.id, "notice.retried", data={"notice": wanted}))
            await work.commit()
        self.say(request, "notices.retried")
        return self.go(request, "/notices")

    @route("/noted", methods=["POST"], name="notices-noted")
    async def noted(self, request: Request) -> Response:
        """Everything given up has been taken note of and leaves the list."""
        member = get_member(request)
        async with self.parts.write() as work:
            count = await work.notices.take_note(self.parts.now())
            await work.audit.append(AuditEntry(member.id, "notice.noted", data={"count": str(count)}))
            await work.commit()
        return self.go(request, "/notices")


async def _numbers(work: "UnitOfWork", member: StaffMember, cases: set[str]) -> dict[str, str]:
    """The numbers of the cases that the member may see."""
    viewer = member.viewer()
    return {case.id: case.number for case in await work.cases.find_many(cases) if is_visible(viewer, case)}
