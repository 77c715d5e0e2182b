"""Hearing of new posts in a chat: subscribing to all or to some topics, at once or weekly, and stopping by one tap."""

import re

from bot.inbox import Turn
from bot.messages import Choice, Kind, Link, Reply
from bot.subscriptions.subscribers import Pace, clean_topics
from handlers.choose import picked_number
from handlers.memory import offer, offered
from handlers.services import Services

SUBSCRIBE = "subscribe:"
"""Begins the action of every button about subscriptions."""

STOP = f"{SUBSCRIBE}stop"
_MENU_STOP, _MENU_BEGIN = "stop", "subscribe"
_TOPICS = "subscribe_topics"
_CHANNELS = frozenset({"telegram", "wechat"})
"""Where the account is the address to which is sent."""

_BEGIN = re.compile(r"(?:我要|我想)?订阅(?:[\s:：]+(?P<topics>.{1,100})|(?P<topic>\w{1,4}))?")
"""What follows at once is a topic only where it is short: 订阅的消息怎么看不到 is a question."""

_END = re.compile(r"(?:我要|我想)?(?:退订|取消订阅|不再订阅)")
_BETWEEN = re.compile(r"[\s,，、;；#]+")


class Subscribing:
    """Subscribes, changes and stops."""

    def matches(self, turn: Turn) -> bool:
        """A button about subscriptions, the command, or the words."""
        message = turn.message
        if message.channel not in _CHANNELS or message.data.get("public"):
            return False
        if message.kind is Kind.MENU:
            return message.action in {_MENU_STOP, _MENU_BEGIN}
        if _chosen(turn):
            return True
        return message.kind is Kind.TEXT and bool(_BEGIN.fullmatch(_said(turn)) or _END.fullmatch(_said(turn)))

    async def handle(self, turn: Turn, services: Services) -> Reply:
        """Do what is wanted."""
        subscriptions, words = services.subscriptions, services.wording
        message, sender = turn.message, turn.message.sender
        if subscriptions is None or message.channel not in subscriptions.channels:
            return Reply(text=words("subscribing.none"))
        wish = (_chosen(turn) or message.action).removeprefix(SUBSCRIBE)
        if wish == _MENU_STOP or (message.kind is Kind.TEXT and _END.fullmatch(_said(turn))):
            turn.then(lambda work: subscriptions.stop(work, message.channel, sender, turn.now))
            return Reply(text=words("subscribing.stopped"))
        if wish in set(Pace) and _TOPICS in turn.memory:
            pace = Pace(wish)
            topics = tuple(turn.memory[_TOPICS])  # they stay: whoever taps the other button changes the pace alone
            turn.then(lambda work: subscriptions.subscribe(work, message.channel, sender, topics, pace, turn.now))
            what = words("subscribing.of", topics="、".join(topics)) if topics else words("subscribing.everything")
            choices = (Choice(words("subscribing.stop"), STOP),)
            links = self._granting(message.channel, services)
            return offer(turn, Reply(text=words(f"subscribing.done_{pace}", what=what), choices=choices, links=links))
        return self._ask(turn, services)

    def _granting(self, channel: str, services: Services) -> tuple[Link, ...]:
        """Where a follower agrees to the notice itself, on a channel that asks for that."""
        page = services.granting_page.get(channel, "")
        return (Link(services.wording("subscribing.grant"), page),) if page else ()

    def _ask(self, turn: Turn, services: Services) -> Reply:
        """How often, of what was named."""
        words = services.wording
        found = _BEGIN.fullmatch(_said(turn)) if turn.message.kind is Kind.TEXT else None
        topics = clean_topics(_BETWEEN.split(found["topics"] or found["topic"] or "")) if found else ()
        turn.memory[_TOPICS] = list(topics)
        what = words("subscribing.of", topics="、".join(topics)) if topics else words("subscribing.everything")
        choices = tuple(Choice(words(f"subscribing.{pace}"), f"{SUBSCRIBE}{pace}") for pace in Pace)
        hint = "" if topics else words("subscribing.topics_hint")
        return offer(turn, Reply(text=words("subscribing.ask", what=what), choices=choices, hint=hint))


def _chosen(turn: Turn) -> str:
    """The action about subscriptions that was tapped, or picked by its number: that means the list last seen."""
    message = turn.message
    if message.kind is Kind.CHOICE:
        return message.action if message.action.startswith(SUBSCRIBE) else ""
    number = picked_number(message.text) if message.kind is Kind.TEXT else None
    choices = offered(turn)
    action = choices[number - 1].action if number and number <= len(choices) else ""
    return action if action.startswith(SUBSCRIBE) else ""


def _said(turn: Turn) -> str:
    return turn.message.text.strip().strip("。！!~～ ")
