"""Files: who may read them, whether they can be written, and room on the disk."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from bot.errors import KeyRingError
from bot.keyring import load_key_ring, parse_key_ring
from bot.ops.doctor.findings import Finding, fault, note, ok, warning
from bot.ops.health import DISK_FAILS_BELOW, DISK_WARNS_BELOW
from bot.settings import Configuration

FOLDER_MODE, FILE_MODE = 0o700, 0o600


def check_files(configuration: Configuration) -> Iterator[Finding]:
    """The data folder and what lies in it."""
    data = configuration.settings.data_dir
    if not data.exists():
        yield note(f"{data} 还没有，第一次启动时会建立")
        return
    yield from _check_mode(data, FOLDER_MODE)
    if not os.access(data, os.W_OK | os.X_OK):
        yield fault(f"{data} 不能写入：服务要用能写这个文件夹的用户运行")
    for path in (data / "keys.json", *sorted(data.glob("gonghui.db*")), *sorted((data / "backups").glob("gonghui-*"))):
        if path.exists():
            yield from _check_mode(path, FOLDER_MODE if path.is_dir() else FILE_MODE)
    if (data / "backups").is_dir():
        yield from _check_mode(data / "backups", FOLDER_MODE)


def check_keys(configuration: Configuration, *, wanted: bool = False) -> Iterator[Finding]:
    """Whether the key ring can be read. wanted: the database holds what a ring has sealed."""
    document = configuration.environment.get("GONGHUI_KEYS")
    path = configuration.settings.data_dir / "keys.json"
    if not document and not path.exists() and wanted:
        yield fault(
            f"{path} 不见了，数据库里却有用它加密的内容：请放回另存的那一份，不然这些内容谁也读不出来，服务也不会启动"
        )
        return
    if not document and not path.exists():
        yield note(f"{path} 还没有，第一次启动时会建立；请马上另存一份，没有它备份也读不出来")
        return
    if not document and stat.S_IMODE(path.stat().st_mode) & ~FILE_MODE:
        return  # told with the other files; while it is so, the program refuses to start
    try:
        ring = parse_key_ring(document) if document else load_key_ring(path)
    except KeyRingError as error:
        yield fault(f"密钥环不能用：{error.detail}")
        return
    yield ok(f"密钥环可用（{len(ring.keys)} 把密钥）")
    if document and path.exists():
        yield warning(f"GONGHUI_KEYS 已设置，{path} 不起作用；不再需要时请删除")


def check_disk(configuration: Configuration) -> Iterator[Finding]:
    """Room where the data lie."""
    folder = configuration.settings.data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    text = f"{folder} 所在磁盘还有 {free // 2**20} MB"
    if free < DISK_FAILS_BELOW:
        yield fault(f"{text}：快满了，很快就不能记录任何东西")
    elif free < DISK_WARNS_BELOW:
        yield warning(f"{text}：不多了，请清理")
    else:
        yield ok(text)


def _check_mode(path: Path, most: int) -> Iterator[Finding]:
    status = path.stat()
    mode = stat.S_IMODE(status.st_mode)
    if mode & ~most:
        yield fault(f"{path} 的权限是 {mode:o}，别的用户也能用；请执行 chmod {most:o} {path}")
    elif status.st_uid != os.geteuid():
        yield note(f"{path} 属于用户 {status.st_uid}，不是现在的用户；请用运行服务的用户执行 doctor")
    else:
        yield ok(f"{path} 权限 {mode:o}")
