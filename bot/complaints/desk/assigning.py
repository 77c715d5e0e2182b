"""Who has a case: taking it on, assigning and moving it; letting it through, deleting its content."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from bot.complaints.cases import Case
from bot.complaints.desk.codes import DeletionReason, MoveReason
from bot.complaints.desk.door import DeskPart, check_text
from bot.complaints.desk.erasing import erase
from bot.complaints.desk.refusals import Faulty
from bot.complaints.desk.staff_telling import roster, tell_staff
from bot.complaints.desk.values import Seen
from bot.complaints.lifecycle import CLOSED
from bot.complaints.roles import Action, Viewer
from bot.roles import Role

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

HANDLING_ROLES = frozenset({Role.CADRE, Role.SUPERVISOR})
MOST_HELPERS = 10


class Assigning(DeskPart):
    """Who has a case."""

    async def take_on(self, work: "UnitOfWork", viewer: Viewer, case_id: str, seen: Seen, *, now: datetime) -> None:
        """An unassigned case in reach becomes the viewer's. Raises CaseHidden, NotAllowed, Conflict."""
        case = await self._hold(work, viewer, case_id, seen, now, Action.TAKE_ON)
        await self._enter(work, case, "taken_on", by=viewer.id, now=now, data={"owner": viewer.id})
        await self._log(work, viewer, "case.take_on", case=case.id, data={"number": case.number})
        await self._save(work, case, now, owner=viewer.id)

    async def assign(  # noqa: PLR0913, PLR0917 - which case goes to whom
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        case_id: str,
        seen: Seen,
        owner: str,
        helpers: Collection[str] = (),
        *,
        now: datetime,
        note: str = "",
    ) -> None:
        """Make somebody responsible, nobody with an empty owner; each newly named one is told.

        Raises Faulty for an account that does not handle cases, is not active, or whom the case is about, and for
        anybody but supervisors with a case about union staff; CaseHidden, NotAllowed, Conflict.
        """
        case = await self._hold(work, viewer, case_id, seen, now, Action.ASSIGN)
        note = check_text(note, "note", needed=False)
        helping = frozenset(helpers) - {"", owner}
        if len(helping) > MOST_HELPERS:
            raise Faulty("helpers", "too_many")
        for field_name, account in [*([("owner", owner)] if owner else []), *(("helpers", one) for one in helping)]:
            await self._check_account(work, case, account, field_name)
        if note:
            await self._write_note(work, case, note, viewer.id, now)
        data = {"owner": owner, "before": case.owner, "helpers": ",".join(sorted(helping))}
        await self._enter(work, case, "assigned", by=viewer.id, now=now, data=data)
        await self._log(work, viewer, "case.assign", case=case.id, data=data)
        changed = await self._save(work, case, now, owner=owner, helpers=helping)
        new = changed.facts.handlers - case.facts.handlers - {viewer.id}
        await self._tell(work, changed, new, "assigned", now)

    async def move_district(  # noqa: PLR0913, PLR0917 - which case goes where and why
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        case_id: str,
        seen: Seen,
        district: str,
        reason: MoveReason,
        *,
        now: datetime,
        note: str = "",
    ) -> None:
        """Move the case; nobody handles it until somebody there takes it on, and those who can are told.

        Raises Faulty for a district that does not exist or is the same; CaseHidden, NotAllowed, Conflict.
        """
        case = await self._hold(work, viewer, case_id, seen, now, Action.MOVE_DISTRICT)
        note = check_text(note, "note", needed=False)
        if district not in self._parts.districts:
            raise Faulty("district", "unknown")
        if district == case.district:
            raise Faulty("district", "same")
        if note:
            await self._write_note(work, case, note, viewer.id, now)
        data = {"from": case.district, "to": district, "reason": reason.value}
        await self._enter(work, case, "moved", by=viewer.id, now=now, data=data)
        await self._log(work, viewer, "case.move", case=case.id, reason=reason.value, data=data)
        moved = await self._save(work, case, now, district=district, owner="", helpers=frozenset())
        await tell_staff(
            work,
            (await roster(work)).responsible(moved),
            "moved",
            key=f"moved:{case.id}:{moved.version}",
            now=now,
            roads=self._parts.roads,
            case=moved,
        )

    async def release(self, work: "UnitOfWork", viewer: Viewer, case_id: str, seen: Seen, *, now: datetime) -> None:
        """Let a case that was held back as one of a flood through. Raises CaseHidden, NotAllowed, Conflict, Faulty."""
        case = await self._hold(work, viewer, case_id, seen, now, Action.RELEASE_QUARANTINE)
        if not case.quarantined:
            raise Faulty("case", "not_held_back")
        await self._enter(work, case, "released", by=viewer.id, now=now)
        await self._log(work, viewer, "case.release", case=case.id, data={"number": case.number})
        await self._save(work, case, now, quarantined=False)

    async def delete_content(  # noqa: PLR0913 - which case and why
        self, work: "UnitOfWork", viewer: Viewer, case_id: str, seen: Seen, reason: DeletionReason, *, now: datetime
    ) -> tuple[str, ...]:
        """Delete what was said, written and added, for good; number, codes and days stay.

        Gives the ids of files whose bytes are now of no use. Raises Faulty while the case is being handled or when
        the content is gone; CaseHidden, NotAllowed, Conflict.
        """
        case = await self._hold(work, viewer, case_id, seen, now, Action.DELETE_CONTENT)
        if case.state not in CLOSED:
            raise Faulty("case", "being_handled")
        if case.content_deleted_at is not None:
            raise Faulty("case", "deleted")
        return await erase(work, case, by=viewer.id, reason=reason, now=now)

    async def _check_account(self, work: "UnitOfWork", case: Case, account: str, field_name: str) -> None:
        member = await work.staff.find(account)
        if member is None or not member.active or member.role not in HANDLING_ROLES:
            raise Faulty(field_name, "unfit")
        if account in case.concerns:
            raise Faulty(field_name, "concerned")
        if case.about_union_staff and member.role is not Role.SUPERVISOR:
            raise Faulty(field_name, "supervisor_only")

    async def _tell(self, work: "UnitOfWork", case: Case, accounts: Collection[str], kind: str, now: datetime) -> None:
        members = [member for account in sorted(accounts) if (member := await work.staff.find(account))]
        key = f"{kind}:{case.id}:{case.version}"
        await tell_staff(work, members, kind, key=key, now=now, roads=self._parts.roads, case=case)
