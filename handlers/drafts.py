"""The unfinished complaint in a conversation's memory, and what surrounds it.

The memory is sealed in the database: a dialogue goes on after hours, after a restart, on another process.
"""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from bot.clock import local_date
from bot.complaints.intake import (
    Chosen,
    Draft,
    Frame,
    Mode,
    Option,
    Step,
    draft_from_json,
    draft_to_json,
    make_statement,
)
from bot.inbox import CONVERSATION_LASTS, Turn
from handlers.services import Services

DRAFT = "complaint"
_OFFERED = "complaint_offered"

WECHAT, TELEGRAM = "wechat", "telegram"
_TAKES_FILES = frozenset({WECHAT, TELEGRAM})
"""Channels whose pictures can be fetched."""


def find_draft(turn: Turn) -> Draft | None:
    """The unfinished complaint; None where there is none, or none of this version of the program."""
    raw = turn.memory.get(DRAFT)
    return draft_from_json(raw) if isinstance(raw, dict) else None


def running_draft(turn: Turn) -> Draft | None:
    """The unfinished complaint whose question is open."""
    draft = find_draft(turn)
    return None if draft is None or draft.mode is Mode.PAUSED else draft


def keep_draft(turn: Turn, draft: Draft | None) -> None:
    """Remember the draft instead of what was there; None forgets it."""
    turn.memory.pop(DRAFT, None)
    if draft is not None:
        turn.memory[DRAFT] = draft_to_json(draft)


def pause_draft(turn: Turn) -> bool:
    """Put a running draft away for what comes now; whether there was one."""
    draft = running_draft(turn)
    if draft is None:
        return False
    keep_draft(turn, replace(draft, mode=Mode.PAUSED))
    return True


def note_offered(turn: Turn) -> None:
    """Remember that the choices last offered are the dialogue's own."""
    turn.memory[_OFFERED] = turn.memory.get("choices", [])


def numbers_are_ours(turn: Turn) -> bool:
    """Whether nobody else has offered choices since: a number means the list last seen."""
    return bool(turn.memory.get("choices", []) == turn.memory.get(_OFFERED, []))


def frame_for(turn: Turn, services: Services, channel: str = "") -> Frame:
    """What may be chosen, what the channel can do, and what day it is."""
    complaints = services.complaints
    settings, categories = complaints.settings, list(complaints.desk.categories)
    channel = channel or turn.message.channel
    may_message = channel == TELEGRAM  # whoever has begun a conversation may be written to
    frame = Frame(
        today=local_date(turn.now),
        lunar=complaints.lunar,
        categories=tuple(Option(code=one.id, label=one.title, hint=one.hint) for one in categories),
        districts=tuple(Option(code=one.id, label=one.name, also=tuple(one.also)) for one in settings.districts),
        bodies=tuple(
            Option(code=one.id, label=one.name, hint=complaints.desk.words.about_body(one.id))
            for one in settings.bodies
        ),
        since={one.id: one.since.value for one in categories},
        about_union_staff=frozenset(one.id for one in categories if one.union_staff),
        hotline=services.hotline,
        draft_hours=CONVERSATION_LASTS // timedelta(hours=1),
        takes_files=channel in _TAKES_FILES,
        may_notify=may_message or (channel == WECHAT and settings.notices.wechat != "none"),
        knows_account=channel in {WECHAT, *complaints.abroad},
        abroad=channel in complaints.abroad,
        may_show=may_message,
        web_form="/complain" if _is_public(complaints.base_url) else "",
    )
    return replace(frame, doubt=lambda draft: _doubt(draft, frame, services))


def category_of_topic(services: Services, topic: str) -> str:
    """The category in which somebody complains who read that entry; empty where none fits."""
    category = services.complaints.desk.categories.of_topic(topic) if topic else None
    return category.id if category else ""


def _doubt(draft: Draft, frame: Frame, services: Services) -> str:
    statement = make_statement(draft, frame)
    category = draft.answers.get(Step.CATEGORY)
    code = category.code if isinstance(category, Chosen) else ""
    return services.complaints.desk.guard.doubt(statement, code, frame.today)


def _is_public(url: str) -> bool:
    return bool(url) and urlsplit(url).hostname not in {"127.0.0.1", "localhost", "::1", None}
