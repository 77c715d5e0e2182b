"""The database and its copies, from facts that somebody else has gathered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.ops.copies import Copy
from bot.ops.doctor.findings import Finding, fault, note, ok, warning

_OLD_COPY = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What was found. `unreachable` is the reason, `version` None for an empty database.

    confirmed: topics of live entries that legal staff have confirmed as they stand. stranded: updates of Telegram
    that wait for a bot that is no longer ours.
    """

    kind: str
    exists: bool = True
    unreachable: str = ""
    version: str | None = None
    newest: str = ""
    keys_fit: bool = True
    sources: dict[str, str] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    stranded: int = 0


def check_database(facts: DatabaseFacts) -> Iterator[Finding]:
    """Whether the database can be used by this program."""
    if not facts.exists:
        yield note(f"{facts.kind} 数据库还没有，第一次启动时会建立")
        return
    if facts.unreachable:
        yield fault(f"{facts.kind} 数据库用不了（{facts.unreachable}）：请核对地址、用户名、口令，以及数据库是否在运行")
        return
    yield ok(f"{facts.kind} 数据库能用")
    if facts.version is None:
        yield note("数据库是空的，第一次启动时会建表")
    elif facts.version == facts.newest:
        yield ok(f"数据库版本 {facts.version}，与程序一致")
    elif facts.version < facts.newest:
        yield note(f"数据库版本 {facts.version}，下次启动时先备份再升级到 {facts.newest}")
    else:
        yield fault(f"数据库版本 {facts.version} 比程序的 {facts.newest} 新：请用新版程序，或恢复旧备份")
    if facts.stranded:
        yield warning(
            f"有 {facts.stranded} 条 Telegram 消息等着已经不用的机器人，不会有人答复；满 26 小时自动删除。"
            "换错了令牌的话，请马上换回来"
        )
    if not facts.keys_fit:
        yield fault("密钥环打不开这个数据库里的内容：请换回原来的 keys.json（或 GONGHUI_KEYS）")


def check_copies(copies: Sequence[Copy], now: datetime, *, daily: bool, keep: int, tool: str) -> Iterator[Finding]:
    """Whether there are copies, and new ones. `tool` names a program that is needed and missing."""
    if tool:
        yield warning(
            f"没有安装 {tool}，不能备份；数据库若另有备份，请设 backup.daily 和 backup.before_migration 为 false"
        )
    if not copies:
        yield note("还没有备份；服务运行时每天做一份" if daily else "没有备份，backup.daily 也没有开启")
        return
    age = now - copies[0].made_at
    text = f"{len(copies)} 份备份（最多留 {keep} 份），最新的是 {copies[0].path.name}"
    if daily and age > _OLD_COPY:
        yield warning(f"{text}，已是 {age.days} 天前的；请看日志里的 backup.failed")
    else:
        yield ok(text)
