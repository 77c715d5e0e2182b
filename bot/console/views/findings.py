"""What the radar found: cases that may be one matter. People decide, and may let one case lead."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.complaints.desk.refusals import CaseHidden, Conflict, Faulty, NotAllowed
from bot.complaints.lifecycle import StepRefused
from bot.complaints.roles import Action
from bot.console.pages import Page, can_ever, get_member, read_fields
from bot.staff.members import StaffMember

NOT_ALLOWED = 403
TOGETHER, APART = "together", "apart"


class FindingPages(Page):
    """Possible collective matters."""

    menu_label = "集体线索"
    icon = "fa-solid fa-people-group"
    path = "/findings"
    group = "维权"

    def allows(self, member: StaffMember) -> bool:
        """Who sorts out cases."""
        return can_ever(member, Action.TRIAGE)

    @route("", name="findings")
    async def list(self, request: Request) -> Response:
        """What is open, the oldest first."""
        async with self.parts.write() as work:
            found = await self.parts.desk.findings(work, get_member(request).viewer())
            await work.commit()
        return self.show(request, "findings.html", {"found": found})

    @route("/{id}", methods=["POST"], name="findings-decide")
    async def decide(self, request: Request) -> Response:
        """Say whether it is one matter."""
        fields = await read_fields(request)
        if fields.get("what") not in (TOGETHER, APART):
            self.say(request, "findings.choose", "warning")
            return self.go(request, "/findings")
        together = fields["what"] == TOGETHER
        try:
            async with self.parts.write() as work:
                await self.parts.desk.decide_finding(
                    work,
                    get_member(request).viewer(),
                    str(request.path_params["id"]),
                    together=together,
                    now=self.parts.now(),
                    lead=fields.get("lead", "") if together else "",
                )
                await work.commit()
        except CaseHidden:
            self.say(request, "findings.gone", "warning")
        except NotAllowed:
            raise HTTPException(NOT_ALLOWED) from None
        except (Faulty, Conflict, StepRefused):
            self.say(request, "findings.not_now", "warning")
        else:
            self.say(request, f"findings.{fields['what']}")
        return self.go(request, "/findings")
