"""Proofs of filing: they hold alone, they say nothing of the content, and the receipt is in none of them."""

import base64
import json
import re
from dataclasses import asdict, replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.complaints.cases import SaidDays, SaidQuantity, Statement
from bot.complaints.receipts import new_receipt
from bot.complaints.worker.proofs import (
    IssuedProof,
    NotAProof,
    Proof,
    ProofFault,
    check_content,
    check_proof,
    fault_words,
    holds_for,
    issue_proof,
    proof_content,
    public_keys,
    read_proof,
)
from bot.complaints.worker.qr import qr_png, qr_svg, receipt_qr
from bot.keyring import KeyRing, make_key_ring_document, parse_key_ring
from bot.wording import load_wording
from tests.builders import ROOT

KEYS = parse_key_ring(make_key_ring_document())
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SAID = Statement(
    narrative="老板拖了三个月工资",
    employer="某建筑公司",
    phone="13800000000",
    since=SaidDays(said="八月起", first=date(2026, 8, 1), last=date(2026, 8, 31)),
    money=SaidQuantity(said="一万二", low=1_200_000, high=1_200_000),
)


def a_proof(keys: KeyRing = KEYS, content: bytes = proof_content(SAID)) -> IssuedProof:
    return issue_proof(
        keys, federation="菏泽市总工会", number="HZ261122-048213", registered_at=NOW, content=content, now=NOW
    )


def test_a_proof_holds_as_file_as_code_and_as_the_address_in_its_qr_code() -> None:
    issued = a_proof()
    for text in (
        issued.document(),
        issued.proof.code(),
        f"https://ask.example.org/proof#{issued.proof.code()}",
        f"  {issued.proof.code()[:40]}\n{issued.proof.code()[40:]} ",
    ):
        checked = check_proof(KEYS, text)
        assert checked.holds, text
        assert checked.current
        assert checked.proof == issued.proof
    assert issued.proof.registered_at == "2026-11-22T10:00:00+08:00"


CHANGES = {
    "number": {"number": "HZ261122-048214"},
    "time": {"registered_at": "2026-11-21T10:00:00+08:00"},
    "issued": {"issued_at": "2026-11-21T10:00:00+08:00"},
    "federation": {"federation": "别的工会"},
    "commitment": {"commitment": "0" * 64},
    "signature": {"signature": base64.urlsafe_b64encode(bytes(64)).rstrip(b"=").decode()},
    "no_signature": {"signature": ""},
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES.keys())
def test_whatever_is_changed_the_signature_does_not_hold(changes: dict[str, str]) -> None:
    issued = a_proof()
    forged = replace(issued, proof=replace(issued.proof, **changes))
    assert check_proof(KEYS, forged.document()).fault is ProofFault.SIGNATURE


@given(position=st.integers(min_value=0), sign=st.sampled_from("ABCDwxyz0189-_"))
def test_no_single_letter_of_a_code_can_be_another(position: int, sign: str) -> None:
    code = a_proof().proof.code()
    position = 5 + position % (len(code) - 5)
    if code[position] != sign:
        assert not check_proof(KEYS, code[:position] + sign + code[position + 1 :]).holds


def test_a_proof_of_another_federation_is_of_an_unknown_key_or_does_not_hold() -> None:
    other = parse_key_ring(make_key_ring_document())
    assert check_proof(KEYS, a_proof(other).document()).fault is ProofFault.SIGNATURE  # both call their first key 1
    renamed = other.with_new_signing_key()
    checked = check_proof(KEYS, a_proof(renamed).document())
    assert (checked.fault, checked.holds) == (ProofFault.UNKNOWN_KEY, False)


def test_a_proof_from_before_a_change_of_keys_holds_and_says_so() -> None:
    old = a_proof()
    rotated = KEYS.with_new_signing_key()
    checked = check_proof(rotated, old.document())
    assert checked.holds
    assert not checked.current
    new = check_proof(rotated, a_proof(rotated).document())
    assert new.holds
    assert new.current


RUBBISH = [
    "",
    "x",
    "GHP1.",
    "GHP1.AAAA",
    "{",
    "{}",
    "[1]",
    '{"format": "gonghui-proof-1"}',
    "GHP1." + "A" * 30_000,
    "１" * 50,
]


@pytest.mark.parametrize("text", RUBBISH)
def test_rubbish_is_no_proof(text: str) -> None:
    checked = check_proof(KEYS, text)
    assert (checked.fault, checked.proof) == (ProofFault.UNREADABLE, None)


@given(text=st.text(max_size=300))
def test_checking_anything_never_fails(text: str) -> None:
    assert not check_proof(KEYS, text).holds
    assert not check_proof(KEYS, f"GHP1.{text}").holds
    assert not check_proof(KEYS, f"{{{text}}}").holds


