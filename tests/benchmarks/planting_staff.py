"""What staff leave behind: accounts, looks, notes, messages, papers, calls, searches and saved views."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from inspect import signature
from typing import Any

import pyotp

from bot.app import Program
from bot.complaints.case_filter import CaseFilter
from bot.complaints.desk.calls import filing_of, read_taken
from bot.complaints.desk.codes import ContactWay, DeletionReason, RevealReason
from bot.complaints.desk.values import Personal, Seen
from bot.complaints.lifecycle import Event, Step
from bot.complaints.quantities.lunar import TableLunarCalendar
from bot.complaints.receipts import Receipt
from bot.complaints.typed_form import Offered
from bot.roles import Role
from bot.staff.errors import SignInRefused
from bot.staff.members import StaffMember
from tests.benchmarks.needles import Haystack
from tests.benchmarks.planting_workers import Planted

BY = "operator"
HERE = "198.51.100.7"


@dataclass
class Staff:
    """Members of staff at their desks."""

    program: Program
    hay: Haystack
    planted: Planted

    async def plant(self) -> None:
        """Everything that staff write."""
        sue = await self._account("sue", Role.SUPERVISOR)
        anna = await self._account("anna", Role.CADRE, "mudan")
        ole = await self._account("ole", Role.OPERATOR)
        case_id = await self._case("filed, named")
        await self._handled(anna, sue, case_id)
        await self._looked_up(sue)
        await self._called(ole)
        await self._erased(sue)

    async def _account(self, login: str, role: Role, *districts: str) -> StaffMember:
        """An account that has signed in, set up its one-time code, and failed to sign in as well."""
        hay, services, now = self.hay, self.program.staff, datetime.now(UTC)
        made = await services.directory.add(
            login=login,
            name=hay.name(f"staff: name of {login}"),
            role=role,
            by=BY,
            now=now,
            districts=districts,
            mail=f"{hay.code(f'staff: mail of {login}', 12).lower()}@example.org",
            wecom=hay.code(f"staff: WeCom of {login}", 16),
        )
        hay.needles = [needle for needle in hay.needles if needle.stage != f"staff: mail of {login}"]
        hay.known(f"staff: mail of {login}", made.member.mail)
        first = hay.known(f"staff: first password of {login}", made.password)
        entered = await services.accounts.sign_in(login, first, HERE, now)
        password = hay.word(f"staff: password of {login}") + "Correct-9"
        entered = await services.accounts.change_password(entered.token, first, password, now)
        for wrong in (hay.word("staff: wrong password"), hay.code("staff: login that is none", 20)):
            with suppress(SignInRefused):
                await services.accounts.sign_in(wrong, wrong, HERE, now)
        offer = await services.enrolment.offer(entered.token, now)
        hay.known(f"staff: one-time secret of {login}", offer.secret)
        done = await services.enrolment.finish(entered.token, pyotp.TOTP(offer.secret).at(now), now)
        for code in done.recovery_codes:
            hay.known(f"staff: recovery code of {login}", code)
        hay.known(f"staff: session of {login}", done.signed_in.token)
        return made.member

    async def _case(self, stage: str) -> str:
        digits = self.planted.receipts[stage]
        async with self.program.store.read() as work:
            case = await work.cases.find_receipt(self.program.keys.index_all("receipt", digits))
        assert case is not None
        return case.id

    async def _do(self, act: str, member: StaffMember, *args: Any, desk: Any = None, **fields: Any) -> Any:
        """One method of the desk, committed."""
        method = getattr(desk or self.program.cadres.handler, act)
        if "now" in signature(method).parameters:
            fields["now"] = datetime.now(UTC)
        async with self.program.store.write() as work:
            result = await method(work, member.viewer(), *args, **fields)
            await work.commit()
        return result

    async def _seen(self, case_id: str) -> Seen:
        async with self.program.store.read() as work:
            case = await work.cases.find(case_id)
        assert case is not None
        return Seen(case.version, datetime.now(UTC))

    async def _handled(self, anna: StaffMember, sue: StaffMember, case_id: str) -> None:
        """One case from its first look to the referral."""
        hay = self.hay
        await self._do("take_on", anna, case_id, await self._seen(case_id))
        await self._do("page", anna, case_id)
        for what in Personal:
            explanation = hay.word(f"audit: why {what} was asked for")
            await self._do("reveal", anna, case_id, what, RevealReason.OTHER, explanation=explanation)
        await self._do("note", anna, case_id, f"内部：{hay.word('internal note')}，{hay.name('internal note: name')}")
        await self._do("message", anna, case_id, f"您好，{hay.word('message to the worker')}")
        heard = f"电话里说{hay.word('note of a telephone call')}"
        await self._do("record_contact", anna, case_id, await self._seen(case_id), ContactWay.PHONE, heard)
        employer = await self._do(
            "add_employer", anna, f"菏泽{hay.word('register: employer')}有限公司", aliases=[hay.word("register: alias")]
        )
        fields = {"employer": employer.id, "site": f"{hay.word('site of the case')}工地", "urgent": True}
        await self._do("triage", anna, case_id, await self._seen(case_id), **fields)
        note = hay.word("note with an assignment")
        await self._do("assign", sue, case_id, await self._seen(case_id), anna.id, note=note)
        step = Step(event=Event.ACCEPT)
        told, inside = f"已受理，{hay.word('note to the worker with a step')}", hay.word("internal note with a step")
        await self._do("take_step", anna, case_id, await self._seen(case_id), step, note_to_worker=told, note=inside)
        await self._do("referral_proposal", anna, case_id, "inspection")
        text = f"转办：{hay.word('text of a referral')}"
        await self._do("refer", anna, case_id, await self._seen(case_id), "inspection", text)

    async def _looked_up(self, sue: StaffMember) -> None:
        """Searches, a saved view, the radar and the sweep."""
        hay, program = self.hay, self.program
        await self._do("rows", sue, CaseFilter(), phone=hay.phone("search by phone"))
        await self._do("employers", sue, hay.word("search for an employer"))
        async with program.store.write() as work:
            await work.views.save(sue.id, hay.word("saved view: name"), {"number": hay.word("saved view: number")})
            await work.commit()
        async with program.store.write() as work:
            await program.cadres.radar.run(work, datetime.now(UTC))
            await program.cadres.sweep.run(work, datetime.now(UTC))
            await work.commit()

    async def _called(self, ole: StaffMember) -> None:
        """A call that became a case, its receipt read out, and what the caller added."""
        hay, desk, now = self.hay, self.program.cadres.hotline, datetime.now(UTC)
        texts = {
            "channel": "hotline",
            "nature": "claim",
            "confidentiality": "named",
            "category": "wage",
            "district": "mudan",
            "employer": hay.word("call: employer"),
            "narrative": f"来电说{hay.word('call: narrative')}三个月没发工资",
            "name": hay.name("call: name"),
            "phone": hay.phone("call: phone"),
            "contact": hay.word("call: contact"),
            "agree": "1",
        }
        offered = Offered(categories=["wage"], districts=["mudan"], bodies=[])
        filing = filing_of(read_taken(texts), offered, now.date(), TableLunarCalendar())
        case_id = await self._do("register", ole, filing, "one form", desk=desk)
        read_out = await self._do("read_out", ole, case_id, desk=desk)
        assert read_out.receipt is not None
        digits = hay.known("call: receipt", read_out.receipt.reveal())
        given = await self._do("open_receipt", ole, Receipt(digits), desk=desk)
        hay.known("call: pass for the case", given)
        async with self.program.store.write() as work:
            viewer = desk.with_pass(ole.viewer(), given, datetime.now(UTC))
            await desk.relay(work, viewer, case_id, f"又说{hay.word('call: what was added')}", now=datetime.now(UTC))
            await work.commit()
        self.planted.cases += 1

    async def _erased(self, sue: StaffMember) -> None:
        """The content of a case that was withdrawn is deleted."""
        case_id = await self._case("filed, anonymous")
        await self._do("delete_content", sue, case_id, await self._seen(case_id), DeletionReason.WORKER_ASKED)
