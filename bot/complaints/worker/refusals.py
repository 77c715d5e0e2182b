"""Why the desk does not do what a worker asks: codes, to which callers choose the words."""

from enum import StrEnum

from bot.errors import GonghuiError


class NotFound(GonghuiError):
    """No case opens to this receipt. It never says whether there was one."""


class SlowDown(GonghuiError):
    """Too many tries of late: ask again in so many seconds."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(str(seconds))


class Why(StrEnum):
    """Why a request is refused."""

    STATE = "state"  # 现在这一步办不了
    MERGED = "merged"  # 已并案
    EMPTY = "empty"  # 什么也没有写
    TOO_LONG = "too_long"  # 太长
    TOO_MANY_FILES = "too_many_files"
    NOT_YOUR_FILE = "not_your_file"
    CONTENT_DELETED = "content_deleted"  # 内容已经删除
    FIELD = "field"  # 不能改的内容
    BODY = "body"  # 没有这个单位


class Refused(GonghuiError):
    """The case does not take this from its worker now."""

    def __init__(self, why: Why) -> None:
        self.why = why
        super().__init__(why)


def refusal_words(why: Why) -> str:
    """Key of the sentence that tells the worker."""
    return f"desk.refused.{why}"
