"""Lets posts stand where their deliveries and schedules say."""

from typing import TYPE_CHECKING

from bot.publishing.posts import PostState
from bot.publishing.summing import first_published, sum_up

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork


async def sum_up_post(work: "UnitOfWork", post_id: str) -> PostState | None:
    """Let the post stand where its deliveries and schedules say; that state. One that people set meanwhile stays."""
    standing = await work.posts.standing(post_id)
    if standing is None:
        return None
    state, published_at, planned = standing
    deliveries = await work.deliveries.of_post(post_id)
    now_state, now_published_at = sum_up(state, deliveries, planned=planned), first_published(deliveries)
    if (now_state, now_published_at) != (state, published_at):
        await work.posts.set_state(post_id, state, now_state, now_published_at)
    return now_state
