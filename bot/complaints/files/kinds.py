"""Files as they are taken: which kinds, how large, and what is wrong with the others. Pure.

What a file is, its content says; its name is kept as the worker gave it and never believed.
"""

import re
import unicodedata
from enum import StrEnum

from bot.complaints.files.signatures import FileKind, recognise
from bot.errors import GonghuiError

MOST_BYTES = 10 * 2**20
MOST_PER_DRAFT = 6
MOST_PER_CASE = 60
"""Of everything that belongs to one case, over its whole life."""

LONGEST_NAME = 100

_UNPRINTABLE = ("C", "Zl", "Zp")
"""Unicode categories that a name does not show, or that turn it round (bidirectional marks)."""

_FORBIDDEN = re.compile(r'[\\/:*?"<>|]')


class FileFault(StrEnum):
    """Why a file was not taken, or what became of it."""

    EMPTY = "empty"  # 空文件
    TOO_LARGE = "too_large"  # 太大
    TOO_MANY = "too_many"  # 太多
    KIND = "kind"  # 不是可以接收的类型
    MACROS = "macros"  # 含有宏
    DAMAGED = "damaged"  # 损坏，打不开
    HUGE = "huge"  # 图片尺寸过大
    UNREACHABLE = "unreachable"  # 从微信取不到
    GONE = "gone"  # 微信那边已经没有了
    LOST = "lost"  # what was kept is missing or was changed


class FileRefused(GonghuiError):
    """This file is not taken."""

    def __init__(self, fault: FileFault) -> None:
        self.fault = fault
        super().__init__(f"[{fault}]")


class FileLost(GonghuiError):
    """What was kept of a file is missing, or is not what was kept."""

    def __init__(self, id: str) -> None:
        self.id = id
        super().__init__(id)


def check_content(content: bytes, *, most: int = MOST_BYTES) -> FileKind:
    """What kind of file this is, by its content. Raises FileRefused."""
    if not content:
        raise FileRefused(FileFault.EMPTY)
    if len(content) > most:
        raise FileRefused(FileFault.TOO_LARGE)
    kind = recognise(content)
    if kind is None:
        raise FileRefused(FileFault.KIND)
    return kind


def clean_name(name: str) -> str:
    """The name as given, without folders and without signs that hide or turn round what it says."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    shown = "".join(sign for sign in base if not unicodedata.category(sign).startswith(_UNPRINTABLE))
    shown = _FORBIDDEN.sub("", shown).strip(" .")
    stem, dot, suffix = shown.rpartition(".")
    if len(shown) > LONGEST_NAME and dot and len(suffix) < LONGEST_NAME // 2:
        return f"{stem[: LONGEST_NAME - len(suffix) - 1]}.{suffix}"
    return shown[:LONGEST_NAME]


def download_name(name: str, kind: FileKind, *, otherwise: str) -> str:
    """The name under which a file is handed out: its last part is that of its content, whatever the worker's said.

    otherwise: the name of a file without one, such as its number.
    """
    stem = name or otherwise
    return stem if stem.lower().endswith(kind.suffixes) else f"{stem}{kind.suffixes[0]}"


def fault_words(fault: FileFault) -> str:
    """Key of the sentence that tells the worker what is wrong."""
    return f"files.fault.{fault}"
