"""What a conversation remembers between messages: the choices last offered and the last answer.

Kept as plain JSON values, because the conversation is stored sealed in the database.
"""

from collections.abc import Mapping
from typing import Any

from bot.inbox import Turn
from bot.messages import Choice, Reply
from handlers.tracked import forget_rested

ENTRY = "entry:"
"""Begins the action of a choice that shows an entry."""

ASKED = "asked"
"""The question last asked, so that whoever then complains need not say it all again."""

_LONGEST_ASKED = 500


def note_asked(turn: Turn, text: str) -> None:
    """Remember a question in the words in which it was asked."""
    turn.memory[ASKED] = text[:_LONGEST_ASKED]


def offer(turn: Turn, reply: Reply) -> Reply:
    """Remember what this reply lets the person pick or vote on; gives the reply back."""
    forget_rested(turn)
    turn.memory["choices"] = [[choice.label, choice.action] for choice in reply.choices]
    if reply.topic:
        turn.memory["answered"] = {"topic": reply.topic, "question": reply.question_id}
    return reply


def actions_in(memory: Mapping[str, Any]) -> list[str]:
    """The actions that were offered with the last reply, of a memory as it is stored."""
    return [action for _, action in memory.get("choices", [])]


def offered(turn: Turn) -> list[Choice]:
    """The choices of the last reply, in their order."""
    return [Choice(label, action) for label, action in turn.memory.get("choices", [])]
