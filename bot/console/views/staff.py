"""Accounts of staff, for the administrator: made, changed, reset, shut, signed out."""

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette_admin import route

from bot.complaints.roles import Action, may
from bot.console.pages import Page, clean, get_member, read_form
from bot.roles import Role
from bot.staff.directory import NewPassword
from bot.staff.errors import LoginTaken, StaffRefused
from bot.staff.members import STAFF_ROLES, StaffMember

INVALID, NOT_FOUND = 422, 404


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form of an account."""

    login: str = ""
    name: str = ""
    role: str = ""
    districts: frozenset[str] = frozenset()
    mail: str = ""
    wecom: str = ""
    active: bool = True


class StaffPages(Page):
    """The register of staff."""

    menu_label = "人员账号"
    icon = "fa-solid fa-users-gear"
    path = "/staff"
    group = "系统"

    def allows(self, member: StaffMember) -> bool:
        """Who manages staff."""
        return may(member.viewer(), Action.MANAGE_STAFF)

    @route("", name="staff")
    async def list(self, request: Request) -> Response:
        """Every account."""
        members = await self.parts.directory.members()
        ordered = sorted(members, key=lambda one: (not one.active, STAFF_ROLES.index(one.role), one.login))
        return self.show(request, "staff/list.html", {"members": ordered})

    @route("/new", methods=["GET", "POST"], name="staff-new")
    async def new(self, request: Request) -> Response:
        """A new account; its first password is shown once."""
        title = self.parts.wording("console.staff.new")
        if request.method != "POST":
            return self._form(request, Typed(role=Role.CADRE), title)
        typed = typed_in(await read_form(request))
        try:
            made = await self.parts.directory.add(
                login=typed.login,
                name=typed.name,
                role=Role(typed.role),
                by=get_member(request).id,
                now=self.parts.now(),
                districts=typed.districts,
                mail=typed.mail,
                wecom=typed.wecom,
            )
        except (StaffRefused, LoginTaken, ValueError) as refused:
            return self._form(request, typed, title, problem=self._why(refused))
        return self._password(request, made)

    @route("/account/{id}", methods=["GET", "POST"], name="staff-one")
    async def one(self, request: Request) -> Response:
        """One account."""
        member = await self._find(request)
        typed = Typed(
            login=member.login,
            name=member.name,
            role=member.role,
            districts=member.districts,
            mail=member.mail,
            wecom=member.wecom,
            active=member.active,
        )
        if request.method != "POST":
            return self._form(request, typed, member.name, member=member)
        typed = typed_in(await read_form(request))
        mine = member.id == get_member(request).id
        changes: dict[str, Any] = {"name": typed.name, "mail": typed.mail, "wecom": typed.wecom}
        try:
            if not mine:  # nobody shuts out or promotes themselves
                changes |= {"role": Role(typed.role), "districts": typed.districts, "active": typed.active}
            await self.parts.directory.change(member.id, by=get_member(request).id, now=self.parts.now(), **changes)
        except (StaffRefused, ValueError) as refused:
            return self._form(request, typed, member.name, member=member, problem=self._why(refused))
        self.say(request, "staff.saved")
        return self.go(request, "/staff")

    @route("/account/{id}/reset", methods=["POST"], name="staff-reset")
    async def reset(self, request: Request) -> Response:
        """A new first password; the one-time code is set up anew."""
        member = await self._find(request)
        made = await self.parts.directory.reset(member.id, by=get_member(request).id, now=self.parts.now())
        return self._password(request, made)

    @route("/account/{id}/unlock", methods=["POST"], name="staff-unlock")
    async def unlock(self, request: Request) -> Response:
        """End the wait after wrong tries."""
        member = await self._find(request)
        await self.parts.directory.unlock(member.id, by=get_member(request).id)
        self.say(request, "staff.unlocked")
        return self.go(request, f"/staff/account/{member.id}")

    @route("/account/{id}/sign-out", methods=["POST"], name="staff-sign-out")
    async def sign_out(self, request: Request) -> Response:
        """Sign the member out everywhere."""
        member = await self._find(request)
        ended = await self.parts.directory.end_sessions(member.id, by=get_member(request).id)
        self.say(request, "staff.ended", sessions=ended)
        return self.go(request, f"/staff/account/{member.id}")

    async def _find(self, request: Request) -> StaffMember:
        async with self.parts.read() as work:
            member = await work.staff.find(str(request.path_params["id"]))
        if member is None:
            raise HTTPException(NOT_FOUND)
        return member

    def _form(
        self, request: Request, typed: Typed, title: str, *, member: StaffMember | None = None, problem: str = ""
    ) -> Response:
        context = {
            "title": title,
            "typed": typed,
            "member": member,
            "mine": member is not None and member.id == get_member(request).id,
            "problem": problem,
            "roles": [(role.value, self.parts.wording(f"complaint.role.{role}")) for role in STAFF_ROLES],
        }
        return self.show(request, "staff/form.html", context, status=INVALID if problem else 200)

    def _password(self, request: Request, made: NewPassword) -> Response:
        title = self.parts.wording("console.staff.password")
        return self.show(request, "staff/password.html", {"title": title, "made": made})

    def _why(self, refused: Exception) -> str:
        if isinstance(refused, LoginTaken):
            return self.parts.wording("console.staff.taken")
        code = refused.code if isinstance(refused, StaffRefused) else "role"
        return self.parts.wording(f"console.staff.fault.{code}")


def typed_in(form: FormData) -> Typed:
    """What was typed into the form of an account."""
    texts = {name: clean(str(form.get(name) or "")) for name in ("login", "name", "role", "mail", "wecom")}
    districts = frozenset(str(value) for value in form.getlist("districts"))
    return Typed(**texts, districts=districts, active="active" in form)
