"""The audit log as a chain: what an entry says, how its mac is made, and what a broken chain tells.

Pure. Every mac covers the whole entry and the mac before it, so that nobody without the key can change, remove
or move an entry unnoticed. What stands at the end can be cut off, so the last sequence number and mac are also
kept outside the database as a `Head`. A text is covered by its keyed digest only: it may be deleted when its
time is over, and an entry of the chain itself says which texts were.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

SYSTEM = "system"
"""Who does what nobody asked for: sweeps, jobs, retention."""

WORKER = "worker"

TEXTS_DELETED = "audit.texts_deleted"
"""The action of the entry that says which texts were deleted: all up to `through`, or all about its subject."""

MAC_OF_NOTHING = ""
_CODE = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,31}")
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One look or change. Everything is a code or an id but `text`, which is sealed.

    actor: id of a member of staff, "worker" or "system". subject: id of what it is about. reason: a code.
    Raises ValueError for what is no code where one is due: words do not belong there.
    """

    actor: str
    action: str
    subject: str = ""
    reason: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    text: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse what is no code."""
        if not _CODE.fullmatch(self.action):
            raise ValueError("an audit entry needs the code of an action")
        if self.reason and not _CODE.fullmatch(self.reason):
            raise ValueError(f"{self.action}: the reason is a code")
        if not 0 < len(self.actor) <= _LONGEST_NAME or len(self.subject) > _LONGEST_NAME:
            raise ValueError(f"{self.action}: actor and subject are ids")


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditRecord:
    """One entry as it stands in the log. `data` is the JSON as kept: the mac is over these very characters.

    text: what was written, None where nothing was or it has been deleted; `text_digest` is empty in the first case.
    """

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    reason: str
    data: str
    text: str | None = field(repr=False)
    text_digest: str
    mac: str

    @property
    def details(self) -> Mapping[str, str]:
        """What `data` says."""
        details: dict[str, str] = json.loads(self.data)
        return details


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain at some time, to be kept elsewhere. `seq` 0 and no mac: nothing was logged yet."""

    seq: int
    mac: str

    def __str__(self) -> str:
        """As it is given on the command line."""
        return f"{self.seq}:{self.mac}"


EMPTY = Head(0, MAC_OF_NOTHING)


def parse_head(text: str) -> Head:
    """The head written as `SEQ:MAC`. Raises ValueError."""
    match = re.fullmatch(r"([0-9]{1,18}):([0-9a-f]{64})", text.strip())
    if match is None:
        raise ValueError("a head is written SEQ:MAC")
    return Head(int(match[1]), match[2])


class Break(StrEnum):
    """How a chain can be broken."""

    ALTERED = "altered"  # an entry does not fit its mac: edited, or moved here
    MISSING = "missing"  # numbers are left out: entries were removed
    TRUNCATED = "truncated"  # a known head lies beyond the end
    FORKED = "forked"  # another entry stands where a head is known: the log was put back and went on
    TEXT_ALTERED = "text_altered"  # the text is not the one that was written
    TEXT_MISSING = "text_missing"  # the text is gone, and no entry says that it was deleted


