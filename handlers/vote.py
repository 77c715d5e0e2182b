"""有用 / 没用: the person's verdict on the last answer."""

from bot.inbox import Turn
from bot.messages import Kind, Reply
from handlers.services import Services

VOTE = "vote:"
"""Begins the action of a button that votes."""

_UP = {"有用", "有帮助", "解决了", "👍", "[强]"}
_DOWN = {"没用", "没有用", "没帮助", "没解决", "不对", "答非所问", "👎", "[弱]"}


class Vote:
    """Counts a vote said in words."""

    def matches(self, turn: Turn) -> bool:
        """One of the voting words and nothing else."""
        return turn.message.kind is Kind.TEXT and _word(turn.message.text) in _UP | _DOWN

    async def handle(self, turn: Turn, services: Services) -> Reply:
        """Keep the vote with the last answer, and thank."""
        return cast_vote(turn, services, helpful=_word(turn.message.text) in _UP)


def cast_vote(turn: Turn, services: Services, *, helpful: bool, topic: str = "") -> Reply:
    """Keep a vote on this entry, or on that last shown to this person; the last vote counts."""
    answered = turn.memory.get("answered")
    if topic and services.answers.is_served(topic, turn.now) and (answered or {}).get("topic") != topic:
        answered = {"topic": topic, "question": ""}  # under an older answer
    if not answered:
        return Reply(text=services.wording("vote.nothing"))
    turn.then(
        lambda work: work.votes.cast(
            person=turn.person,
            topic=answered["topic"],
            question=answered["question"],
            channel=turn.message.channel,
            helpful=helpful,
            now=turn.now,
        )
    )
    if helpful:
        return Reply(text=services.wording("vote.thanks_up"))
    return Reply(text=services.wording("vote.thanks_down", hotline=services.hotline))


def vote_of(text: str) -> bool | None:
    """Whether the text says that it helped; None when it is no vote."""
    word = _word(text)
    return word in _UP if word in _UP | _DOWN else None


def _word(text: str) -> str:
    return text.strip().strip("。！!~～ ")
