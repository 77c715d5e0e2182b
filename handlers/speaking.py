"""What the dialogue says, as a reply: the words of its lines, its options as choices."""

from dataclasses import replace

from bot.complaints.intake import Line, Mode, Option, Question, Turned
from bot.inbox import Turn
from bot.messages import Choice, Link, Reply
from bot.wording import Wording
from handlers.drafts import keep_draft, note_offered
from handlers.memory import offer
from handlers.services import Services

INTAKE = "intake:"
"""Begins the action of every option of the dialogue: `intake:<step or mode>:<code>`."""


def speak(turn: Turn, turned: Turned, services: Services, *first: str, notice: str = "") -> Reply:
    """Remember the draft, and say what was understood and what is asked next. `first`: sentences before all else."""
    keep_draft(turn, turned.draft)
    words = services.wording
    heard = [*first, *(say(line, words) for line in turned.heard)]
    reply = asked(turned.ask, turned.draft.mode if turned.draft else Mode.ASKING, words)
    reply = replace(reply, text="\n\n".join(part for part in ("\n".join(heard), reply.text) if part), notice=notice)
    return offered_by_us(turn, reply)


def asked(question: Question | None, mode: Mode, words: Wording) -> Reply:
    """A question as a reply; without one only the title."""
    if question is None:
        return Reply(title=words("intake.title"), text="")
    number, count = question.place
    title = words("intake.title_step", number=number, count=count) if count else words("intake.title")
    where = question.step.value if mode is Mode.ASKING else mode.value
    return Reply(
        title=title,
        text="\n".join(say(line, words) for line in question.lines),
        links=(Link(words("intake.web_form"), "/complain"),) if question.web_form else (),
        choices=tuple(Choice(say_label(o, words), f"{INTAKE}{where}:{o.code}") for o in question.options),
        hint=say(question.hint, words) if question.hint else "",
    )


def offered_by_us(turn: Turn, reply: Reply) -> Reply:
    """Remember the choices as the dialogue's own; gives the reply back."""
    offer(turn, reply)
    note_offered(turn)
    return reply


def say(line: Line, words: Wording) -> str:
    """The sentence of a line, with those inside it."""
    fields = {name: say(value, words) if isinstance(value, Line) else value for name, value in line.fields.items()}
    return words(line.key, **fields)


def say_label(option: Option, words: Wording) -> str:
    """What an option is called, with its explanation."""
    label = option.label if isinstance(option.label, str) else say(option.label, words)
    return words("intake.option_hint", label=label, hint=option.hint) if option.hint else label
