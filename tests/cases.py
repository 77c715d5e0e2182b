"""Cases for tests, with only the interesting facts shown."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import count
from typing import TYPE_CHECKING
from uuid import uuid4

from bot.complaints.cases import (
    Case,
    CaseFile,
    CaseMessage,
    Direction,
    FileMeta,
    FileState,
    Nature,
    SaidDays,
    SaidQuantity,
    Statement,
    TimelineEntry,
)
from bot.complaints.lifecycle import Progress
from bot.complaints.roles import Confidentiality
from bot.complaints.vault import new_record_key, sealed_context
from bot.keyring import KeyRing

if TYPE_CHECKING:
    from bot.store.unit_of_work import SqlStore, UnitOfWork

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
_numbers = count(1)


def a_case(**fields: object) -> Case:
    """A case of its own id and number."""
    values: dict[str, object] = {
        "id": uuid4().hex,
        "number": f"HZ261122-{next(_numbers):06}",
        "version": 1,
        "registered_at": NOW,
        "changed_at": NOW,
        "channel": "site",
        "nature": Nature.CLAIM,
        "category": "wage",
        "district": "mudan",
        "confidentiality": Confidentiality.NAMED,
        "progress": Progress(),
    }
    return Case(**{**values, **fields})  # type: ignore[arg-type]


def a_statement(**fields: object) -> Statement:
    """What a worker said, with everything in it."""
    values: dict[str, object] = {
        "narrative": "老板张三拖了仨月工资不给",
        "wish": "把钱要回来",
        "employer": "菏泽某某建筑公司",
        "site": "花都工地",
        "name": "李四",
        "phone": "13812345678",
        "contact": "晚上打",
        "since": SaidDays(said="去年腊月", first=date(2026, 1, 19), last=date(2026, 2, 16)),
        "employed": True,
        "people": SaidQuantity(said="二十多人", low=20, high=29),
        "money": SaidQuantity(said="一万二", low=1_200_000, high=1_200_000),
        "extra": {"card": "没签合同"},
    }
    return Statement(**{**values, **fields})  # type: ignore[arg-type]


def an_entry(kind: str = "registered", **fields: object) -> TimelineEntry:
    """One line of a timeline."""
    values: dict[str, object] = {"id": uuid4().hex, "happened_at": NOW, "by": "system", "kind": kind}
    return TimelineEntry(**{**values, **fields})  # type: ignore[arg-type]


def a_message(text: str = "什么时候有消息", **fields: object) -> CaseMessage:
    """One message of a case."""
    values: dict[str, object] = {
        "id": uuid4().hex,
        "sent_at": NOW,
        "by": "worker",
        "direction": Direction.FROM_WORKER,
        "text": text,
    }
    return CaseMessage(**{**values, **fields})  # type: ignore[arg-type]


def a_file(keys: KeyRing, **fields: object) -> tuple[CaseFile, bytes]:
    """A file of a case or a draft, with a wrapped key of its own."""
    file_id = uuid4().hex
    values: dict[str, object] = {
        "id": file_id,
        "case": "",
        "draft": "",
        "person": "",
        "added_at": NOW,
        "by": "worker",
        "state": FileState.KEPT,
        "size": 10,
        "meta": FileMeta(name="工资条.jpg", media_type="image/jpeg", sha256="ab" * 32, size=10),
    }
    _, wrapped = new_record_key(keys, sealed_context("case_file", "key", file_id))
    return CaseFile(**{**values, **fields}), wrapped  # type: ignore[arg-type]


async def register(
    store: "SqlStore", case: Case | None = None, statement: Statement | None = None, receipt: str = "", **fields: object
) -> Case:
    """A case that stands in the store."""
    case = case or a_case(**fields)
    async with store.write() as work:
        await put(work, case, statement, receipt)
        await work.commit()
    return case


async def put(work: "UnitOfWork", case: Case, statement: Statement | None = None, receipt: str = "") -> None:
    """Register a case in this unit of work."""
    await work.cases.add(case, statement or a_statement(), receipt or f"1:{uuid4().hex}", by="worker")


def changed(case: Case, fields: Mapping[str, object]) -> dict[str, object]:
    """The fields of a case with those changed."""
    return {name: getattr(case, name) for name in Case.__dataclass_fields__} | dict(fields)
