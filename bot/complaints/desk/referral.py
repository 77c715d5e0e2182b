"""Referral to another body: redacted, or with the worker's name where the worker agreed to this very body."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from bot.clock import local_date
from bot.complaints.cases import Case, Statement
from bot.complaints.desk.door import check_text
from bot.complaints.desk.redaction import Mask
from bot.complaints.desk.refusals import Faulty, NotAllowed
from bot.complaints.desk.steps import Steps
from bot.complaints.desk.values import ReferralProposal, Seen
from bot.complaints.lifecycle import Event, Fact, Step
from bot.complaints.roles import Action, Viewer, may, may_bring_about

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork


class Referral(Steps):
    """Passing a case on."""

    async def referral_proposal(
        self, work: "UnitOfWork", viewer: Viewer, case_id: str, recipient: str, *, now: datetime
    ) -> ReferralProposal:
        """The text of what was said with everything that tells who the worker is masked, to be read and edited.

        Logged as a look. Raises CaseHidden, NotAllowed, Faulty.
        """
        case = await self._open(work, viewer, case_id, Action.REFER)
        self._check(viewer, case, Action.SEE_CONTENT)
        self._check_recipient(recipient)
        statement = await self._statement(work, case)
        texts = [statement.employer, statement.site, statement.narrative, statement.wish]
        masked = (await self._mask(work, case))("\n".join(text.strip() for text in texts if text.strip()))
        await self._log(work, viewer, "case.referral_text", case=case.id, data={"recipient": recipient})
        return ReferralProposal(
            recipient=recipient,
            text=masked.text,
            identity_allowed=_identity_allowed(viewer, case, recipient),
            marks=masked.marks,
        )

    async def refer(  # noqa: PLR0913, PLR0917 - to whom what goes, and how
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        case_id: str,
        seen: Seen,
        recipient: str,
        text: str,
        *,
        now: datetime,
        with_identity: bool = False,
        reply_by: date | None = None,
        note_to_worker: str = "",
    ) -> Case:
        """Pass the case on with this text, which is kept, sealed; the clocks wait for the other body.

        Without identity a text that holds the worker's name, phone or contact is refused (`Faulty("text", "betrays")`).
        reply_by: the day by which an answer was asked for.
        Raises CaseHidden, NotAllowed, Conflict, Faulty, StepRefused.
        """
        case = await self._hold(work, viewer, case_id, seen, now)
        if not may_bring_about(viewer, Event.REFER, case.facts):
            raise NotAllowed(Action.REFER)
        self._check_recipient(recipient)
        if reply_by is not None and reply_by <= local_date(now):
            raise Faulty("reply_by", "past")
        text = check_text(text, "text")
        if with_identity and not _identity_allowed(viewer, case, recipient):
            raise NotAllowed(Action.REFER_WITH_IDENTITY)
        await self._statement(work, case)
        if not with_identity and (await self._mask(work, case)).betrays(text):
            raise Faulty("text", "betrays")
        allowed = frozenset({Fact.PASSING_ON_ALLOWED})  # checked just above
        step = Step(event=Event.REFER, recipient=recipient, facts=allowed)
        data = {
            "way": "with_identity" if with_identity else "redacted",
            "reply_by": reply_by.isoformat() if reply_by else "",
        }
        await self._enter(work, case, "referral_text", by=viewer.id, now=now, data={"recipient": recipient}, note=text)
        return await self._carry_out(work, viewer, case, step, now=now, note_to_worker=note_to_worker, data=data)

    def _check_recipient(self, recipient: str) -> None:
        if recipient not in self._parts.bodies:
            raise Faulty("recipient", "unknown" if recipient else "missing")

    async def _mask(self, work: "UnitOfWork", case: Case) -> Mask:
        """What knows everything that the worker ever gave."""
        return Mask(*(said.statement for said in await work.cases.statements(case.id)))

    async def _statement(self, work: "UnitOfWork", case: Case) -> Statement:
        statement = await work.cases.statement(case.id)
        if statement is None:
            raise Faulty("text", "deleted")
        return statement


def _identity_allowed(viewer: Viewer, case: Case, recipient: str) -> bool:
    """Whether the name may go along: by the table of roles, and by a consent that names this body."""
    return may(viewer, Action.REFER_WITH_IDENTITY, case.facts) and recipient in case.passing_on
