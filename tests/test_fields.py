"""Columns of our own: what is sealed stays sealed, codes are found whole, JSON comes back as it went."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.fields import CodesField, JSONText, Keyring, SealedField
from models.volunteers import Volunteer


def ring(key: bytes = b"k" * 32) -> Keyring:
    made = Keyring()
    made.open(key)
    return made


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
