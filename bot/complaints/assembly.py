"""Puts the worker's desk together from settings and content."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.complaints.categories import Categories, load_categories
from bot.complaints.clocks.case_clocks import CaseClocks
from bot.complaints.clocks.holidays import load_calendar
from bot.complaints.clocks.rule_files import load_clock_rules, load_limit_rules
from bot.complaints.clocks.rules import RuleTable
from bot.complaints.limits.guarding import Guard
from bot.complaints.limits.words import GuardWords
from bot.complaints.notices import Road
from bot.complaints.worker.following import Follower
from bot.complaints.worker.numbers import DeskNumbers, FloodLimits, GuessLimits, WorkerLimits
from bot.complaints.worker.registering import Registrar
from bot.complaints.worker.verdicts import VerdictAsking
from bot.complaints.worker.words import DeskWords
from bot.keyring import KeyRing
from bot.settings import Settings
from bot.wording import Wording
from bot.workdays import WorkCalendar


@dataclass(frozen=True, slots=True)
class Desk:
    """The services for workers, and the content they rest on."""

    registrar: Registrar
    follower: Follower
    verdicts: VerdictAsking
    guard: Guard
    clocks: CaseClocks
    categories: Categories
    rules: RuleTable
    calendar: WorkCalendar
    words: DeskWords
    numbers: DeskNumbers


def make_desk(
    settings: Settings, keys: KeyRing, wording: Wording, roads: Collection[Road] = frozenset({Road.CONSOLE})
) -> Desk:
    """The desk of this installation. roads: by what staff are told. Raises ContentError for faulty content."""
    content, numbers = settings.content_dir / "complaints", desk_numbers(settings)
    calendar, rules = load_calendar(content / "holidays.yaml"), load_clock_rules(content / "deadlines.yaml")
    limits = load_limit_rules(content / "limits.yaml")
    categories = load_categories(content / "categories.yaml", limits.claims)
    guard = Guard(limits, categories, calendar)
    clocks = CaseClocks(rules, calendar, numbers.regions)
    hotline = settings.federation.hotline
    bodies = {body.id: body.name for body in settings.complaints.bodies}
    contacts = {body.id: (body.phone, body.note) for body in settings.complaints.bodies}
    return Desk(
        registrar=Registrar(keys, clocks, guard, categories, numbers),
        follower=Follower(keys, clocks, guard, numbers, roads),
        verdicts=VerdictAsking(numbers),
        guard=guard,
        clocks=clocks,
        categories=categories,
        rules=rules,
        calendar=calendar,
        words=DeskWords(wording, GuardWords(wording, hotline), hotline, bodies, contacts),
        numbers=numbers,
    )


def desk_numbers(settings: Settings) -> DeskNumbers:
    """The figures that the settings name."""
    given = settings.complaints
    return DeskNumbers(
        number_prefix=given.number_prefix,
        receipt_hours=given.receipt_hours,
        ask_days=tuple(sorted(given.follow_up_days)),
        regions=tuple(settings.federation.regions),
        places=tuple(name for one in given.districts for name in (one.name, *one.also)),
        bodies=tuple(body.id for body in given.bodies),
        guesses=GuessLimits(**given.guesses.model_dump()),
        floods=FloodLimits(**given.floods.model_dump()),
        worker=WorkerLimits(**given.worker.model_dump()),
    )
