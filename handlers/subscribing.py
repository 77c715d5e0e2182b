"""Hearing of new posts in a chat: subscribing to all or to some topics, at once or weekly, and stopping by one tap."""

import re
from collections.abc import Sequence
from unicodedata import normalize

from bot.inbox import Turn
from bot.messages import Choice, Kind, Link, Reply
from bot.subscriptions.subscribers import Pace, Subscriber, clean_topics
from handlers.choose import picked_number
from handlers.memory import offer, offered
from handlers.services import Services

SUBSCRIBE = "subscribe:"
"""Begins the action of every button about subscriptions."""

STOP = f"{SUBSCRIBE}stop"
_MENU_STOP, _MENU_BEGIN, _ALL = "stop", "subscribe", "all"
_TOPICS = "subscribe_topics"
_CHANNELS = frozenset({"telegram", "wechat"})
"""Where the account is the address to which is sent."""

_BEGIN = re.compile(
    r"(?:我要|我想|我的|查看)?订阅"
    r"(?:[\s:：#]+(?P<topics>.{1,100})|(?P<topic>(?![的号了不过是])(?![吗消有怎如会])\w{1,8}(?:[、，,]\w{1,8}){0,9}))?"
)
"""What follows at once is a topic only where it is short: 订阅的消息怎么看不到 is a question."""

_END = re.compile(r"(?:我要|我想)?(?:退订|取消订阅|不再订阅)")
_BETWEEN, _AND = re.compile(r"[\s,，、;；#]+"), re.compile("[和与及跟]")
_MOST_SHOWN, _EXAMPLES = 12, 2


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
            return offer(turn, Reply(text=words("subscribing.none")))
        wish = (_chosen(turn) or message.action).removeprefix(SUBSCRIBE)
        if wish == _MENU_STOP or (message.kind is Kind.TEXT and _END.fullmatch(_said(turn))):
            turn.then(lambda work: subscriptions.stop(work, message.channel, sender, turn.now))
            return offer(turn, Reply(text=words("subscribing.stopped")))
        if wish in set(Pace) and _TOPICS in turn.memory:
            pace = Pace(wish)
            topics = tuple(turn.memory[_TOPICS])  # they stay: whoever taps the other button changes the pace alone
            turn.then(lambda work: subscriptions.subscribe(work, message.channel, sender, topics, pace, turn.now))
            what = _what(services, topics)
            choices = (Choice(words("subscribing.stop"), STOP),)
            links = self._granting(message.channel, services)
            return offer(turn, Reply(text=words(f"subscribing.done_{pace}", what=what), choices=choices, links=links))
        named = () if wish == _ALL else _named(turn)
        if named or wish == _ALL:
            return await self._ask(turn, services, named)
        async with services.complaints.store.read() as work:
            known = await subscriptions.find(work, message.channel, sender)
        return self._ask_again(turn, services, known) if known else await self._ask(turn, services, ())

    def _granting(self, channel: str, services: Services) -> tuple[Link, ...]:
        """Where a follower agrees to the notice itself, on a channel that asks for that."""
        page = services.granting_page.get(channel, "")
        return (Link(services.wording("subscribing.grant"), page),) if page else ()

    async def _ask(self, turn: Turn, services: Services, named: Sequence[str]) -> Reply:
        """How often, of what was named; of topics that there are not, which ones there are."""
        words, known = services.wording, await services.topics()
        topics, unknown = _sorted_out(named, known)
        shown = {"topics": _listed(known), "example": " ".join(known[:_EXAMPLES])}
        if unknown and not topics:
            turn.memory.pop(_TOPICS, None)
            missing = words("subscribing.unknown", words="、".join(unknown), **shown)
            text = missing if known else words("subscribing.unknown_none")
            everything = Choice(words("subscribing.all_instead"), f"{SUBSCRIBE}{_ALL}")
            return offer(turn, Reply(text=text, choices=(everything,)))
        turn.memory[_TOPICS] = list(topics)
        hint = ""
        if unknown:
            hint = words("subscribing.left_out", words="、".join(unknown), topics=shown["topics"])
        elif known and not topics:
            hint = words("subscribing.topics_hint", **shown)
        text = words("subscribing.ask", what=_what(services, topics))
        return offer(turn, Reply(text=text, choices=_paces(services), hint=hint))

    def _ask_again(self, turn: Turn, services: Services, known: Subscriber) -> Reply:
        """What they have subscribed to, and what can be done about it."""
        words = services.wording
        turn.memory[_TOPICS] = list(known.topics)  # a button changes the pace alone
        choices = [one for one in _paces(services) if one.action != f"{SUBSCRIBE}{known.pace}"]
        if known.topics:
            choices.append(Choice(words("subscribing.all"), f"{SUBSCRIBE}{_ALL}"))
        choices.append(Choice(words("subscribing.stop"), STOP))
        page = services.subscriptions.links.manage_page(known.id) if services.subscriptions else ""
        links = (Link(words("subscribing.manage"), page),) if page else ()
        pace = words(f"subscribing.mine_{known.pace}")
        text = words("subscribing.mine", what=_what(services, known.topics), pace=pace)
        return offer(turn, Reply(text=text, choices=tuple(choices), links=links))


def _paces(services: Services) -> tuple[Choice, ...]:
    return tuple(Choice(services.wording(f"subscribing.{pace}"), f"{SUBSCRIBE}{pace}") for pace in Pace)


def _what(services: Services, topics: Sequence[str]) -> str:
    words = services.wording
    return words("subscribing.of", topics="、".join(topics)) if topics else words("subscribing.everything")


def _listed(topics: Sequence[str]) -> str:
    return "、".join(topics[:_MOST_SHOWN]) + ("……" if len(topics) > _MOST_SHOWN else "")


def _named(turn: Turn) -> tuple[str, ...]:
    """The topics in what was typed."""
    found = _BEGIN.fullmatch(_said(turn)) if turn.message.kind is Kind.TEXT else None
    return clean_topics(_BETWEEN.split(found["topics"] or found["topic"] or "")) if found else ()


def _sorted_out(named: Sequence[str], known: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those that there are, as they are written, and the words that name none. 工资和工伤 are two."""
    as_written = {_folded(topic): topic for topic in known}
    words = [
        part for word in named for part in ([word] if _folded(word) in as_written else filter(None, _AND.split(word)))
    ]
    topics = [as_written[_folded(word)] for word in words if _folded(word) in as_written]
    return clean_topics(topics), clean_topics(word for word in words if _folded(word) not in as_written)


def _folded(word: str) -> str:
    return normalize("NFKC", word).casefold()


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
