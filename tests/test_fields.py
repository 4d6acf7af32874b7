"""Columns of our own: what is sealed stays sealed, codes are found whole, JSON comes back as it went."""

import base64
import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from models.base import database
from models.fields import CodesField, JSONText, Keyring, SealedField, keyring
from models.volunteers import Volunteer


def ring(*keys: bytes) -> Keyring:
    made = Keyring()
    made.open(*(keys or (b"k" * 32,)))
    return made


def sealed_as_before(text: str, key: bytes = b"k" * 32) -> str:
    """As the first release sealed: neither the key nor the place named."""
    cipher = AESGCM(hmac.digest(key, b"cipher", hashlib.sha256))
    return "1:" + base64.b64encode(b"n" * 12 + cipher.encrypt(b"n" * 12, text.encode(), None)).decode()


@given(st.text())
def test_what_is_sealed_can_be_read_again(text):
    assert ring().unseal(ring().seal(text)) == text


def test_the_same_text_never_seals_alike_and_always_indexes_alike():
    keys = ring()
    assert keys.seal("530102199003071094") != keys.seal("530102199003071094")
    assert keys.index("530102199003071094") == ring().index("530102199003071094")
    assert keys.index("530102199003071094") != ring(b"z" * 32).index("530102199003071094")
    assert len(keys.index("x")) == 40  # the column's width


@pytest.mark.parametrize(
    "spoil", [lambda s: s[:-6] + "AAAA==", lambda s: s[:20], lambda s: "1:", lambda s: "1:***", lambda s: ""]
)
def test_what_was_altered_or_cut_is_an_error_of_its_own(spoil):
    with pytest.raises(ValueError):
        ring().unseal(spoil(ring().seal("13812345678")))


def test_a_sealed_value_says_which_key_sealed_it_and_is_bound_to_its_column(cast):
    person = cast.registered()
    phone, number = database.execute_sql("SELECT phone, document_number FROM volunteer").fetchone()
    assert phone.split(":")[:2] == number.split(":")[:2] == ["2", keyring.newest.id]
    assert keyring.unseal(phone, "volunteer.phone") == person.phone
    database.execute_sql("UPDATE volunteer SET phone = document_number")
    with pytest.raises(ValueError, match="another column"):
        Volunteer.get_by_id(person.id)


def test_what_the_first_release_sealed_is_still_read_with_any_of_the_keys():
    assert ring().unseal(sealed_as_before("13812345678"), "volunteer.phone") == "13812345678"
    assert ring(b"z" * 32, b"k" * 32).unseal(sealed_as_before("13812345678")) == "13812345678"
    with pytest.raises(ValueError, match="another data key"):
        ring(b"z" * 32).unseal(sealed_as_before("13812345678"))


def test_of_several_keys_the_first_seals_and_all_read_and_find():
    older, both = ring(), ring(b"z" * 32, b"k" * 32)
    assert both.unseal(older.seal("13812345678", "t.c"), "t.c") == "13812345678"
    with pytest.raises(ValueError, match="another data key"):
        older.unseal(both.seal("13812345678"))
    assert both.indexes("x") == [ring(b"z" * 32).index("x"), older.index("x")] and both.index("x") == both.indexes("x")[0]


def test_a_keyring_learns_of_a_new_key_and_forgets_none_that_it_had():
    news = [[b"z" * 32, b"k" * 32], [b"z" * 32]]
    kept = Keyring()
    kept.open(b"k" * 32, news=lambda: news.pop(0) if news else [])
    old = ring().seal("13812345678")
    assert kept.seal("x").startswith(f"2:{ring(b'z' * 32).newest.id}:")
    assert kept.index("x") and not news  # told of the new key alone
    assert kept.unseal(old) == "13812345678"


def test_clear_text_in_a_sealed_column_is_an_error_and_not_a_value():
    with pytest.raises(ValueError, match="not sealed"):
        ring().unseal("13812345678")


def test_another_key_reads_nothing():
    with pytest.raises(ValueError, match="another data key"):
        ring(b"z" * 32).unseal(ring().seal("13812345678"))


def test_a_key_of_another_length_or_none_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        Keyring().open(b"short")
    with pytest.raises(RuntimeError, match="not been opened"):
        Keyring().seal("x")


def test_nothing_stays_nothing():
    field = SealedField()
    assert (field.db_value(None), field.db_value(""), field.python_value(None)) == (None, "", None)


@pytest.mark.parametrize(
    ("given", "kept"),
    [(["05", "01"], " 01 05 "), (["01", "01"], " 01 "), ([], ""), (None, ""), ("01", " 01 "), ("05 01", " 01 05 ")],
)
def test_codes_are_kept_sorted_and_once(given, kept):
    assert CodesField().db_value(given) == kept
    assert CodesField().python_value(kept) == kept.split()


def test_a_code_is_found_whole_and_not_as_a_part(cast_on_either):
    row = cast_on_either.registered(service_times=["01", "12"])
    for code, found in (("01", True), ("12", True), ("11", False), ("1", False), ("2", False)):
        assert Volunteer.select().where(Volunteer.id == row.id, Volunteer.service_times.has(code)).exists() is found


@pytest.mark.parametrize("value", [None, {}, {"甲": [1, None, True]}, "文字", 0])
def test_json_comes_back_as_it_went(value):
    assert JSONText().python_value(JSONText().db_value(value)) == value