@dataclass(frozen=True, slots=True)
class Fault:
    """One break, from entry to entry."""

    kind: Break
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found."""

    entries: int
    head: Head
    faults: tuple[Fault, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def data_text(data: Mapping[str, str]) -> str:
    """How details are kept: the same details always give the same characters."""
    return json.dumps(dict(data), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def text_digest(key: bytes, seq: int, text: str) -> str:
    """The keyed digest of a text, of no use to who would guess what was written; empty without a text."""
    if not text:
        return ""
    return hmac.new(key, f"text\0{seq}\0{text}".encode(), hashlib.sha256).hexdigest()


def entry_mac(key: bytes, before: str, record: AuditRecord) -> str:
    """The mac of an entry that follows the one with the mac `before`. Its own `mac` and `text` play no part."""
    at = record.at.astimezone(UTC).isoformat(timespec="microseconds")
    told = [record.seq, at, record.actor, record.action, record.subject, record.reason, record.data]
    line = json.dumps([before, *told, record.text_digest], ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key, b"entry\0" + line.encode(), hashlib.sha256).hexdigest()


def chained(key: bytes, head: Head, entry: AuditEntry, at: datetime) -> AuditRecord:
    """The entry as the next one after the head."""
    seq = head.seq + 1
    bare = AuditRecord(
        seq=seq,
        at=at,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        reason=entry.reason,
        data=data_text(entry.data),
        text=entry.text or None,
        text_digest=text_digest(key, seq, entry.text),
        mac="",
    )
    return replace(bare, mac=entry_mac(key, head.mac, bare))


class Verification:
    """Reads a chain from its first entry on, and says in the end what is wrong with it."""

    def __init__(self, key: bytes, heads: Sequence[Head] = ()) -> None:
        self._key = key
        self._wanted: dict[int, set[str]] = {}
        for head in heads:
            if head == EMPTY:
                continue
            self._wanted.setdefault(head.seq, set()).add(head.mac)
        self._last = EMPTY
        self._follows = True  # whether the mac before the next entry is known
        self._entries = 0
        self._faults: list[Fault] = []
        self._texts_gone: list[tuple[int, str]] = []
        self._deleted_through = 0
        self._deleted_of: dict[str, int] = {}

    def take(self, record: AuditRecord, *, unreadable: bool = False) -> None:
        """Look at the next entry; they come in the order of their numbers. `unreadable`: its text cannot be opened."""
        if not self._comes_next(record.seq):
            return
        if self._follows and entry_mac(self._key, self._last.mac, record) != record.mac:
            self._fault(Break.ALTERED, record.seq, record.seq)
        elif self._follows:
            self._note_deletion(record)
        self._look_at_text(record, unreadable=unreadable)
        if record.mac not in self._wanted.get(record.seq, {record.mac}):
            self._fault(Break.FORKED, record.seq, record.seq)
        # From here on the mac as it stands counts: one altered entry is one fault, not as many as follow it.
        self._last, self._follows = Head(record.seq, record.mac), True

    def take_garbled(self, seq: int) -> None:
        """The next entry is none that was ever written: its columns hold something else."""
        if self._comes_next(seq):
            self._fault(Break.ALTERED, seq, seq)
            self._last, self._follows = Head(seq, MAC_OF_NOTHING), False

    def _comes_next(self, seq: int) -> bool:
        """Count the entry, and note what is missing before it; False for one before the first, which nobody wrote."""
        self._entries += 1
        if seq <= self._last.seq:
            self._fault(Break.ALTERED, seq, seq)
            return False
        if seq != self._last.seq + 1:
            self._fault(Break.MISSING, self._last.seq + 1, seq - 1)
            self._follows = False
        return True

    def result(self) -> Verdict:
        """What was found, once all entries have been looked at."""
        for seq, subject in self._texts_gone:
            if seq > max(self._deleted_through, self._deleted_of.get(subject, 0)):
                self._fault(Break.TEXT_MISSING, seq, seq)
        beyond = [seq for seq in self._wanted if seq > self._last.seq]
        if beyond:
            self._fault(Break.TRUNCATED, self._last.seq + 1, max(beyond))
        faults = tuple(sorted(self._faults, key=lambda fault: (fault.first, fault.kind)))
        return Verdict(self._entries, self._last, faults)

    def _fault(self, kind: Break, first: int, last: int) -> None:
        self._faults.append(Fault(kind, first, last))

    def _note_deletion(self, record: AuditRecord) -> None:
        if record.action != TEXTS_DELETED:
            return
        if record.subject:
            self._deleted_of[record.subject] = record.seq
        else:
            self._deleted_through = max(self._deleted_through, int(record.details["through"]))

    def _look_at_text(self, record: AuditRecord, *, unreadable: bool) -> None:
        if unreadable:
            self._fault(Break.TEXT_ALTERED, record.seq, record.seq)
        elif record.text is None and record.text_digest:
            self._texts_gone.append((record.seq, record.subject))
        elif record.text is not None and text_digest(self._key, record.seq, record.text) != record.text_digest:
            self._fault(Break.TEXT_ALTERED, record.seq, record.seq)
