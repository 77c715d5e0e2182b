"""The jobs of a program bring a post out: planned in the newsroom, sent by its own senders, on the site in the end."""

import httpx

from bot.app import Program
from bot.publishing.deliveries import DeliveryState
from bot.publishing.posts import PostState
from bot.publishing_jobs import make_publishing_jobs, sending
from bot.rights import Actor
from bot.roles import Role
from tests.newsroom import a_content, a_post

PUBLICIST = Actor("anna", Role.PUBLICIST)


async def knock(program: Program) -> None:
    """Every job once, in the order in which they stand."""
    for job in make_publishing_jobs(program):
        await job.run()


async def test_a_planned_post_is_on_the_site_when_its_time_has_come(program: Program) -> None:
    content = a_content("winter", channels=("site",), citations=())
    rendering = program.newsroom.typesetter.renderings(content)["site"]
    post = a_post(content=content, approved={"site": rendering.digest})
    async with program.store.write() as work:
        await work.posts.add(post)
        await program.newsroom.typesetter.keep_cover(work, content, program.clock.now())
        await work.posts.save_renderings([rendering])
        await program.press.planner.publish_now(work, PUBLICIST, post.id, ["site"], program.clock.now())
        await work.commit()
    async with httpx.AsyncClient() as client, sending(program, client):
        assert {job.name for job in make_publishing_jobs(program)} > {"publishing_tick", "publishing_drain"}
        await knock(program)
    async with program.store.read() as work:
        [delivery] = await work.deliveries.of_post(post.id)
        published = await work.posts.find(post.id)
    assert published
    assert (delivery.state, published.state) == (DeliveryState.SENT, PostState.PUBLISHED)
    assert delivery.address.endswith("/posts/winter")


async def test_without_senders_nothing_is_lost_and_with_them_it_goes_on(program: Program) -> None:
    async with httpx.AsyncClient() as client, sending(program, client):
        assert "site" in program.press.senders
    assert program.press.senders == {}
    assert program.press.dispatcher.senders == {}
