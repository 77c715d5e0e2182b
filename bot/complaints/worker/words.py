"""What the desk tells a worker, put together from `content/replies/desk.yaml` and `limits.yaml`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from bot.clock import SHANGHAI
from bot.complaints.desk.codes import DeclineReason, Outcome, code_label
from bot.complaints.lifecycle import State, Verdict, verdict_label
from bot.complaints.limits.guarding import Guarding
from bot.complaints.limits.words import GuardWords
from bot.complaints.worker.refusals import Refused, SlowDown, refusal_words
from bot.complaints.worker.tracking import Deletion, NextStep, PublicStep, Registered, Tracking
from bot.wording import Wording

_MINUTE = 60
_LONG_WAIT = 2 * _MINUTE


@dataclass(frozen=True, kw_only=True, slots=True)
class AfterFiling:
    """What is read after filing, in this order."""

    number: str
    receipt: str = field(repr=False)
    keep: str
    no_decision: str
    next_steps: tuple[str, ...]
    guard: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it as one text, a line each."""
        return "\n".join((self.number, self.receipt, self.keep, self.no_decision, *self.next_steps, *self.guard))


class DeskWords:
    """Words for everything that the services return.

    bodies: names of those to whom cases are referred, by code. contacts: their phone numbers and what else is to be
    known of them, as far as the configuration has it.
    """

    def __init__(
        self,
        words: Wording,
        guard: GuardWords,
        hotline: str,
        bodies: Mapping[str, str],
        contacts: Mapping[str, tuple[str, str]] = MappingProxyType({}),
    ) -> None:
        self._words = words
        self._guard = guard
        self._hotline = hotline
        self._bodies = bodies
        self._contacts = contacts

    def after_filing(self, registered: Registered, *, brief: bool = False) -> AfterFiling:
        """What the worker reads after filing; `brief` for a chat message, where little fits."""
        return AfterFiling(
            number=self._words("desk.number", number=registered.number),
            receipt=self._words("desk.receipt", receipt=registered.receipt.grouped()),
            keep=self._words("desk.keep", until=self._moment(registered.receipt_until)),
            no_decision=self._words("desk.no_decision"),
            next_steps=tuple(self.next_step(step) for step in registered.next_steps),
            guard=self.guard(registered.guard, brief=brief),
        )

    def guard(self, guarding: Guarding, *, brief: bool = False) -> tuple[str, ...]:
        """The last days of the worker's own roads, below a line that says whose word counts; empty without any."""
        lines = self._guard.lines(guarding, brief=brief)
        return (self._words("desk.guard"), *lines) if lines else ()

    def next_step(self, step: NextStep) -> str:
        """What is due to the worker, and by when."""
        by = self._by(step)
        kind, _, name = step.rule.partition(".")
        key = f"desk.next.{kind}.{name}"
        if not self._words.has(key):
            return self._words("desk.next_other", title=step.title, by=by)
        return self._words(key, by=by, basis=self._guard.basis(step.citations))

    def step(self, step: PublicStep) -> str:
        """What happened, without its date and note."""
        key = f"desk.step.{step.kind}"
        if not self._words.has(key):
            return self._words("desk.step_other")
        verdict = step.data.get("verdict", "")
        told = self._words(verdict_label(Verdict(verdict))) if verdict in set(Verdict) else ""
        bodies = self.bodies(step.data.get("bodies", "").split())
        return self._words(key, verdict=told, count=step.data.get("count", ""), bodies=bodies)

    def bodies(self, codes: Iterable[str]) -> str:
        """The names of those to whom a matter may be passed on, or that there is none."""
        names = [self._bodies.get(code, code) for code in codes]
        return "、".join(names) or self._words("desk.nobody")

    def about_body(self, code: str) -> str:
        """How a body is reached that a consent names; empty where nobody has entered it."""
        phone, note = self._contacts.get(code, ("", ""))
        told = (self._words("desk.body_phone", phone=phone) if phone else "", note)
        return self._words("desk.body_between").join(part for part in told if part)

    def standing(self, tracking: Tracking) -> str:
        """Where the case stands: its state, to whom it went, why, with what outcome, and what is new."""
        return "".join(self._standing(tracking))

    def not_found(self) -> str:
        """That no case opens to this receipt."""
        return self._words("desk.not_found", hotline=self._hotline)

    def slow_down(self, refusal: SlowDown) -> str:
        """When to try again."""
        if refusal.seconds < _LONG_WAIT:
            wait = self._words("desk.wait.seconds", count=refusal.seconds)
        else:
            wait = self._words("desk.wait.minutes", count=-(-refusal.seconds // _MINUTE))
        return self._words("desk.slow_down", wait=wait, hotline=self._hotline)

    def refused(self, refusal: Refused) -> str:
        """Why the case does not take this."""
        return self._words(refusal_words(refusal.why), hotline=self._hotline)

    def deletion(self, deletion: Deletion) -> tuple[str, ...]:
        """That the wish was written down, and what stays and why."""
        return (self._words("desk.deletion.asked"), *(self._words(f"desk.deletion.{kept}") for kept in deletion.kept))

    def _standing(self, tracking: Tracking) -> Iterator[str]:
        yield self._words(f"desk.standing.{tracking.state}", hotline=self._hotline)
        if tracking.recipient:
            name = self._bodies.get(tracking.recipient, tracking.recipient)
            yield self._words("desk.recipient", name=name)
        if tracking.state is State.DECLINED and tracking.reason in set(DeclineReason):
            yield self._words("desk.reason", reason=self._words(code_label(DeclineReason(tracking.reason))))
        if tracking.outcome in set(Outcome):
            yield self._words("desk.outcome", outcome=self._words(code_label(Outcome(tracking.outcome))))
        if tracking.unread:
            yield self._words("desk.unread", count=tracking.unread)
        if not tracking.reachable:
            yield self._words("desk.unreachable")

    def _by(self, step: NextStep) -> str:
        if step.paused:
            return self._words("desk.by.paused")
        if step.by is None:
            return self._words(f"desk.by.{step.unit}", count=step.count)
        day = self._guard.day(step.by)
        if step.overdue:
            return self._words("desk.by.overdue", date=day, hotline=self._hotline)
        return self._words("desk.by.date", date=day)

    def _moment(self, instant: datetime) -> str:
        here = instant.astimezone(SHANGHAI)
        return self._words("desk.until", month=here.month, day=here.day, hour=here.hour, minute=f"{here.minute:02}")
