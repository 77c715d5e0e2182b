"""What the bot does with a message: one module each, asked in this order, `fallback` last."""

from bot.inbox import Handler
from handlers.choose import Choose
from handlers.complain import Complain
from handlers.edited import Edited
from handlers.fallback import Fallback
from handlers.follow import Follow, Unfollow
from handlers.media import Media
from handlers.menu import Menu
from handlers.notice import Notice
from handlers.public import Public
from handlers.question import Question
from handlers.subscribing import Subscribing
from handlers.track import Track
from handlers.vote import Vote

HANDLERS: tuple[Handler, ...] = (
    Notice(),
    Unfollow(),
    Public(),
    Edited(),
    Follow(),
    Subscribing(),
    Track(),
    Complain(),
    Menu(),
    Choose(),
    Vote(),
    Media(),
    Question(),
    Fallback(),
)
