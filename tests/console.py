"""The console as tests meet it: a program with staff and cases, and browsers without a screen."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from bot.app import Program
from bot.complaints.lifecycle import Event
from bot.complaints.worker.tracking import Registered
from bot.roles import Role
from bot.staff.assembly import make_staff
from bot.staff.members import StaffMember
from bot.staff.passwords import Passwords
from bot.web import make_web
from tests.desk import Counter, a_filing
from tests.fakes import FakeClock
from tests.site import a_site_configuration, build_scripted
from tests.staff import PASSWORD, QUICK

NAMES = {
    Role.ADMINISTRATOR: "管理员甲",
    Role.SUPERVISOR: "督办乙",
    Role.CADRE: "干部丙",
    Role.OPERATOR: "话务员丁",
    Role.LEADER: "领导戊",
    Role.PUBLICIST: "宣传己",
}
TOKEN = re.compile(r'name="csrftoken" value="([^"]+)"')


def use_quick_passwords(program: Program) -> None:
    """Argon2 that takes no time."""
    settings = program.configuration.settings
    program.staff = make_staff(settings, program.store, program.keys, Passwords(QUICK))


@dataclass
class Desk:
    """A running program, its staff and its cases."""

    program: Program
    clock: FakeClock
    staff: dict[str, StaffMember] = field(default_factory=dict)

    @property
    def counter(self) -> Counter:
        """Files complaints."""
        return Counter(self.program.store, self.program.desk)

    async def hire(self, login: str, role: Role, *districts: str, name: str = "", ready: bool = True) -> StaffMember:
        """An account with the password PASSWORD, which need not be changed any more when `ready`."""
        services = self.program.staff
        made = await services.directory.add(
            login=login,
            name=name or NAMES[role],
            role=role,
            by="a" * 32,
            now=self.clock.now(),
            districts=districts or (("mudan",) if role is Role.CADRE else ()),
        )
        hashed = QUICK.hash(PASSWORD)
        async with self.program.store.write() as work:
            await work.staff.set_credentials(made.member.id, password=hashed, must_change=not ready)
            await work.commit()
        self.staff[login] = made.member
        return made.member

    def browser(self, **headers: str) -> "Window":
        """A browser of its own, signed in nowhere."""
        return Window(make_web(self.program), headers)

    async def signed_in(self, login: str) -> "Window":
        """A browser in which that member is signed in."""
        window = self.browser()
        response = await window.sign_in(login)
        assert response.status_code == 200, response.text
        return window


class Window:
    """One browser: keeps cookies, sends what browsers send, and puts the token of the last page into forms."""

    def __init__(self, web: Any, headers: dict[str, str], scheme: str = "http") -> None:
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(web, raise_app_exceptions=False, client=("127.0.0.1", 4711)),
            base_url=f"{scheme}://site.test",
            headers={"accept": "text/html,*/*;q=0.8", "sec-fetch-site": "same-origin", **headers},
        )
        self.token = ""

    async def get(self, path: str, **named: Any) -> httpx.Response:
        response = await self.client.get(f"/console{path}", **{"follow_redirects": True, **named})
        return self._noted(response)

    async def post(self, path: str, data: dict[str, Any] | None = None, **named: Any) -> httpx.Response:
        fields = {"csrftoken": self.token, **(data or {})}
        response = await self.client.post(f"/console{path}", data=fields, **{"follow_redirects": True, **named})
        return self._noted(response)

    async def sign_in(self, login: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
        await self.get("/login")
        return await self.post("/login", {"login": login, "password": password, **fields})

    def _noted(self, response: httpx.Response) -> httpx.Response:
        found = TOKEN.search(response.text)
        if found:
            self.token = found[1]
        return response


@asynccontextmanager
async def a_console(folder: Path, clock: FakeClock, **staff: object) -> AsyncIterator[Desk]:
    """A running program whose staff need no one-time code unless told so."""
    configuration = a_site_configuration(folder, {"staff": {"totp_required": False, **staff}})
    program = build_scripted(configuration, clock)
    use_quick_passwords(program)
    async with program.running():
        yield Desk(program, clock)


async def closed(desk: Desk, **fields: object) -> Registered:
    """A case that its cadre has closed and that waits for a call-back."""
    made = await desk.counter.file(a_filing(person=uuid4().hex), now=desk.clock.now())
    now = desk.clock.now()
    await desk.counter.step(made.case_id, Event.ACCEPT, Event.START, Event.RESOLVE, now=now)
    async with desk.program.store.write() as work:
        case = await work.cases.find(made.case_id)
        assert case is not None
        changes = {"closed_at": now, "owner": desk.staff["zhang.wei"].id, "call_back_due": True, **fields}
        await work.cases.change(case, now, **changes)
        await work.commit()
    return made
