"""What may be chosen at a step, in the order in which it is numbered."""

from bot.complaints.intake.answers import Chosen
from bot.complaints.intake.draft import Draft
from bot.complaints.intake.frame import Frame, Line, Option
from bot.complaints.intake.path import GONE, NO, STILL, UNSAID, YES
from bot.complaints.intake.steps import Step
from bot.complaints.roles import Confidentiality, confidentiality_label

ALL, NONE = "all", "none"
"""Of several: every one, not one."""

NOWHERE = ""
"""The district of those who cannot say: the whole federation's."""

PUT_AWAY, DELETE, GO_ON, ANEW = "put_away", "delete", "go_on", "anew"
SEND, CORRECT = "send", "correct"

SHOWN = "shown"
"""Of notices: with what the cadre wrote."""

_CODES = {
    Step.ABROAD: (YES, NO),
    Step.PERSONAL_DATA: (YES, NO),
    Step.SENSITIVE_DATA: (YES, NO),
    Step.EMPLOYED: (STILL, GONE, UNSAID),
    Step.HEARD: (YES, NO),
    Step.NOTICES: (YES, NO),
    Step.SUMMARY: (SEND, CORRECT, PUT_AWAY),
}
_CODES_SHOWN = {Step.NOTICES: (YES, SHOWN, NO)}
"""Where notices may say what was written."""


def options_for(step: Step, draft: Draft, frame: Frame) -> tuple[Option, ...]:
    """What may be picked by number there; empty where words are wanted."""
    shown = _CODES_SHOWN.get(step) if frame.may_show else None
    if codes := shown or _CODES.get(step):
        return _options(step, *codes)
    match step:
        case Step.PASSING_ON:
            return (*frame.bodies, *_options(step, ALL, NONE))
        case Step.CONFIDENTIALITY:
            return tuple(Option(code=c, label=Line(confidentiality_label(c))) for c in Confidentiality)
        case Step.CATEGORY:
            return _suggested_first(step, frame.categories, draft)
        case Step.DISTRICT:
            districts = _suggested_first(step, frame.districts, draft)
            return (*districts, Option(code=NOWHERE, label=Line("intake.option.district_unknown")))
        case _:
            return ()


def ways_out() -> tuple[Option, ...]:
    """When the worker wants to stop."""
    return tuple(Option(code=code, label=Line(f"intake.option.stop_{code}")) for code in (PUT_AWAY, DELETE, GO_ON))


def ways_on() -> tuple[Option, ...]:
    """When there is an unfinished draft already."""
    return tuple(Option(code=code, label=Line(f"intake.option.again_{code}")) for code in (GO_ON, ANEW))


def _suggested_first(step: Step, options: tuple[Option, ...], draft: Draft) -> tuple[Option, ...]:
    """What the worker seems to mean is number one."""
    heard = draft.heard.get(step)
    code = heard.code if isinstance(heard, Chosen) else ""
    return tuple(sorted(options, key=lambda option: option.code != code)) if code else options


def _options(step: Step, *codes: str) -> tuple[Option, ...]:
    return tuple(Option(code=code, label=Line(f"intake.option.{step}_{code}")) for code in codes)
