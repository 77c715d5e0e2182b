"""Signatures and encryption of the callback: who is let in, and that one error covers every malformed input."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat.crypto import CallbackCrypto
from bot.channels.wechat.document import read
from bot.channels.wechat.refusal import Refused
from tests.wechat import APP_ID, KEY, OLD_KEY, TOKEN, a_text, seal, sign, unseal

CRYPTO = CallbackCrypto(TOKEN, APP_ID, [KEY, OLD_KEY])


def open_signed(encrypted: str, crypto: CallbackCrypto = CRYPTO) -> bytes:
    return crypto.decrypt(encrypted, sign(TOKEN, "1", "2", encrypted), "1", "2").document


def refusal(encrypted: str, crypto: CallbackCrypto = CRYPTO) -> str:
    with pytest.raises(Refused) as caught:
        open_signed(encrypted, crypto)
    return caught.value.reason


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_what_wechat_encrypts_is_what_we_read(text: str) -> None:
    assert open_signed(seal(text)).decode() == text


@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_what_we_encrypt_is_what_wechat_reads(text: str) -> None:
    envelope = read(CRYPTO.encrypt(text, "1795312800", "nonce-1"))
    encrypted = envelope.findtext("Encrypt") or ""
    assert unseal(encrypted) == (text, APP_ID)
    assert envelope.findtext("MsgSignature") == sign(TOKEN, "1795312800", "nonce-1", encrypted)


@pytest.mark.parametrize(("key", "number"), [(KEY, 0), (OLD_KEY, 1)], ids=["current", "previous"])
def test_while_keys_change_both_open_and_the_same_one_answers(key: str, number: int) -> None:
    encrypted = seal("还在换钥匙", key)
    opened = CRYPTO.decrypt(encrypted, sign(TOKEN, "1", "2", encrypted), "1", "2")
    assert (opened.document.decode(), opened.key) == ("还在换钥匙", number)
    reply = read(CRYPTO.encrypt("答复", "1", "2", opened.key)).findtext("Encrypt") or ""
    assert unseal(reply, key)[0] == "答复"


def test_a_message_for_another_account_is_refused() -> None:
    assert refusal(seal("x", app_id="wxffffffffffffffff")) == "app_id"
    assert refusal(seal("x", OLD_KEY, app_id=APP_ID + "0")) == "app_id"


def test_a_key_that_is_not_ours_opens_nothing() -> None:
    assert refusal(seal("x", "A" * 43)) == "undecipherable"


def test_without_any_key_nothing_encrypted_is_taken() -> None:
    assert refusal(seal("x"), CallbackCrypto(TOKEN, APP_ID)) == "no_aes_key"


def test_the_signature_is_checked_before_anything_is_decrypted() -> None:
    encrypted = seal(a_text("x"))
    for wrong in ("", "0" * 40, sign("another token", "1", "2", encrypted), sign(TOKEN, "1", "2"), "签名"):
        with pytest.raises(Refused) as caught:
            CRYPTO.decrypt(encrypted, wrong, "1", "2")
        assert (caught.value.reason, caught.value.status) == ("signature", 403)


@pytest.mark.parametrize(
    "encrypted",
    ["", "!", "====", "QQ==", base64.b64encode(b"x" * 31).decode(), base64.b64encode(b"x" * 64).decode(), "密文"],
    ids=["empty", "sign", "padding", "short", "odd-length", "noise", "chinese"],
)
def test_a_malformed_ciphertext_is_refused(encrypted: str) -> None:
    refusal(encrypted)


@given(noise=st.binary(min_size=1, max_size=6).map(lambda part: part * 32))
def test_no_signed_noise_whatever_raises_anything_else(noise: bytes) -> None:
    """Even somebody who knows the token gets a refusal and no other error."""
    refusal(base64.b64encode(noise).decode())


def test_the_same_reply_never_looks_the_same() -> None:
    assert CRYPTO.encrypt("答复", "1", "2") != CRYPTO.encrypt("答复", "1", "2")
