"""The limits that the law sets workers, as data: how long each road is open, and from when for which claim.

`content/complaints/limits.yaml` holds them. Codes are told to workers in the words of `content/replies/`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.complaints.clocks.rules import PauseReason, check_citation
from bot.errors import GonghuiError
from bot.workdays import check_count

_ID = re.compile(r"[a-z]+(?:_[a-z]+)*")


class Route(StrEnum):
    """Where a worker may go within a limit."""

    ARBITRATION = "arbitration"
    INSPECTION = "inspection"
    INJURY_APPLICATION = "injury_application"


class Count(StrEnum):
    """From which day a limit counts."""

    EMPLOYMENT_END = "employment_end"  # 调解仲裁法 27(4)
    TERMINATION = "termination"
    KNOWN = "known"
    DOUBLE_WAGE = "double_wage"
    DOUBLE_WAGE_END = "double_wage_end"
    LEAVE_YEAR = "leave_year"
    ACCIDENT = "accident"
    INJURY_BENEFIT = "injury_benefit"
    BREACH_END = "breach_end"  # 监察条例 20


class Note(StrEnum):
    """What must be said with a limit."""

    # not running, or no date
    ARREARS_WHILE_EMPLOYED = "arrears_while_employed"
    NOT_TERMINATED = "not_terminated"
    BREACH_CONTINUING = "breach_continuing"
    LEAVE_YEAR_NOT_OVER = "leave_year_not_over"
    CONTRACT_SIGNED_IN_TIME = "contract_signed_in_time"
    DOUBLE_WAGE_NOT_YET = "double_wage_not_yet"
    NEED_EMPLOYMENT_STATUS = "need_employment_status"
    NEED_LEAVING_DATE = "need_leaving_date"
    NEED_START_DATE = "need_start_date"
    NEED_BREACH_DATE = "need_breach_date"
    NEED_LEAVE_YEAR = "need_leave_year"
    NEED_ACCIDENT_DATE = "need_accident_date"
    INJURY_FIRST_RECOGNITION = "injury_first_recognition"
    # how it was counted
    VAGUE_DATE_EARLIEST_DAY = "vague_date_earliest_day"
    PART_BY_PART = "part_by_part"
    RESTS_ON_INTERRUPTION = "rests_on_interruption"
    RESTS_ON_SUSPENSION = "rests_on_suspension"
    INTERRUPTION_MAYBE_TOO_LATE = "interruption_maybe_too_late"
    INTERRUPTION_TOO_LATE = "interruption_too_late"
    PROMISE_MAY_REVIVE = "promise_may_revive"
    UNION_MAY_INTERRUPT = "union_may_interrupt"
    HINDRANCE_NOT_COUNTED = "hindrance_not_counted"
    REPORTED_IN_TIME = "reported_in_time"
    ASK_IF_CONTINUING = "ask_if_continuing"
    CONTINUING_AFTER_LEAVING_VARIES = "continuing_after_leaving_varies"
    MAY_MOVE_CALENDAR_UNKNOWN = "may_move_calendar_unknown"
    # what to do
    CONSULT_SOON = "consult_soon"
    EMPLOYER_SHOULD_APPLY = "employer_should_apply"
    APPLY_YOURSELF = "apply_yourself"
    IOU_CIVIL_ROUTE = "iou_civil_route"
    # the law of the claim
    DOUBLE_WAGE_VARIES = "double_wage_varies"
    ANNUAL_LEAVE_VARIES = "annual_leave_varies"
    INJURY_BENEFIT_VARIES = "injury_benefit_varies"
    RELATION_LIMIT_VARIES = "relation_limit_varies"
    WITHHELD_THINGS_VARY = "withheld_things_vary"
    OVERTIME_RECORDS_TWO_YEARS = "overtime_records_two_years"
    INSURANCE_COLLECTION_AGENCY = "insurance_collection_agency"
    INSURANCE_LOSS_ONLY = "insurance_loss_only"
    HOUSING_FUND_CENTRE = "housing_fund_centre"
    NOT_REMUNERATION = "not_remuneration"
    DELAY_NOT_OWN_FAULT = "delay_not_own_fault"


class UnknownClaim(GonghuiError):
    """There is no such claim."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """How long a road is open, and what the law says of interruption, suspension and a last day on a holiday."""

    id: Route
    title: str
    years: int
    soon_days: int
    citations: tuple[str, ...]
    interruption: tuple[str, ...] = ()
    suspension: tuple[str, ...] = ()
    hindrances: frozenset[PauseReason] = frozenset()
    moves: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        check_count(self.years)
        check_count(self.soon_days)
        _check_citations(self.id, (*self.citations, *self.interruption, *self.suspension, *self.moves))
        if not self.title or not self.citations:
            raise ValueError(f"{self.id}: needs title and citations")
        if bool(self.hindrances) != bool(self.suspension):
            raise ValueError(f"{self.id}: hindrances and the articles on suspension go together")


@dataclass(frozen=True, slots=True)
class RouteRule:
    """From when a limit counts for one claim, with the articles of that claim."""

    route: Route
    count: Count
    citations: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that a worker may ask for, and the roads to it that have a limit."""

    id: str
    title: str
    routes: tuple[RouteRule, ...]
    citations: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        if not _ID.fullmatch(self.id) or not self.title:
            raise ValueError(f"{self.id}: needs an id in small letters and a title")
        if not self.routes and not self.notes:
            raise ValueError(f"{self.id}: without a limit it needs a note that says where to go")
        if len({rule.route for rule in self.routes}) < len(self.routes):
            raise ValueError(f"{self.id}: a route stands twice")
        _check_citations(self.id, _all_citations(self))


class LimitTable:
    """All claims and periods. Raises ValueError for a claim named twice and for a route without its period."""

    def __init__(self, periods: Iterable[Period], claims: Iterable[Claim]) -> None:
        self.periods = {period.id: period for period in periods}
        self.claims: dict[str, Claim] = {}
        for claim in claims:
            if claim.id in self.claims:
                raise ValueError(f"{claim.id}: stands twice")
            for rule in claim.routes:
                if rule.route not in self.periods:
                    raise ValueError(f"{claim.id}: there is no period for {rule.route}")
            self.claims[claim.id] = claim

    def claim(self, claim_id: str) -> Claim:
        """The claim of that id. Raises UnknownClaim."""
        if claim_id not in self.claims:
            raise UnknownClaim(claim_id)
        return self.claims[claim_id]

    def citations(self) -> frozenset[str]:
        """Every article cited anywhere."""
        cited = {c for p in self.periods.values() for c in (*p.citations, *p.interruption, *p.suspension, *p.moves)}
        return frozenset(cited | {citation for claim in self.claims.values() for citation in _all_citations(claim)})


def _all_citations(claim: Claim) -> Iterator[str]:
    yield from claim.citations
    for rule in claim.routes:
        yield from rule.citations


def _check_citations(name: str, citations: Iterable[str]) -> None:
    for citation in citations:
        try:
            check_citation(citation)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
