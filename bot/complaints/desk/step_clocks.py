"""What each step of a case does to its clocks: a table of ids of `content/complaints/deadlines.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from bot.complaints.cases import Case
from bot.complaints.clocks.case_clocks import CaseClocks
from bot.complaints.clocks.rules import PauseReason, Start
from bot.complaints.lifecycle import Event

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork

FIRST_CONTACT = "own.first_contact"
DECIDED = ("own.acceptance", "union.refusal_notice")
ASKED_BACK = ("own.follow_up", "own.ask_again", "union.feedback")
REFERRED = ("own.referral_check",)


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """In this order: stop these (or all), resume, pause, start."""

    stops: tuple[str, ...] = ()
    stops_all: bool = False
    resumes: bool = False
    pauses: PauseReason | None = None
    starts: Start | None = None


EFFECTS: Mapping[Event, Effect] = {
    Event.ACCEPT: Effect(stops=DECIDED, starts=Start.ACCEPTED),
    Event.DECLINE: Effect(stops_all=True),
    Event.REFER: Effect(
        stops=DECIDED + REFERRED, resumes=True, pauses=PauseReason.AWAITING_OTHER_BODY, starts=Start.REFERRED
    ),
    Event.RETURN_REFERRAL: Effect(stops=REFERRED, resumes=True, starts=Start.ACCEPTED),
    Event.ANSWER_REFERRAL: Effect(stops=REFERRED, resumes=True, starts=Start.ACCEPTED),
    Event.START: Effect(),
    Event.ASK_WORKER: Effect(pauses=PauseReason.AWAITING_WORKER),
    Event.WORKER_ANSWERED: Effect(resumes=True),
    Event.GO_ON: Effect(resumes=True),
    Event.RESOLVE: Effect(stops_all=True, starts=Start.CLOSED),
    Event.FOLLOW_UP: Effect(stops=ASKED_BACK),
    Event.REOPEN: Effect(stops_all=True, starts=Start.ACCEPTED),
    Event.RECONSIDER: Effect(starts=Start.REGISTERED),
    Event.WITHDRAW: Effect(stops_all=True),
    Event.RESTORE: Effect(starts=Start.REGISTERED),
    Event.MERGE: Effect(stops_all=True),
    Event.SPLIT: Effect(starts=Start.ACCEPTED),
}


async def apply_step(work: "UnitOfWork", clocks: CaseClocks, case: Case, event: Event, on: date) -> None:
    """Let the clocks of the case, which has taken the step, follow it."""
    effect = EFFECTS[event]
    if effect.stops_all:
        await clocks.stop(work, case.id, on)
    elif effect.stops:
        await clocks.stop(work, case.id, on, *effect.stops)
    if effect.resumes:
        await clocks.resume(work, case.id, on)
    if effect.pauses:
        await clocks.pause(work, case.id, effect.pauses, on)
    if effect.starts:
        await clocks.begin(work, case, effect.starts, on)
    if effect.starts is Start.REGISTERED and case.first_contact_at is not None:
        await clocks.stop(work, case.id, on, FIRST_CONTACT)
