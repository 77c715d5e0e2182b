"""What the tests of the dispatcher share: an approved post, its schedule, and looking at what came of it."""

from bot.publishing.deliveries import Delivery
from bot.publishing.posts import Post
from bot.store.unit_of_work import SqlStore
from tests.newsroom import a_post, a_rendering, a_schedule


async def approved(store: SqlStore, **fields: object) -> Post:
    """A post whose renderings are kept."""
    post = a_post(**fields)
    async with store.write() as work:
        await work.posts.add(post)
        await work.posts.save_renderings([a_rendering(channel) for channel in post.content.channels])
        await work.commit()
    return post


async def scheduled(store: SqlStore, **fields: object) -> None:
    async with store.write() as work:
        await work.schedules.add(a_schedule(**fields))
        await work.commit()


async def deliveries(store: SqlStore, post: str = "post-1") -> list[Delivery]:
    async with store.read() as work:
        return await work.deliveries.of_post(post)


async def only(store: SqlStore) -> Delivery:
    [delivery] = await deliveries(store)
    return delivery


async def post_of(store: SqlStore) -> Post:
    async with store.read() as work:
        post = await work.posts.find("post-1")
    assert post
    return post
