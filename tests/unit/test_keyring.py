"""Keys: what is sealed opens only where it belongs, and nothing shows key material."""

import base64
import json
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import CannotOpen, KeyRingError
from bot.keyring import (
    KeyRing,
    create_key_ring,
    load_key_ring,
    make_key_ring_document,
    parse_key_ring,
    replace_key_ring,
)

RING = parse_key_ring(make_key_ring_document())


def a_document(**changes: object) -> str:
    return json.dumps({**json.loads(make_key_ring_document()), **changes})


@given(plain=st.binary(max_size=200), context=st.text(max_size=40))
def test_what_is_sealed_opens_in_its_context(plain: bytes, context: str) -> None:
    assert RING.open(RING.seal(plain, context), context) == plain


@given(plain=st.binary(min_size=4, max_size=60))
def test_sealing_hides_the_plaintext_and_never_repeats_itself(plain: bytes) -> None:
    first, second = RING.seal(plain, "a"), RING.seal(plain, "a")
    assert first != second
    assert plain not in first


@given(position=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_single_changed_bit_anywhere_is_noticed(position: int, bit: int) -> None:
    sealed = bytearray(RING.seal("老板不发工资".encode(), "question.text:1"))
    sealed[position % len(sealed)] ^= 1 << bit
    with pytest.raises(CannotOpen):
        RING.open(bytes(sealed), "question.text:1")


@pytest.mark.parametrize("context", ["question.text:2", "inbound.reply:1", ""])
def test_a_value_moved_to_another_record_or_field_does_not_open(context: str) -> None:
    sealed = RING.seal(b"secret", "question.text:1")
    with pytest.raises(CannotOpen) as caught:
        RING.open(sealed, context)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x02abcd", b"plain text", b"\x01" + bytes(15)])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(CannotOpen):
        RING.open(sealed, "a")


def test_after_a_rotation_old_values_open_and_new_ones_use_the_new_key() -> None:
    old = RING.seal(b"old", "a")
    new_key = parse_key_ring(make_key_ring_document()).keys[0]
    rotated = KeyRing((new_key, *RING.keys), RING.pepper)
    assert rotated.open(old, "a") == b"old"
    with pytest.raises(CannotOpen, match="not on the ring"):
        RING.open(rotated.seal(b"new", "a"), "a")


def test_a_person_is_the_same_across_rotations_and_different_across_channels() -> None:
    rotated = KeyRing(parse_key_ring(make_key_ring_document()).keys, RING.pepper)
    assert rotated.person("wechat", "openid") == RING.person("wechat", "openid")
    assert RING.person("wechat", "openid") != RING.person("site", "openid")


def test_channel_and_sender_cannot_be_shifted_into_one_another() -> None:
    assert RING.person("we", "chat-1") != RING.person("wechat", "-1")


def test_a_hash_says_nothing_without_the_pepper() -> None:
    other = KeyRing(RING.keys, parse_key_ring(make_key_ring_document()).pepper)
    assert other.person("wechat", "openid") != RING.person("wechat", "openid")
    assert "openid" not in RING.person("wechat", "openid")


BROKEN = {
    "not json": "{",
    "a list": "[]",
    "nothing": "{}",
    "no keys": a_document(keys=[]),
    "short key": a_document(keys=[{"id": "00000000", "key": base64.b64encode(b"short").decode()}]),
    "short id": a_document(keys=[{"id": "00", "key": base64.b64encode(bytes(32)).decode()}]),
    "id not hex": a_document(keys=[{"id": "zzzzzzzz", "key": base64.b64encode(bytes(32)).decode()}]),
    "key not base64": a_document(keys=[{"id": "00000000", "key": "?" * 44}]),
    "twice the same id": a_document(keys=[{"id": "00000000", "key": base64.b64encode(bytes(32)).decode()}] * 2),
    "no pepper": a_document(pepper=""),
}


@pytest.mark.parametrize("document", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_key_ring_is_refused_without_showing_it(document: str) -> None:
    with pytest.raises(KeyRingError) as caught:
        parse_key_ring(document)
    assert "=" not in str(caught.value)
    assert "?" not in str(caught.value)


def test_a_new_key_ring_file_is_for_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        create_key_ring(tmp_path / "data" / "keys.json")
    finally:
        os.umask(before)
    assert (tmp_path / "data" / "keys.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["keys.json"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666])
def test_a_key_ring_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    create_key_ring(tmp_path / "keys.json")
    (tmp_path / "keys.json").chmod(mode)
    with pytest.raises(KeyRingError, match=f"{mode:o}.*chmod 600"):
        load_key_ring(tmp_path / "keys.json")


def test_an_absent_key_ring_is_told_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(KeyRingError, match=r"keys\.json"):
        load_key_ring(tmp_path / "keys.json")


def test_an_existing_key_ring_is_never_overwritten(tmp_path: Path) -> None:
    """Overwriting would make everything sealed so far unreadable for ever."""
    first = create_key_ring(tmp_path / "keys.json")
    assert create_key_ring(tmp_path / "keys.json") == first


def test_processes_that_start_together_end_up_with_one_key_ring(tmp_path: Path) -> None:
    rings: list[KeyRing] = []
    barrier = threading.Barrier(8)

    def start() -> None:
        barrier.wait()
        rings.append(create_key_ring(tmp_path / "keys.json"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(rings)) == 1
    assert len(rings) == 8


def test_a_ring_with_new_keys_opens_and_finds_what_the_old_one_sealed_and_indexed() -> None:
    sealed, indexed = RING.seal(b"old", "a"), RING.index("phone", "13800000000")
    renewed = RING.with_new_key().with_new_index_key().with_new_signing_key()
    assert renewed.open(sealed, "a") == b"old"
    assert not sealed.startswith(renewed.sealing_prefix)
    assert renewed.seal(b"new", "a").startswith(renewed.sealing_prefix)
    assert indexed in renewed.index_all("phone", "13800000000")
    assert renewed.index("phone", "13800000000") != indexed
    assert renewed.index_versions == (2, 1)
    assert [id for id, _ in renewed.signing_keys()] == ["2", "1"]
    assert renewed.signing_keys()[1] == RING.signing_keys()[0]
    assert (renewed.pepper, renewed.audit_key()) == (RING.pepper, RING.audit_key())
    assert renewed.person("wechat", "o1") == RING.person("wechat", "o1")


def test_a_ring_survives_being_written_down() -> None:
    for ring in (RING, RING.with_new_key().with_new_index_key().with_new_signing_key().with_new_key()):
        again = parse_key_ring(ring.document())
        assert again.keys == ring.keys
        assert again.index_all("phone", "1") == ring.index_all("phone", "1")
        assert again.signing_keys() == ring.signing_keys()
        assert parse_key_ring(again.document()) == again


def test_a_key_that_is_taken_off_opens_nothing_and_the_sealing_one_stays() -> None:
    old = RING.seal(b"old", "a")
    renewed = RING.with_new_key()
    ids = [id for id, _ in renewed.keys]
    dropped = renewed.without_keys(ids)
    assert [id for id, _ in dropped.keys] == ids[:1]
    with pytest.raises(CannotOpen):
        dropped.open(old, "a")


def test_a_ring_file_is_replaced_whole_and_stays_private(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    renewed = create_key_ring(path).with_new_key()
    replace_key_ring(path, renewed)
    assert load_key_ring(path).keys == renewed.keys
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["keys.json"]
    with pytest.raises(KeyRingError):
        replace_key_ring(tmp_path / "nowhere" / "keys.json", renewed)


def test_no_ring_shows_its_keys() -> None:
    """An assertion that fails in a log of tests, a crash report: both print values."""
    assert repr(RING) == "KeyRing()"
