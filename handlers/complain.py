"""Registering a complaint: the guided dialogue, on every channel.

Emergencies are answered first, a question asked in between is answered and the dialogue goes on, and whatever else
the menu is clicked for, the draft waits.
"""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from bot.answers.outcome import Outcome
from bot.complaints.intake import (
    Draft,
    End,
    Said,
    Step,
    Turned,
    begin,
    begin_again,
    content_of,
    current_step,
    opens,
    reads_as_resuming,
    take,
)
from bot.inbox import CONVERSATION_LASTS, Turn
from bot.messages import Kind, Link, Reply
from handlers.asides import answer_aside, set_aside
from handlers.choose import picked_number
from handlers.draft_files import settle_failed_files
from handlers.drafts import (
    DRAFT,
    category_of_topic,
    find_draft,
    frame_for,
    keep_draft,
    numbers_are_ours,
    pause_draft,
    running_draft,
)
from handlers.file_case import drop_files, file_case
from handlers.memory import ASKED, offered
from handlers.menu import COMPLAIN
from handlers.services import Services
from handlers.speaking import INTAKE, offered_by_us, speak


class Complain:
    """Takes complaints down, step by step."""

    def matches(self, turn: Turn) -> bool:
        """The wish to complain, or anything said while a complaint is being taken down."""
        message = turn.message
        if message.kind is Kind.MENU:
            return message.action == COMPLAIN or running_draft(turn) is not None
        if message.kind is Kind.CHOICE:
            return _is_ours(message.action) or running_draft(turn) is not None
        if message.kind is not Kind.TEXT or not message.text.strip():
            return False
        if _picked(turn) or opens(message.text):
            return True
        if running_draft(turn) is not None:
            return picked_number(message.text) is None or numbers_are_ours(turn)
        return reads_as_resuming(message.text)

    async def handle(self, turn: Turn, services: Services) -> Reply:
        """Begin, go on, or take up again."""
        if (closed := _closed(turn, services)) is not None:
            pause_draft(turn)  # begun before it was closed: what is said next is no answer in it
            return offered_by_us(turn, closed)
        action = turn.message.action or _picked(turn)
        if turn.message.kind is not Kind.TEXT and not _is_ours(action):
            return await set_aside(turn, services)
        draft = find_draft(turn)
        if _is_opening(turn, action, draft):
            return await _open(turn, action, draft, services)
        if draft is None:
            lost = DRAFT in turn.memory
            keep_draft(turn, None)
            told = services.wording("intake.lost" if lost else "intake.nothing_to_resume")
            return offered_by_us(turn, Reply(text=told))
        if turn.message.kind is Kind.TEXT:
            return await _hear(turn, draft, services)
        return await _taken(turn, draft, Said(pick=action.removeprefix(INTAKE), new_id=uuid4().hex), services)


def _closed(turn: Turn, services: Services) -> Reply | None:
    """What is said where no complaint is taken."""
    if not services.complaints.settings.enabled:
        return Reply(text=services.wording("intake.closed", hotline=services.hotline))
    if turn.message.channel in services.complaints.closed:
        return elsewhere(services, services.wording("intake.not_here", hotline=services.hotline))
    return None


def elsewhere(services: Services, text: str) -> Reply:
    """Where a complaint is taken instead."""
    links = (Link(services.wording("intake.web_form"), "/complain"),) if services.complaints.base_url else ()
    return Reply(text=text, links=links)


def _is_ours(action: str) -> bool:
    return _begins(action) or action.startswith(INTAKE)


def _begins(action: str) -> bool:
    return action == COMPLAIN or action.startswith(f"{COMPLAIN}:")


def _picked(turn: Turn) -> str:
    """The button that begins a complaint, when its number was typed; empty for any other."""
    number = picked_number(turn.message.text) if turn.message.kind is Kind.TEXT else None
    choices = offered(turn)
    action = choices[number - 1].action if number and number <= len(choices) else ""
    return action if _begins(action) else ""