@given(
    fields=st.dictionaries(st.sampled_from([*asdict(a_proof().proof), "format"]), st.none() | st.integers() | st.text())
)
def test_no_document_with_odd_fields_holds_or_fails(fields: dict[str, object]) -> None:
    original = json.loads(a_proof().document())
    document = original | fields
    if document != original:
        assert not check_proof(KEYS, json.dumps(document)).holds


def test_the_commitment_is_kept_by_the_salt_in_the_workers_file_alone() -> None:
    """Without the salt somebody could try likely contents until one fits."""
    issued = a_proof()
    assert check_content(issued.document(), proof_content(SAID))
    assert not check_content(issued.document(), proof_content(replace(SAID, narrative="别的")))
    assert issued.salt not in issued.proof.code()
    assert issued.salt not in repr(issued)
    assert a_proof().proof.commitment != issued.proof.commitment
    with pytest.raises(NotAProof):
        check_content(json.dumps({**json.loads(issued.document()), "salt": None}), b"")


def test_files_and_category_are_part_of_what_is_committed_to() -> None:
    plain = proof_content(SAID, ["b" * 64, "a" * 64], category="wage")
    assert plain == proof_content(SAID, ["a" * 64, "b" * 64], category="wage")
    assert plain != proof_content(SAID, ["a" * 64], category="wage")
    assert plain != proof_content(SAID, ["a" * 64, "b" * 64], category="injury")


def test_nothing_that_was_said_is_in_a_proof() -> None:
    issued = a_proof()
    unpacked = base64.urlsafe_b64decode(issued.proof.code()[5:] + "==")
    for said in (SAID.narrative, SAID.employer, SAID.phone):
        assert said not in issued.document()
        assert said.encode() not in unpacked


def test_the_receipt_is_in_no_proof_and_no_qr_code_of_one() -> None:
    """Who finds or is shown a proof must not be able to open the case."""
    receipt = new_receipt()
    issued = a_proof(content=proof_content(replace(SAID, narrative=f"我的凭证 {receipt.reveal()}")))
    texts = [issued.document(), issued.proof.code(), issued.proof.signed_text().decode(), repr(issued)]
    texts.append(base64.urlsafe_b64decode(issued.proof.code()[5:] + "==").decode(errors="replace"))
    texts.append(qr_svg(f"https://ask.example.org/proof#{issued.proof.code()}", title="proof"))
    for text in texts:
        assert receipt.reveal() not in text
        assert receipt.grouped() not in text
        assert not re.search(r"(?<!\d)\d{16}(?!\d)", text)


def test_anybody_can_check_with_the_published_key_alone() -> None:
    rotated = KEYS.with_new_signing_key()
    keys = dict(public_keys(rotated))
    proof = read_proof(a_proof(rotated).document())
    assert holds_for(proof, keys[proof.key_id])
    assert not holds_for(proof, keys["1"])
    assert not holds_for(proof, "not a key")
    assert proof.signed_text().decode().split("\n")[:3] == ["gonghui-proof-1", "2", "HZ261122-048213"]


def test_no_field_can_pretend_to_be_two() -> None:
    """The signed lines cannot be shifted by a line break in one of them."""
    issued = issue_proof(KEYS, federation="甲\n乙", number="HZ261122-048213", registered_at=NOW, content=b"", now=NOW)
    assert "\n" not in issued.proof.federation
    assert check_proof(KEYS, issued.document()).holds
    shifted = replace(issued.proof, federation="甲\n乙")
    assert isinstance(shifted, Proof)
    assert check_proof(KEYS, replace(issued, proof=shifted).document()).fault is ProofFault.UNREADABLE


def test_every_fault_has_its_words() -> None:
    words = load_wording(ROOT / "content" / "replies")
    assert all(words(fault_words(fault)) for fault in ProofFault)


def test_the_qr_code_of_a_receipt_holds_its_digits_and_no_address() -> None:
    """Sixteen digits fit the smallest of all codes; an address would not."""
    receipt = new_receipt()
    drawn = receipt_qr(receipt, title="登记凭证")
    assert drawn.startswith("<svg ")
    assert "<title>登记凭证</title>" in drawn
    assert receipt.reveal() not in drawn
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")
    assert 'width="145"' in drawn  # version 1: 21 modules and the border, 5 dots each
    assert qr_png("x").startswith(b"\x89PNG")


def test_what_does_not_fit_into_a_code_is_said() -> None:
    with pytest.raises(ValueError, match="data"):
        qr_svg("x" * 5000, title="t")
