"""The register of employers: found by name, alias or credit code, entered, corrected, merged; each change is logged."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.complaints.cases import Case, Employer
from bot.complaints.desk.door import DeskPart
from bot.complaints.desk.employer_names import employer_form, is_like, read_credit_code
from bot.complaints.desk.refusals import Faulty, NotAllowed
from bot.complaints.roles import Action, Viewer, may
from bot.keyring import KeyRing

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

EMPLOYER = "employer"
CREDIT_CODE = "credit_code"
"""Kinds of blind indexes, whose subject is the employer's id."""

MOST_ALIASES = 20
LONGEST_NAME = 100
_HINTS = 5


class EmployerRegister(DeskPart):
    """The register."""

    async def employers(self, work: "UnitOfWork", viewer: Viewer, text: str = "", *, limit: int = 50) -> list[Employer]:
        """Employers whose name, alias or credit code holds the text, best first; all of them without a text.

        Raises NotAllowed.
        """
        _check_may_edit(viewer)
        found = await work.employers.all()
        if form := employer_form(text):
            exact = set(await self._subjects(work, EMPLOYER, form))
            code = text.strip().upper()
            found = [
                employer
                for employer in found
                if employer.id in exact
                or code == employer.credit_code
                or _names_hold(employer, form)
                or any(form in other for other in _forms((employer.name, *employer.aliases)))
            ]
            found.sort(key=lambda employer: (employer.id not in exact, employer.name))
        return found[:limit]

    async def add_employer(  # noqa: PLR0913 - what is known of an employer
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        name: str,
        *,
        now: datetime,
        aliases: Collection[str] = (),
        credit_code: str = "",
    ) -> Employer:
        """Enter an employer. Raises NotAllowed, and Faulty for a name or code that another one has already."""
        _check_may_edit(viewer)
        employer = await self._checked(work, uuid4().hex, name, aliases, credit_code)
        await work.employers.add(employer, now)
        await self._index(work, employer)
        await self._log(work, viewer, "employer.add", case=employer.id)
        return employer

    async def change_employer(  # noqa: PLR0913 - what is known of an employer
        self,
        work: "UnitOfWork",
        viewer: Viewer,
        employer: str,
        *,
        now: datetime,
        name: str,
        aliases: Collection[str] = (),
        credit_code: str = "",
    ) -> Employer:
        """Let this be what is known of the employer. Raises as `add_employer`, and Faulty for one that is not there."""
        _check_may_edit(viewer)
        await self._standing(work, employer)
        changed = await self._checked(work, employer, name, aliases, credit_code)
        await work.employers.change(changed, now)
        await self._index(work, changed)
        await self._log(work, viewer, "employer.change", case=employer)
        return changed

    async def merge_employers(
        self, work: "UnitOfWork", viewer: Viewer, employer: str, into: str, *, now: datetime
    ) -> Employer:
        """Make two entries one: the cases of the first are the second's, its names become aliases.

        Raises NotAllowed, and Faulty for entries that are not there or the same.
        """
        _check_may_edit(viewer)
        first, second = await self._standing(work, employer), await self._standing(work, into)
        if employer == into:
            raise Faulty("into", "same")
        names = dict.fromkeys((*second.aliases, first.name, *first.aliases))
        names.pop(second.name, None)
        united = Employer(
            id=into,
            name=second.name,
            aliases=tuple(names)[:MOST_ALIASES],
            credit_code=second.credit_code or first.credit_code,
        )
        cases = await work.employers.merge(employer, into, now)
        await work.employers.change(united, now)
        await self._index(work, united)
        await self._log(work, viewer, "employer.merge", case=employer, data={"into": into, "cases": str(cases)})
        return united

    async def _employer_hints(self, work: "UnitOfWork", case: Case) -> tuple[tuple[str, str], ...]:
        """Entries of the register that may be the employer that the worker named, while none has been chosen."""
        statement = None if case.employer else await work.cases.statement(case.id)
        form = employer_form(statement.employer) if statement else ""
        if not form:
            return ()
        exact = set(await self._subjects(work, EMPLOYER, form))
        fitting = [one for one in await work.employers.all() if one.id in exact or _names_hold(one, form)]
        fitting.sort(key=lambda employer: (employer.id not in exact, employer.name))
        return tuple((employer.id, employer.name) for employer in fitting[:_HINTS])

    async def _checked(
        self, work: "UnitOfWork", employer_id: str, name: str, aliases: Collection[str], credit_code: str
    ) -> Employer:
        """The employer, when its names and code are its own. Raises Faulty."""
        name = " ".join(name.split())
        if not employer_form(name) or len(name) > LONGEST_NAME:
            raise Faulty("name", "missing" if not name else "unfit")
        kept = tuple(dict.fromkeys(alias for raw in aliases if (alias := " ".join(raw.split())) and alias != name))
        if len(kept) > MOST_ALIASES or any(len(alias) > LONGEST_NAME for alias in kept):
            raise Faulty("aliases", "too_long")
        try:
            code = read_credit_code(credit_code)
        except ValueError:
            raise Faulty("credit_code", "unknown") from None
        if code and await self._others(work, CREDIT_CODE, code, employer_id):
            raise Faulty("credit_code", "taken")
        for field_name, text in [("name", name), *(("aliases", alias) for alias in kept)]:
            if await self._others(work, EMPLOYER, employer_form(text), employer_id):
                raise Faulty(field_name, "taken")
        return Employer(id=employer_id, name=name, aliases=kept, credit_code=code)

    async def _others(self, work: "UnitOfWork", kind: str, value: str, employer_id: str) -> bool:
        return bool(set(await self._subjects(work, kind, value)) - {employer_id}) if value else False

    async def _subjects(self, work: "UnitOfWork", kind: str, value: str) -> list[str]:
        """The employers under that name or code; what else is found by the name of an employer is left out."""
        found = await work.blind.find(kind, self._parts.keys.index_all(kind, value))
        return [subject for subject in found if await work.employers.find(subject) is not None]

    async def _standing(self, work: "UnitOfWork", employer_id: str) -> Employer:
        found = await work.employers.find(employer_id)
        if found is None or found.merged_into:
            raise Faulty("employer", "unknown")
        return found

    async def _index(self, work: "UnitOfWork", employer: Employer) -> None:
        await index_employer(work, self._parts.keys, employer)


async def index_employer(work: "UnitOfWork", keys: KeyRing, employer: Employer) -> None:
    """Let the employer be found by all its names and its code, and by nothing else. Safe to repeat."""
    await work.blind.drop(EMPLOYER, employer.id)
    await work.blind.drop(CREDIT_CODE, employer.id)
    for form in _forms((employer.name, *employer.aliases)):
        await work.blind.put(EMPLOYER, keys.index(EMPLOYER, form), employer.id)
    if employer.credit_code:
        await work.blind.put(CREDIT_CODE, keys.index(CREDIT_CODE, employer.credit_code), employer.id)


def _forms(names: Iterable[str]) -> list[str]:
    return sorted({form for name in names if (form := employer_form(name))})


def _names_hold(employer: Employer, form: str) -> bool:
    return any(is_like(form, other) for other in _forms((employer.name, *employer.aliases)))


def _check_may_edit(viewer: Viewer) -> None:
    if not may(viewer, Action.EDIT_EMPLOYERS):
        raise NotAllowed(Action.EDIT_EMPLOYERS)
