"""The account's menu, and the words that mean the same."""

from bot.inbox import Turn
from bot.messages import Kind, Reply
from handlers.memory import offer
from handlers.services import Services

ASK, HOT, HOTLINE = "ask", "hot", "hotline"
COMPLAIN, TRACK = "complain", "track"
"""Taken by handlers of their own."""

ACTIONS = frozenset({ASK, HOT, HOTLINE, COMPLAIN, TRACK})
"""What a button of the menu may do."""

_WORDS = {
    "菜单": ASK,
    "帮助": ASK,
    "help": ASK,
    "/start": ASK,
    "/help": ASK,
    "你好": ASK,
    "热门": HOT,
    "热门问题": HOT,
    "常见问题": HOT,
    "热线": HOTLINE,
    "电话": HOTLINE,
    "人工": HOTLINE,
    "人工服务": HOTLINE,
    "转人工": HOTLINE,
}


class Menu:
    """Answers menu clicks and the command words."""

    def matches(self, turn: Turn) -> bool:
        """A click on the menu, or a text that is one of the command words."""
        if turn.message.kind is Kind.MENU:
            return True
        return turn.message.kind is Kind.TEXT and _command(turn.message.text) in _WORDS

    async def handle(self, turn: Turn, services: Services) -> Reply:
        """The hotlines, an entry, or how to ask with the most asked questions."""
        message = turn.message
        action = message.action if message.kind is Kind.MENU else _WORDS[_command(message.text)]
        topic = services.answers.topic_of_scene(action)
        if topic and services.answers.is_served(topic, turn.now):
            return offer(turn, services.answers.entry_reply(topic, turn.now))
        if action == HOTLINE:
            return offer(turn, hotline_reply(services))
        words = services.wording
        return offer(
            turn,
            Reply(
                title=words("menu.title", federation=services.federation),
                text=words("menu.text"),
                prompt=words("menu.prompt"),
                choices=services.answers.hot_choices(turn.now),
                hint=words("menu.hint", hotline=services.hotline),
            ),
        )


def hotline_reply(services: Services) -> Reply:
    """The numbers to call, and when the desk is staffed."""
    words = services.wording
    hours = words("hotline.hours", hours=services.office_hours) if services.office_hours else ""
    return Reply(title=words("hotline.title"), text=words("hotline.text", hotline=services.hotline), note=hours)


def _command(text: str) -> str:
    return text.strip().strip("。！!？?~～ ").lower()
