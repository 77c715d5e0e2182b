"""Names and telephone numbers beside an exported list: for who may take them along, with a reason, case by case."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.complaints.desk.codes import RevealReason
from bot.complaints.desk.door import DeskPart, check_text
from bot.complaints.desk.refusals import Faulty, NotAllowed
from bot.complaints.desk.values import CaseRowView
from bot.complaints.roles import TABLE, Action, Viewer, may

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

MOST_IDENTITIES = 500


@dataclass(frozen=True, slots=True)
class Identity:
    """Who one worker is and how they are reached."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
    contact: str = field(repr=False)


class Exporting(DeskPart):
    """What an export may hold beside rows."""

    async def export_identities(
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        rows: Sequence[CaseRowView],
        reason: RevealReason | None,
        explanation: str = "",
    ) -> dict[str, Identity]:
        """By case id, who the workers are: of the cases in the list whose worker gave the name for such use.

        Each is logged by itself with the coded reason; `RevealReason.OTHER` needs an explanation. Raises NotAllowed,
        and Faulty without a reason or for too many cases.
        """
        if not viewer.active or not TABLE[viewer.role].get(Action.EXPORT_IDENTITY):
            raise NotAllowed(Action.EXPORT_IDENTITY)
        if reason is None:
            raise Faulty("reason", "missing")
        explanation = check_text(explanation, "explanation", needed=reason is RevealReason.OTHER)
        if len(rows) > MOST_IDENTITIES:
            raise Faulty("filter", "too_many")
        found: dict[str, Identity] = {}
        for case in await work.cases.find_many([row.id for row in rows]):
            statement = await work.cases.statement(case.id) if may(viewer, Action.EXPORT_IDENTITY, case.facts) else None
            if statement is None:
                continue
            data = {"what": "export", "number": case.number}
            await self._log(
                work, viewer, "case.export_identity", case=case.id, reason=reason, data=data, text=explanation
            )
            found[case.id] = Identity(statement.name, statement.phone, statement.contact)
        return found
