"""The rules of clocks: how long something may take, from when, by whose word, and what stops the count.

Who binds whom is told apart by `Kind`. A rule of law is called statutory only when its text has been
read (`Certainty.HIGH`); the other kind that may be listed, taken from good third parties, says so.
What is known from memory alone has no rule here. The rules are data: `content/complaints/deadlines.yaml`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.errors import GonghuiError
from bot.workdays import WorkCalendar, add_days, add_months, add_years, check_count, check_day

_ID = re.compile(r"[a-z]+(?:_[a-z]+)*\.[a-z]+(?:_[a-z]+)*")
_CITATION = re.compile(r"[^:\s]+:[1-9][0-9]*(?:[^\d:\s]{2})?(?::[1-9][0-9]*)?")


class Kind(StrEnum):
    """Who is bound, and by whom."""

    OWN = "own_commitment"  # the federation, by its own word
    UNION = "statutory_of_union"  # the union, by law: the federation may do better, never worse
    OTHER = "statutory_of_other_body"  # an authority, a commission or the employer, by law
    WORKER = "worker_limit"  # the worker, by law: later the right may be lost


class Unit(StrEnum):
    """What is counted."""

    DAYS = "calendar"
    WORKING = "working"
    MONTHS = "months"
    YEARS = "years"


class Certainty(StrEnum):
    """How well a rule of law is known."""

    HIGH = "high"  # the text in force was read
    MEDIUM = "medium"  # quoted alike by several third parties, or the text may have changed since


class Start(StrEnum):
    """The event whose day the count begins behind."""

    REGISTERED = "registered"
    ACCEPTED = "accepted"
    CLOSED = "closed"
    REFERRED = "referred"
    WORKER_WROTE = "worker_wrote"
    CALL_ENDED = "call_ended"
    OPINION_RECEIVED = "opinion_received"
    PROPOSAL_HANDLED = "proposal_handled"
    INSPECTION_COMPLAINT_RECEIVED = "inspection_complaint_received"
    INSPECTION_FILED = "inspection_filed"
    BREACH_ENDED = "breach_ended"
    MEDIATION_APPLIED = "mediation_applied"
    MEDIATION_ACCEPTED = "mediation_accepted"
    AGREEMENT_EFFECTIVE = "agreement_effective"
    BREACH_KNOWN = "breach_known"
    ARBITRATION_APPLIED = "arbitration_applied"
    ARBITRATION_ACCEPTED = "arbitration_accepted"
    AWARD_RECEIVED = "award_received"
    PERFORMANCE_DUE = "performance_due"
    EMPLOYMENT_ENDED = "employment_ended"
    ACCIDENT_OR_DIAGNOSIS = "accident_or_diagnosis"
    INJURY_APPLIED = "injury_applied"
    INJURY_ACCEPTED = "injury_accepted"
    INJURY_DECIDED = "injury_decided"
    ASSESSMENT_APPLIED = "assessment_applied"
    ASSESSMENT_CONCLUDED = "assessment_concluded"
    ASSESSMENT_RECEIVED = "assessment_received"
    DECISION_KNOWN = "decision_known"
    REVIEW_APPLIED = "review_applied"
    REVIEW_ACCEPTED = "review_accepted"
    REVIEW_DECISION_RECEIVED = "review_decision_received"
    LEGAL_AID_APPLIED = "legal_aid_applied"


class PauseReason(StrEnum):
    """Why days do not count for a while."""

    AWAITING_WORKER = "awaiting_worker"
    AWAITING_OTHER_BODY = "awaiting_other_body"
    HEARING_SUSPENDED = "hearing_suspended"
    PUBLIC_SERVICE = "public_service"  # 公告送达
    OTHER_CONCLUSION_PENDING = "other_conclusion_pending"
    EXAMINEE_ABSENT = "examinee_absent"
    FORCE_MAJEURE = "force_majeure"
    NO_REPRESENTATIVE = "no_representative"  # 法定代理人未确定
    LIBERTY_RESTRICTED = "liberty_restricted"
    EMPLOYER_CAUSE = "employer_cause"
    REGISTRATION_DEFECT = "registration_defect"
    RELATION_IN_DISPUTE = "relation_in_dispute"
    GOOD_REASON = "good_reason"


class RestartReason(StrEnum):
    """Why the count begins anew."""

    MATERIALS_SUPPLIED = "materials_supplied"
    CLAIM_CHANGED = "claim_changed"
    PARTY_ADDED = "party_added"
    COUNTERCLAIM_JOINED = "counterclaim_joined"
    TRANSFERRED = "transferred"
    DEMAND = "demand"
    REQUEST_TO_BODY = "request_to_body"
    PROMISE = "promise"


class Approval(StrEnum):
    """Whose yes an extension needs."""

    SUPERVISOR = "supervisor"
    HEAD = "head"
    COMMISSION = "commission"
    BOTH_PARTIES = "both_parties"
    AUTHORITY = "authority"


class UnknownRule(GonghuiError):
    """There is no such clock on that day."""


@dataclass(frozen=True, slots=True)
class Extension:
    """By how many units a rule may be extended at most; None: by what is agreed, without a figure in the law."""

    approval: Approval
    most: int | None

    def __post_init__(self) -> None:
        """Refuse an extension by nothing."""
        if self.most is not None:
            check_count(self.most)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockRule:
    """One rule. Raises ValueError or TypeError for what contradicts itself.

    moves: where the law says that a last day on a holiday moves to the next working day; empty: it does not.
    warn_share: the share of the period that is left when a clock turns amber.
    within: the statutory rule that this commitment may not exceed.
    """

    id: str
    kind: Kind
    title: str
    about: str
    count: int
    unit: Unit
    start: Start
    warn_share: float
    valid_from: date
    valid_to: date | None = None
    region: str = ""
    certainty: Certainty = Certainty.HIGH
    citations: tuple[str, ...] = ()
    source: str = ""
    extension: Extension | None = None
    pauses: frozenset[PauseReason] = frozenset()
    restarts: frozenset[RestartReason] = frozenset()
    moves: tuple[str, ...] = ()
    within: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        for fault in _faults(self):
            raise ValueError(f"{self.id}: {fault}")

    @property
    def is_verified(self) -> bool:
        """Whether the text that it rests on was read; a commitment of one's own needs none."""
        return self.kind is Kind.OWN or self.certainty is Certainty.HIGH

    @property
    def is_statutory(self) -> bool:
        """Whether it may be called a period set by law."""
        return self.kind is not Kind.OWN and self.is_verified

    def is_valid(self, on: date) -> bool:
        """Whether it applies to what began on that day."""
        return self.valid_from <= check_day(on) and (self.valid_to is None or on <= self.valid_to)

    def nominal_end(self, day: date, count: int, calendar: WorkCalendar) -> date:
        """The last of so many units behind that day. Raises UnknownYear for working days nobody knows."""
        match self.unit:
            case Unit.WORKING:
                return calendar.add_working(day, count)
            case Unit.DAYS:
                return add_days(day, count)
            case Unit.MONTHS:
                return add_months(day, count)
            case Unit.YEARS:
                return add_years(day, count)


