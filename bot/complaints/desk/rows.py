"""A case as a row of a list: made of the case and the register of employers, nothing personal in it."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from bot.complaints.cases import Case, Employer
from bot.complaints.clocks.deadlines import Colour
from bot.complaints.clocks.rules import RuleTable, UnknownRule
from bot.complaints.desk.values import CaseRowView
from bot.complaints.roles import Viewer

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork


async def row_views(
    work: "UnitOfWork", viewer: Viewer, cases: Iterable[Case], rules: RuleTable, today: date
) -> tuple[CaseRowView, ...]:
    """The cases as rows, in their order."""
    cases = tuple(cases)
    names = await employer_names(work, {case.employer for case in cases if case.employer})
    return tuple(_row(case, viewer, names.get(case.employer, ""), rules, today) for case in cases)


async def employer_names(work: "UnitOfWork", ids: Iterable[str]) -> dict[str, str]:
    """The names in the register of these employers."""
    found: list[Employer | None] = [await work.employers.find(employer_id) for employer_id in sorted(ids)]
    return {employer.id: employer.name for employer in found if employer}


def colour_of(next_due: date | None, warn_on: date | None, today: date) -> Colour:
    """The colour of the next deadline; its last day is still in time."""
    if next_due is None:
        return Colour.GREY
    if today > next_due:
        return Colour.RED
    return Colour.AMBER if warn_on is not None and today >= warn_on else Colour.GREEN


def rule_title(rules: RuleTable, rule_id: str, on: date) -> str:
    """The title of a rule, its id when the content does not have it any more; empty without a rule."""
    try:
        return rules.rule(rule_id, on).title if rule_id else ""
    except UnknownRule:
        return rule_id


def _row(case: Case, viewer: Viewer, employer_name: str, rules: RuleTable, today: date) -> CaseRowView:
    return CaseRowView(
        id=case.id,
        number=case.number,
        version=case.version,
        registered_at=case.registered_at,
        changed_at=case.changed_at,
        channel=case.channel,
        nature=case.nature,
        category=case.category,
        district=case.district,
        confidentiality=case.confidentiality,
        state=case.state,
        employer=case.employer,
        employer_name=employer_name,
        people=case.people,
        money=case.money,
        next_due=case.next_due,
        next_rule=case.next_rule,
        next_title=rule_title(rules, case.next_rule, today),
        colour=colour_of(case.next_due, case.warn_on, today),
        owner=case.owner,
        helpers=case.helpers,
        concerns=case.concerns,
        urgent=case.urgent,
        collective=case.collective,
        about_union_staff=case.about_union_staff,
        quarantined=case.quarantined,
        call_back_due=case.call_back_due,
        reachable=case.reachable,
        mine=viewer.id in case.facts.handlers,
    )
