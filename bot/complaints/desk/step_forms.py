"""What the forms of a case's next steps ask for. Pure: made from lifecycle, roles and what holds of the case."""

from collections.abc import Collection, Mapping

from bot.complaints.cases import Case
from bot.complaints.desk.codes import REASONS, Outcome, code_label
from bot.complaints.desk.template_texts import TemplateTexts
from bot.complaints.desk.values import StepForm
from bot.complaints.lifecycle import NEEDS, Event, Fact, Verdict, event_label, events_from, verdict_label
from bot.complaints.roles import Viewer, may_bring_about

TELLING = frozenset({Fact.WORKER_TOLD, Fact.QUESTION})
"""Facts that a text for the worker brings."""

BY_DESK = frozenset({Fact.OWNER, Fact.WAIT_OVER, Fact.CONTENT_KEPT})
"""Facts that the form cannot bring: they hold of the case or not."""


def step_forms(
    case: Case, viewer: Viewer, held: Collection[Fact], bodies: Mapping[str, str], templates: TemplateTexts
) -> tuple[StepForm, ...]:
    """The steps that the viewer may take from here. held: the facts of `BY_DESK` that hold now."""
    return tuple(
        _form(event, held, bodies, templates)
        for event in events_from(case.state)
        if may_bring_about(viewer, event, case.facts)
    )


def _form(event: Event, held: Collection[Fact], bodies: Mapping[str, str], templates: TemplateTexts) -> StepForm:
    needs = NEEDS[event]
    return StepForm(
        event=event,
        label=event_label(event),
        needs=needs,
        reasons={reason: code_label(reason) for reason in REASONS.get(event, ())},
        outcomes={outcome: code_label(outcome) for outcome in Outcome} if Fact.OUTCOME in needs else {},
        recipients=dict(bodies) if Fact.RECIPIENT in needs else {},
        verdicts={verdict: verdict_label(verdict) for verdict in Verdict} if Fact.VERDICT in needs else {},
        tells_worker=bool(needs & TELLING),
        asks_until=event is Event.ASK_WORKER,
        asks_target=Fact.TARGET in needs,
        lacking=(needs & BY_DESK) - frozenset(held),
        templates=tuple(template.id for template in templates.for_use(event)),
    )
