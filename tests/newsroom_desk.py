"""The newsroom with the shipped content and all renderers, without a program around it."""

from functools import lru_cache
from typing import Any

from bot.app import make_newsroom_of
from bot.publishing.assembly import Newsroom
from bot.publishing.posts import Content, Post
from bot.rights import Actor
from bot.roles import Role
from bot.settings import Settings
from bot.store.unit_of_work import SqlStore
from bot.wording import load_wording
from tests.builders import ROOT
from tests.newsroom import NINE, a_content

BASE = "https://ask.example.org"
ANN, BOB, CEM, DAN = (Actor(name, Role.PUBLICIST) for name in ("ann", "bob", "cem", "dan"))
SUE, SAM = Actor("sue", Role.SUPERVISOR), Actor("sam", Role.SUPERVISOR)
LEA, ADA, CAL, OPA = (
    Actor("lea", Role.LEADER),
    Actor("ada", Role.ADMINISTRATOR),
    Actor("cal", Role.CADRE),
    Actor("opa", Role.OPERATOR),
)
TWO_LEVELS = [
    {"name": "初审", "roles": ["publicist", "supervisor"]},
    {"name": "终审", "roles": ["supervisor", "leader"]},
]
THREE_LEVELS = [TWO_LEVELS[0], {"name": "复审", "roles": ["publicist", "supervisor", "leader"]}, TWO_LEVELS[1]]


def a_newsroom(**publishing: Any) -> Newsroom:
    """The newsroom of an installation with these settings of its section `publishing`."""
    settings = Settings.model_validate(
        {
            "federation": {"name": "菏泽市总工会", "short_name": "菏泽工会", "regions": ["全国", "山东", "菏泽"]},
            "web": {"base_url": BASE},
            "content_dir": ROOT / "content",
            "publishing": {"channels": {"mastodon": {"enabled": True}}, **publishing},
        }
    )
    return make_newsroom_of(settings, load_wording(ROOT / "content" / "replies"))


@lru_cache
def the_newsroom() -> Newsroom:
    """One with two levels of review, and the channels mastodon and site."""
    return a_newsroom(approval=TWO_LEVELS)


async def write_post(store: SqlStore, actor: Actor = ANN, content: Content | None = None) -> Post:
    """A draft that this person has just written."""
    async with store.write() as work:
        post = await the_newsroom().editing.create(work, actor, content or a_content(), NINE)
        await work.commit()
    return post


async def approve_post(store: SqlStore, post: Post, by: tuple[Actor, ...] = (BOB, SUE)) -> Post:
    """The draft handed in by its author and agreed to by these people."""
    approval = the_newsroom().approval
    async with store.write() as work:
        post = await approval.submit(work, ANN, post.id, post.version, NINE)
        for actor in by:
            post = await approval.agree(work, actor, post.id, post.version, "", NINE)
        await work.commit()
    return post
