"""Tags as platforms link them. Pure."""

import re
from collections.abc import Iterable

_NOT_OF_A_TAG = re.compile(r"\W+")


def hashtags(tags: Iterable[str]) -> str:
    """The tags in one line, each as one word, as a hashtag has to be; without what would be a number."""
    words = (_NOT_OF_A_TAG.sub("", tag) for tag in tags)
    return " ".join(f"#{word}" for word in words if word and not word.isdecimal())