def check_citation(text: str) -> str:
    """That citation. Raises ValueError unless it is law:article or law:article:paragraph."""
    if not _CITATION.fullmatch(text):
        raise ValueError(f"{text!r} is no citation of the form law:article or law:article:paragraph")
    return text


def _faults(rule: ClockRule) -> Iterator[str]:
    if not _ID.fullmatch(rule.id):
        yield "an id has the form part.name"
    if not rule.title or not rule.about:
        yield "needs title and about"
    check_count(rule.count)
    if not 0 < rule.warn_share < 1:
        yield "warn_share lies between 0 and 1"
    if rule.valid_to is not None and rule.valid_to < rule.valid_from:
        yield "ends before it begins"
    for citation in (*rule.citations, *rule.moves):
        check_citation(citation)
    if rule.extension and rule.extension.most is None and rule.kind in {Kind.OWN, Kind.WORKER}:
        yield "an extension of this kind needs a figure"
    yield from _faults_of_source(rule)


def _faults_of_source(rule: ClockRule) -> Iterator[str]:
    if rule.kind is Kind.OWN:
        if rule.moves or rule.unit not in {Unit.DAYS, Unit.WORKING}:
            yield "a commitment counts calendar or working days, and no law moves it"
        return
    if rule.within:
        yield "only a commitment of one's own is held within another rule"
    if rule.certainty is Certainty.HIGH and not rule.citations:
        yield "what is called statutory cites its article"
    if rule.certainty is Certainty.MEDIUM and not rule.source:
        yield "what has not been verified names its source"
    if rule.unit is Unit.WORKING and rule.moves:
        yield "a period of working days never ends on a holiday"


class RuleTable:
    """All rules, findable by id and the day on which a clock began.

    Raises ValueError for two versions in force at once, and for a commitment laxer than the law it serves.
    """

    def __init__(self, rules: Iterable[ClockRule]) -> None:
        self.rules = tuple(rules)
        self._versions: dict[str, list[ClockRule]] = {}
        for rule in self.rules:
            for other in self._versions.setdefault(rule.id, []):
                if _overlap(rule, other):
                    raise ValueError(f"{rule.id}: two versions are in force on one day")
            self._versions[rule.id].append(rule)
        for rule in self.rules:
            if rule.within:
                self._check_within(rule)

    def rule(self, rule_id: str, on: date) -> ClockRule:
        """The version in force on the day on which the clock began. Raises UnknownRule."""
        found = next((rule for rule in self._versions.get(rule_id, []) if rule.is_valid(on)), None)
        if found is None:
            raise UnknownRule(f"{rule_id} on {on}")
        return found

    def starting_with(self, start: Start, on: date, region: str = "") -> tuple[ClockRule, ...]:
        """The rules that this event starts on that day: those for everywhere and those of the region."""
        return tuple(
            rule for rule in self.rules if rule.start is start and rule.is_valid(on) and rule.region in {"", region}
        )

    def _check_within(self, rule: ClockRule) -> None:
        limits = self._versions.get(rule.within)
        if not limits:
            raise ValueError(f"{rule.id}: there is no rule {rule.within}")
        for limit in limits:
            if (rule.unit, rule.start) != (limit.unit, limit.start):
                raise ValueError(f"{rule.id}: counts otherwise than {limit.id}")
            if rule.count > limit.count:
                raise ValueError(f"{rule.id}: {rule.count} is longer than the {limit.count} of {limit.id}")


def _overlap(one: ClockRule, other: ClockRule) -> bool:
    return (one.valid_to is None or other.valid_from <= one.valid_to) and (
        other.valid_to is None or one.valid_from <= other.valid_to
    )
