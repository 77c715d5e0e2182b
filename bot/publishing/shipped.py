"""The explainers that come with the program: brought in once, as drafts that staff review. None goes out by itself."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import ContentError
from bot.publishing.editing import SHIPPED, first_revision, new_post
from bot.publishing.post_files import read_posts

if TYPE_CHECKING:
    from bot.store.unit_of_work import UnitOfWork


async def import_shipped(work: "UnitOfWork", folder: Path, now: datetime) -> int:
    """Make drafts of the posts in that folder; how many are new. Raises ContentError, Faulty for a faulty file.

    The log of the program tells of it once, the audit log of what people do with them.
    """
    files, faults = read_posts(folder)
    if faults:
        raise ContentError(faults)
    there = await work.posts.slugs()
    posts = [new_post(SHIPPED, file.content, now) for file in files if file.content.slug not in there]
    await work.posts.add_all(posts, [first_revision(post) for post in posts])
    return len(posts)
