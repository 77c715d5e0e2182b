"""Triage: what a case is about, as the union sees it. What was said stays as it was said."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.complaints.cases import Case, Nature
from bot.complaints.desk.door import DeskPart
from bot.complaints.desk.employer_names import local_site_form, site_form
from bot.complaints.desk.refusals import Faulty, NotAllowed
from bot.complaints.desk.staff_telling import roster, tell_staff
from bot.complaints.desk.values import Seen
from bot.complaints.quantities.ranges import Bounds
from bot.complaints.roles import Action, Viewer
from bot.complaints.worker.search_index import site_key
from bot.roles import Role

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

LONGEST_SITE = 100
_FLAGS = ("urgent", "collective", "about_union_staff")


class Triage(DeskPart):
    """Triage."""

    async def triage(  # noqa: PLR0913 - the fields of the form, named
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        case_id: str,
        seen: Seen,
        *,
        now: datetime,
        category: str | None = None,
        nature: Nature | None = None,
        employer: str | None = None,
        site: str | None = None,
        urgent: bool | None = None,
        collective: bool | None = None,
        people: Bounds | None = None,
        money: Bounds | None = None,
        about_union_staff: bool | None = None,
        concerns: Collection[str] | None = None,
    ) -> None:
        """Set what is given; None leaves as it is, an empty employer or site takes it away. money counts fen.

        site: its name as people write it; only its keyed hash stands in the open, the name in the timeline, sealed.
        A case found to be about union staff is the supervisor's from then on, who are told. concerns (accounts that
        it is about, who will not see it) is for supervisors.
        Raises Faulty for what does not exist; CaseHidden, NotAllowed, Conflict.
        """
        case = await self._hold(work, viewer, case_id, seen, now, Action.TRIAGE)
        if concerns is not None and viewer.role is not Role.SUPERVISOR:
            raise NotAllowed(Action.ASSIGN)
        if (category or case.category) in self._parts.about_staff:
            about_union_staff = True  # whatever the form said: for the supervisor alone
        site_name = _site_name(site or "")
        wanted: dict[str, Any] = {
            "category": category,
            "nature": nature,
            "employer": employer,
            "site": self._site_key(site_name) if site is not None else None,
            "urgent": urgent,
            "collective": collective,
            "people": people,
            "money": money,
            "about_union_staff": about_union_staff,
            "concerns": frozenset(concerns) if concerns is not None else None,
        }
        changes = {name: value for name, value in wanted.items() if value is not None and value != getattr(case, name)}
        await self._check_changes(work, changes)
        if not changes:
            return
        data = told(changes)
        await self._enter(work, case, "triaged", by=viewer.id, now=now, data=data, note=site_name)
        await self._log(work, viewer, "case.triage", case=case.id, data=data)
        if changes.get("about_union_staff"):
            changes |= await self._hand_over(work, case)
        changed = await self._save(work, case, now, **changes)
        if changes.get("about_union_staff"):
            key = f"about_union_staff:{case.id}:{changed.version}"
            members = (await roster(work)).supervisors(changed)
            await tell_staff(
                work, members, "about_union_staff", key=key, now=now, roads=self._parts.roads, case=changed
            )

    def _site_key(self, name: str) -> str:
        return site_key(self._parts.keys, local_site_form(name, self._parts.places))

    async def _check_changes(self, work: "UnitOfWork", changes: Mapping[str, Any]) -> None:
        if changes.get("category", "") and changes["category"] not in self._parts.categories:
            raise Faulty("category", "unknown")
        if "category" in changes and not changes["category"]:
            raise Faulty("category", "missing")
        if changes.get("employer"):
            found = await work.employers.find(changes["employer"])
            if found is None or found.merged_into:
                raise Faulty("employer", "unknown")
        for account in changes.get("concerns", ()):
            if await work.staff.find(account) is None:
                raise Faulty("concerns", "unknown")

    async def _hand_over(self, work: "UnitOfWork", case: Case) -> dict[str, Any]:
        """A case about union staff is handled by supervisors only: others give it up."""
        keep = {
            account
            for account in case.facts.handlers
            if (member := await work.staff.find(account)) and member.role is Role.SUPERVISOR
        }
        return {"owner": case.owner if case.owner in keep else "", "helpers": case.helpers & frozenset(keep)}


def _site_name(site: str) -> str:
    """The name without needless blanks. Raises Faulty for one under which nothing would be found again."""
    name = " ".join(site.split())
    if name and (len(name) > LONGEST_SITE or not site_form(name)):
        raise Faulty("site", "unfit")
    return name


def told(changes: Mapping[str, Any]) -> dict[str, str]:
    """The changes as codes and figures for the timeline and the log."""
    data: dict[str, str] = {}
    for name, value in changes.items():
        if name in _FLAGS:
            data[name] = "yes" if value else "no"
        elif isinstance(value, Bounds):
            data[name] = f"{value.low}..{'' if value.high is None else value.high}"
        elif name == "concerns":
            data[name] = ",".join(sorted(value)) or "none"
        else:
            data[name] = str(value) or "none"
    return data
