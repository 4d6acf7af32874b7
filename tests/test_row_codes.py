"""Row codes: what is printed is read back, and a slip of the pen never names somebody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.row_codes import RowCode, read_row_code

CODES = st.builds(RowCode, st.integers(1, 999_999), st.integers(1, 9_999_999)) | st.builds(
    RowCode, st.integers(1, 999_999), st.none(), st.integers(1, 99), st.integers(1, 20)
)


@given(CODES)
def test_what_is_printed_is_read_back(code):
    assert read_row_code(str(code)) == code


@given(CODES, st.data())
def test_one_wrong_digit_or_two_that_were_swapped_are_told(code, data):
    text = str(code)
    at = data.draw(st.sampled_from([n for n, char in enumerate(text) if char.isdigit()]))
    wrong = data.draw(st.sampled_from([d for d in "0123456789" if d != text[at]]))
    slips = [text[:at] + wrong + text[at + 1 :]]
    if at + 1 < len(text) and text[at + 1].isdigit() and text[at] != text[at + 1]:
        slips.append(text[:at] + text[at + 1] + text[at] + text[at + 2 :])
    for slip in slips:
        if slip.startswith("0"):
            assert read_row_code(slip) is None
            continue
        with pytest.raises(ValueError, match="行码"):
            read_row_code(slip)


def test_full_width_digits_and_long_hyphens_are_read():
    text = str(RowCode(12, 345))
    assert read_row_code(text.replace("-", "－").translate({n + 48: n + 0xFF10 for n in range(10)})) == RowCode(12, 345)


@pytest.mark.parametrize("text", ["", "李明", "530102000100001", "12-345", "12/345/68", "-1-2-33"])
def test_what_is_no_row_code_is_left_to_others(text):
    assert read_row_code(text) is None
