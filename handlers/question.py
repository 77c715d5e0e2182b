"""A question in words: the answer, near questions, or an honest no."""

from bot.inbox import Turn
from bot.messages import Kind, Reply
from handlers.memory import note_asked, offer
from handlers.services import Services


class Question:
    """Takes every text that nothing before it took."""

    def matches(self, turn: Turn) -> bool:
        """Any text."""
        return turn.message.kind is Kind.TEXT and bool(turn.message.text.strip())

    async def handle(self, turn: Turn, services: Services) -> Reply:
        """Answer, and record the question with its outcome."""
        answered = await services.answers.ask(turn.message.text, on=turn.now)
        turn.outcome = answered.outcome.value
        record = services.answers.record(answered, turn.message.channel, turn.person, turn.now)
        turn.then(lambda work: work.questions.record(**record))
        note_asked(turn, turn.message.text)
        return offer(turn, answered.reply)
