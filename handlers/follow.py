"""Somebody follows the account, comes by a QR code, or leaves it."""

from bot.complaints.worker.reaching import unlink
from bot.inbox import Turn
from bot.messages import Kind, Reply
from handlers.memory import offer
from handlers.services import Services


class Follow:
    """Welcomes with the questions asked most; a QR code made for an entry shows that entry."""

    def matches(self, turn: Turn) -> bool:
        """A new follower, or a scanned code."""
        return turn.message.kind in (Kind.FOLLOW, Kind.SCAN)

    async def handle(self, turn: Turn, services: Services) -> Reply:
        """The welcome, or the entry that the QR code names (scene `faq_wage_arrears`)."""
        topic = services.answers.topic_of_scene(turn.message.action)
        if topic and services.answers.is_served(topic, turn.now):
            return offer(turn, services.answers.entry_reply(topic, turn.now))
        words = services.wording
        return offer(
            turn,
            Reply(
                title=words("welcome.title", federation=services.federation),
                text=words("welcome.text"),
                prompt=words("welcome.prompt"),
                choices=services.answers.hot_choices(turn.now),
                hint=words("welcome.hint", hotline=services.hotline),
            ),
        )


class Unfollow:
    """Deletes what is kept about a person who unfollows, as the platform demands."""

    def matches(self, turn: Turn) -> bool:
        """Somebody has left."""
        return turn.message.kind is Kind.UNFOLLOW

    async def handle(self, turn: Turn, services: Services) -> Reply | None:
        """Delete the conversation, drafts, questions, votes and links to cases of this person; nothing is said."""
        turn.then(lambda work: unlink(work, turn.person))
        turn.then(lambda work: work.people.forget(turn.person, keep_key=turn.message.key))
        return None