def _is_opening(turn: Turn, action: str, draft: Draft | None) -> bool:
    """A running dialogue takes 我要投诉他们不交社保 for what happened, and 我要投诉 for a new beginning."""
    if _begins(action):
        return True
    text = turn.message.text
    if turn.message.kind is not Kind.TEXT or not opens(text):
        return False
    return running_draft(turn) is None or draft is None or not content_of(text)


async def _open(turn: Turn, action: str, draft: Draft | None, services: Services) -> Reply:
    """A new draft, with the topic and the words with which the worker came; or a choice when there is one already."""
    frame = frame_for(turn, services)
    text = turn.message.text if turn.message.kind is Kind.TEXT and opens(turn.message.text) else ""
    topic = action.partition(":")[2]
    words = text or (str(turn.memory.get(ASKED, "")) if topic else "")
    notice = services.answers.emergency_notice(text)
    if draft is not None:
        turned = begin_again(draft, frame, Said(text=words))
    else:
        category = category_of_topic(services, topic)
        if not category and content_of(words):
            category = await _category(words, turn, services)
        said = Said(text=words, category=category, new_id=uuid4().hex)
        turned = begin(frame, said, now=turn.now, channel=turn.message.channel, topic=topic)
    if notice and turned.draft:
        turned = replace(turned, draft=replace(turned.draft, urgent=True))
    return speak(turn, turned, services, notice=notice)


async def _hear(turn: Turn, draft: Draft, services: Services) -> Reply:
    """A text: something said in between, or an answer; an emergency goes first in both."""
    text = turn.message.text
    notice = services.answers.emergency_notice(text)
    draft = replace(draft, urgent=draft.urgent or bool(notice))
    frame = frame_for(turn, services, draft.channel)
    aside = await answer_aside(turn, draft, frame, services, notice)
    if aside is not None:
        return aside
    category = ""
    if current_step(draft, frame) is Step.CATEGORY and picked_number(text) is None:
        category = await _category(text, turn, services)
    said = Said(text=text, category=category, new_id=uuid4().hex)
    return await _taken(turn, draft, said, services, notice=notice)


async def _taken(turn: Turn, draft: Draft, said: Said, services: Services, *, notice: str = "") -> Reply:
    """The draft after the message; registered where it was sent."""
    frame = frame_for(turn, services, draft.channel)
    draft, lost = await settle_failed_files(turn, draft, services)
    turned = take(draft, said, frame)
    if turned.dropped:
        drop_files(turn, turned.dropped)
    if turned.end is End.SENT and turned.draft is not None:
        keep_draft(turn, None)
        turn.memory.pop(ASKED, None)
        return offered_by_us(turn, await file_case(turn, turned.draft, frame, services))
    if turned.end is End.REFUSED_ABROAD:
        keep_draft(turn, None)
        told = services.wording("intake.refused_abroad", hotline=services.hotline)
        return offered_by_us(turn, elsewhere(services, told))
    farewell = _farewell(turned, services)
    return speak(turn, replace(turned, heard=()) if farewell else turned, services, *lost, *farewell, notice=notice)


def _farewell(turned: Turned, services: Services) -> tuple[str, ...]:
    """What is said at the end and holds figures that the pure rules do not know."""
    words = services.wording
    if turned.end is End.PAUSED:
        hours = CONVERSATION_LASTS // timedelta(hours=1)
        return (words("intake.put_away"), words("intake.put_away_until", hours=hours))
    if turned.end is End.REFUSED:
        return (words("intake.refused", hotline=services.hotline),)
    return ()


async def _category(text: str, turn: Turn, services: Services) -> str:
    """The category that words seem to be about, where the answering side is sure; empty otherwise."""
    answered = await services.answers.ask(text, on=turn.now)
    if answered.outcome is not Outcome.ANSWER or not answered.ranked.topics:
        return ""
    return category_of_topic(services, answered.ranked.topics[0])
