"""The chain of the audit log: whatever is done to it without the key shows, and nothing else does."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audit import (
    EMPTY,
    TEXTS_DELETED,
    AuditEntry,
    AuditRecord,
    Break,
    Fault,
    Head,
    Verification,
    chained,
    entry_mac,
    parse_head,
    text_digest,
)

KEY = b"k" * 32
START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

Log = list[AuditRecord]


def a_log(entries: int = 6, *further: AuditEntry) -> Log:
    wanted = [
        AuditEntry("a" * 32, "case.seen", f"case-{number}", "handling", {"n": str(number)}, f"看了第{number}件")
        for number in range(1, entries + 1)
    ]
    log: Log = []
    for number, entry in enumerate([*wanted, *further]):
        head = Head(log[-1].seq, log[-1].mac) if log else EMPTY
        log.append(chained(KEY, head, entry, START + timedelta(seconds=number)))
    return log


def verified(log: Log, *heads: Head, key: bytes = KEY) -> tuple[Fault, ...]:
    verification = Verification(key, heads)
    for record in log:
        verification.take(record)
    return verification.result().faults


def head_of(log: Log) -> Head:
    return Head(log[-1].seq, log[-1].mac)


def test_a_log_that_nobody_touched_is_whole() -> None:
    log = a_log()
    verification = Verification(KEY, [EMPTY, head_of(log), Head(3, log[2].mac)])
    for record in log:
        verification.take(record)
    result = verification.result()
    assert (result.is_whole, result.entries, result.head) == (True, 6, head_of(log))


def test_an_empty_log_is_whole_unless_it_is_known_to_have_had_entries() -> None:
    assert verified([]) == ()
    assert verified([], EMPTY) == ()
    assert verified([], Head(4, "f" * 64)) == (Fault(Break.TRUNCATED, 1, 4),)


EDITS: dict[str, Callable[[AuditRecord], AuditRecord]] = {
    "at": lambda record: replace(record, at=record.at + timedelta(microseconds=1)),
    "actor": lambda record: replace(record, actor="b" * 32),
    "action": lambda record: replace(record, action="case.listed"),
    "subject": lambda record: replace(record, subject="case-9"),
    "reason": lambda record: replace(record, reason="appeal"),
    "data": lambda record: replace(record, data=json.dumps({"n": "7"})),
    "text_digest": lambda record: replace(record, text_digest="", text=None),
    "mac": lambda record: replace(record, mac="0" * 64),
}


@pytest.mark.parametrize("at", range(6))
@pytest.mark.parametrize("field", EDITS)
def test_an_edit_of_any_field_of_any_entry_shows(field: str, at: int) -> None:
    log = a_log()
    log[at] = EDITS[field](log[at])
    assert Fault(Break.ALTERED, at + 1, at + 1) in verified(log)


def test_one_edit_is_one_fault() -> None:
    log = a_log()
    log[2] = replace(log[2], actor="b" * 32)
    assert verified(log) == (Fault(Break.ALTERED, 3, 3),)


def test_an_edited_text_shows() -> None:
    log = a_log()
    log[1] = replace(log[1], text="别的话")
    assert verified(log) == (Fault(Break.TEXT_ALTERED, 2, 2),)


def test_removed_entries_show() -> None:
    log = a_log()
    assert verified([log[0], *log[3:]]) == (Fault(Break.MISSING, 2, 3),)
    assert verified(log[2:]) == (Fault(Break.MISSING, 1, 2),)


def test_entries_removed_and_the_rest_numbered_anew_show() -> None:
    log = a_log()
    closed = [replace(record, seq=number) for number, record in enumerate([log[0], *log[2:]], 1)]
    assert Fault(Break.ALTERED, 2, 2) in verified(closed)


def test_entries_that_changed_places_show() -> None:
    log = a_log()
    log[1], log[3] = replace(log[3], seq=2), replace(log[1], seq=4)
    assert {fault.first for fault in verified(log) if fault.kind is Break.ALTERED} >= {2, 4}


def test_a_cut_off_end_shows_against_a_head_that_is_known() -> None:
    log = a_log()
    head = head_of(log)
    assert verified(log[:4]) == ()  # in itself the rest is a fine chain: that is why the head is kept elsewhere
    assert verified(log[:4], head) == (Fault(Break.TRUNCATED, 5, 6),)


def test_a_log_put_back_and_gone_on_with_shows_against_a_head_that_is_known() -> None:
    log = a_log()
    head = head_of(log)
    other = log[:4]
    for text in ("一", "二", "三"):
        entry = AuditEntry("c" * 32, "case.seen", "case-1", text=text)
        other.append(chained(KEY, head_of(other), entry, START + timedelta(days=1)))
    assert verified(other, head) == (Fault(Break.FORKED, 6, 6),)


def test_an_entry_added_without_the_key_shows() -> None:
    log = a_log()
    forged = chained(b"x" * 32, head_of(log), AuditEntry("system", "case.seen"), START)
    assert verified([*log, forged]) == (Fault(Break.ALTERED, 7, 7),)


def test_an_entry_before_the_first_shows() -> None:
    log = a_log()
    assert verified([replace(log[0], seq=0), *log]) == (Fault(Break.ALTERED, 0, 0),)


def test_a_whole_log_of_another_key_shows() -> None:
    assert verified(a_log(), key=b"o" * 32) != ()


def test_a_row_that_is_no_entry_is_a_fault_and_the_rest_is_still_looked_at() -> None:
    log = a_log()
    verification = Verification(KEY)
    for record in log:
        if record.seq == 3:
            verification.take_garbled(3)
        else:
            verification.take(replace(record, actor="b" * 32) if record.seq == 5 else record)
    assert verification.result().faults == (Fault(Break.ALTERED, 3, 3), Fault(Break.ALTERED, 5, 5))


def test_texts_that_were_deleted_by_the_rules_leave_the_chain_whole() -> None:
    log = a_log(6, AuditEntry("system", TEXTS_DELETED, data={"through": "4"}))
    kept = [replace(record, text=None) if record.seq <= 4 else record for record in log]
    assert verified(kept) == ()


def test_texts_about_one_case_may_go_with_the_case() -> None:
    log = a_log(6, AuditEntry("system", TEXTS_DELETED, "case-2"))
    assert verified([replace(record, text=None) if record.subject == "case-2" else record for record in log]) == ()


def test_a_text_that_is_gone_and_was_not_deleted_by_the_rules_shows() -> None:
    log = a_log(6, AuditEntry("system", TEXTS_DELETED, data={"through": "4"}))
    log[4] = replace(log[4], text=None)
    assert verified(log) == (Fault(Break.TEXT_MISSING, 5, 5),)


def test_a_forged_permission_to_delete_texts_counts_for_nothing() -> None:
    log = a_log()
    forged = chained(b"x" * 32, head_of(log), AuditEntry("system", TEXTS_DELETED, data={"through": "6"}), START)
    log[0] = replace(log[0], text=None)
    assert Fault(Break.TEXT_MISSING, 1, 1) in verified([*log, forged])


@given(st.data())
def test_no_single_change_goes_unnoticed(data: st.DataObject) -> None:
    """Any one field of any one entry, to any other value."""
    log = a_log(4)
    head = head_of(log)
    at = data.draw(st.integers(0, 3))
    field = data.draw(st.sampled_from(["actor", "action", "subject", "reason", "data", "text_digest", "mac", "at"]))
    value = data.draw(st.datetimes(timezones=st.just(UTC)) if field == "at" else st.text(max_size=40))
    if value == getattr(log[at], field):
        return
    log[at] = replace(log[at], **{field: value})
    assert verified(log, head) != ()


@given(st.lists(st.integers(0, 5), max_size=6))
def test_no_other_selection_or_order_of_the_entries_is_whole(order: list[int]) -> None:
    log = a_log()
    head = head_of(log)
    others = [log[at] for at in order]
    assert (verified(others, head) == ()) == (others == log)


def test_fields_cannot_be_moved_into_one_another() -> None:
    """What is told apart by the mac are fields, not the characters that they make together."""
    log = a_log(1)
    one, other = replace(log[0], actor="ab", action="c"), replace(log[0], actor="a", action="bc")
    assert entry_mac(KEY, "", one) != entry_mac(KEY, "", other)


def test_the_digest_of_a_text_tells_nothing_without_the_key_and_differs_between_entries() -> None:
    assert text_digest(KEY, 1, "同一句话") != text_digest(KEY, 2, "同一句话")
    assert text_digest(KEY, 1, "同一句话") != text_digest(b"x" * 32, 1, "同一句话")
    assert text_digest(KEY, 1, "") == ""


@pytest.mark.parametrize(
    "fields",
    [
        {"action": ""},
        {"action": "看了案件"},
        {"action": "case.seen", "reason": "因为他说了"},
        {"action": "case.seen", "subject": "x" * 65},
        {"action": "case.seen", "actor": ""},
        {"action": "a" * 33},
    ],
    ids=["none", "chinese", "reason in words", "long subject", "nobody", "long action"],
)
def test_words_where_codes_belong_are_refused(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"code|ids"):
        AuditEntry(**{"actor": "system", **fields})


def test_what_was_written_is_in_no_representation() -> None:
    assert "张三" not in repr(AuditEntry("system", "case.seen", text="张三"))
    assert "张三" not in repr(chained(KEY, EMPTY, AuditEntry("system", "case.seen", text="张三"), START))


def test_a_head_is_read_as_it_is_written() -> None:
    head = Head(12, "a" * 64)
    assert parse_head(f" {head} ") == head
    for wrong in ("", "12", "12:abc", f"x:{'a' * 64}", f"-1:{'a' * 64}"):
        with pytest.raises(ValueError, match="SEQ:MAC"):
            parse_head(wrong)
