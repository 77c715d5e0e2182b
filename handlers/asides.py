"""What is said in the middle of the dialogue and answers none of its questions: thanks, greetings, other questions."""

from dataclasses import replace

from bot.answers.outcome import Outcome
from bot.answers.service import Answered
from bot.complaints.intake import (
    Draft,
    Frame,
    Step,
    ask,
    current_step,
    move_on,
    question_about_us,
    read_order,
    reads_as_question,
    says_done,
    tells_own_story,
)
from bot.inbox import Handler, Turn
from bot.messages import Kind, Link, Reply
from handlers.choose import Choose
from handlers.drafts import frame_for, keep_draft, pause_draft, running_draft
from handlers.memory import ENTRY
from handlers.menu import Menu
from handlers.services import Services
from handlers.speaking import asked, offered_by_us, speak
from handlers.vote import VOTE, cast_vote, vote_of

_ANSWERED = "complaint_aside"
"""Set while the last reply answered a question in between: a vote then means that answer."""

_GREETING = "greeting"
_MOST_NEAR = 2
_MOST_REPEATED = 4
"""A longer list would not fit below an answer; it stands above."""

_TELLING = frozenset({Step.NARRATIVE, Step.WISH})
_FREE = _TELLING | {Step.EMPLOYER}
"""Where 你好 would otherwise be taken for an answer."""


async def answer_aside(turn: Turn, draft: Draft, frame: Frame, services: Services, notice: str) -> Reply | None:
    """The reply to what is no answer, with the open question again; None for an answer."""
    text, words = turn.message.text, services.wording
    go_on = words("intake.aside.go_on")
    was_answered = bool(turn.memory.pop(_ANSWERED, False))
    helpful = vote_of(text)
    if was_answered and helpful is not None:
        thanks = cast_vote(turn, services, helpful=helpful).text if turn.memory.get("answered") else ""
        return speak(turn, move_on(draft, frame), services, *filter(None, (thanks, go_on)))
    if talk := _small_talk(text, draft, frame, services):
        greeting = words("intake.aside.greeting") if talk == _GREETING else go_on
        return speak(turn, move_on(draft, frame), services, greeting, notice=notice)
    if about_us := question_about_us(text):
        turn.memory[_ANSWERED] = True
        told = words(f"intake.aside.{about_us}")
        return speak(turn, move_on(draft, frame), services, told, go_on, notice=notice)
    if reads_as_question(text, draft, frame):
        answered = await services.answers.ask(text, on=turn.now)
        if answered.outcome is Outcome.ANSWER or current_step(draft, frame) not in _TELLING:
            # what it tells of the worker's own matter is not lost
            noted = draft.telling(text.strip()) if tells_own_story(text) else draft
            return _answer(turn, noted, frame, answered, services)
    return None


async def set_aside(turn: Turn, services: Services) -> Reply:
    """Something else was clicked: it is shown, and the draft waits; a vote is counted, and the dialogue goes on."""
    draft = running_draft(turn)
    if draft is not None and turn.message.action.startswith(VOTE):
        thanks = await Choose().handle(turn, services)
        frame = frame_for(turn, services, draft.channel)
        return speak(turn, move_on(draft, frame), services, thanks.text, services.wording("intake.aside.go_on"))
    paused = pause_draft(turn)
    other: Handler = Menu() if turn.message.kind is Kind.MENU else Choose()
    reply = await other.handle(turn, services) or Reply(text="")
    reminder = services.wording("intake.aside.reminder")
    return replace(reply, hint="\n".join(part for part in (reply.hint, reminder) if part)) if paused else reply


def _small_talk(text: str, draft: Draft, frame: Frame, services: Services) -> str:
    if current_step(draft, frame) not in _FREE or read_order(text) or says_done(text):
        return ""
    return services.answers.small_talk(text)


def _answer(turn: Turn, draft: Draft, frame: Frame, answered: Answered, services: Services) -> Reply:
    """The answer to a question in between, and the open question again below it."""
    turn.outcome = answered.outcome.value
    record = services.answers.record(answered, turn.message.channel, turn.person, turn.now)
    turn.then(lambda work: work.questions.record(**record))
    keep_draft(turn, draft)
    words = services.wording
    question = asked(ask(draft, frame), draft.mode, words)
    go_on = "\n".join((words("intake.aside.go_on"), question.text))
    if answered.outcome is Outcome.ANSWER:
        turn.memory[_ANSWERED] = True
        choices = question.choices
        if len(choices) > _MOST_REPEATED:
            choices, go_on = (), "\n".join((go_on, words("intake.aside.list_above")))
        reply = replace(answered.reply, note="", prompt=go_on, choices=choices, hint=question.hint)
        return offered_by_us(turn, reply)
    near = _links(answered, services.complaints.base_url)
    told = [words("intake.aside.unsure", hotline=services.hotline)]
    told += [words("intake.aside.near")] if near else []
    reply = replace(question, notice=answered.reply.notice, text="\n".join(told), links=near, prompt=go_on)
    return offered_by_us(turn, reply)


def _links(answered: Answered, base_url: str) -> tuple[Link, ...]:
    """The entries that may help, as pages: their numbers would be taken for those of the dialogue."""
    near = [choice for choice in answered.reply.choices if choice.action.startswith(ENTRY)][:_MOST_NEAR]
    return tuple(Link(c.label, f"/faq/{c.action.removeprefix(ENTRY)}") for c in near) if base_url else ()
