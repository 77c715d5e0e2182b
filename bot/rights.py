"""Who may do what with posts and the knowledge base: one table of role x right, deny by default. Pure.

Reviewing is granted per level by the setting `publishing.approval`; over every grant stands that nobody reviews a
post they wrote or changed, nor two levels of the same version, and that nobody confirms an entry they wrote.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.roles import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the account of a member of staff and its role."""

    id: str
    role: Role


class Right(StrEnum):
    """What may be done."""

    SEE_POSTS = "see_posts"
    EDIT_POSTS = "edit_posts"
    SCHEDULE = "schedule"  # plan, pause, cancel, publish now, let go again
    CONFIRM = "confirm"  # by-hand work, what is unknown: it is there, it is not
    WITHDRAW = "withdraw"
    REVIEW = "review"  # within the levels that the setting names for the role
    SEE_CHANNELS = "see_channels"
    AUTHORISE_CHANNELS = "authorise_channels"
    SEE_RESULTS = "see_results"
    SEE_KNOWLEDGE = "see_knowledge"
    EDIT_KNOWLEDGE = "edit_knowledge"
    APPROVE_KNOWLEDGE = "approve_knowledge"
    CONFIRM_KNOWLEDGE = "confirm_knowledge"  # as the federation's own legal staff: the entry is right


_R = Right

TABLE: Mapping[Role, frozenset[Right]] = {
    Role.PUBLICIST: frozenset(_R) - {_R.APPROVE_KNOWLEDGE, _R.CONFIRM_KNOWLEDGE},
    Role.SUPERVISOR: frozenset(_R) - {_R.AUTHORISE_CHANNELS},
    Role.CADRE: frozenset(
        {_R.SEE_POSTS, _R.SEE_KNOWLEDGE, _R.EDIT_KNOWLEDGE, _R.APPROVE_KNOWLEDGE, _R.CONFIRM_KNOWLEDGE}
    ),
    Role.LEADER: frozenset({_R.SEE_POSTS, _R.REVIEW, _R.SEE_RESULTS, _R.SEE_KNOWLEDGE}),
    Role.ADMINISTRATOR: frozenset({_R.SEE_POSTS, _R.SEE_CHANNELS, _R.AUTHORISE_CHANNELS, _R.SEE_RESULTS}),
    Role.OPERATOR: frozenset({_R.SEE_KNOWLEDGE}),
    Role.WORKER: frozenset(),
}


def may(role: Role, right: Right) -> bool:
    """Whether the role has the right. Anything unforeseen is refused."""
    return right in TABLE.get(role, frozenset())
