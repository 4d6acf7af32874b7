"""What people write in cells, and the value it means; what can be read two ways is refused."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import reading

MARCH_5 = date(2026, 3, 5)
minutes_of_day = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
days = st.dates(date(1910, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    "cell",
    [
        MARCH_5,
        datetime(2026, 3, 5, 8, 30),
        "2026-3-5",
        "2026-03-05",
        "2026/03/05",
        "2026.3.5",
        "2026年3月5日",
        "2026 年 3 月 5 号",
        "２０２６年３月５日",
        "二〇二六年三月五日",
        "2026年3月5日（星期四）",
        "2026-03-05 08:30:00",
        "2026-03-05T08:30",
        "20260305",
        20260305,
        20260305.0,
        46086,
        46086.75,
        "46086",
        " 2026-3-5\u200b",
    ],
)
def test_a_date_is_read(cell):
    assert reading.read_date(cell) == MARCH_5


@pytest.mark.parametrize("cell", ["3月5日", "3月5号", "三月五日", "3-5", "3/5", "03月05日"])
def test_a_date_without_its_year_takes_the_year_given(cell):
    assert reading.read_date(cell, year=2026) == MARCH_5


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("3月5日", "没有写年份"),
        ("2026-2-29", "不是真实的日期"),
        ("20261305", "不是真实的日期"),
        ("0202-03-05", "年份应在"),
        ("5/3/2026", "不能认作日期"),
        ("26-3-5", "不能认作日期"),
        ("2026-3.5", "不能认作日期"),
        ("2026", "不能认作日期"),
        (1990, "不能认作日期"),
        ("3.5", "不能认作日期"),
        (99999, "不能认作日期"),
        (float("nan"), "不能认作日期"),
        (True, "不能认作日期"),
        (None, "不能认作日期"),
        ("下周一", "不能认作日期"),
    ],
)
def test_what_is_no_date_is_refused_in_words(cell, words):
    with pytest.raises(ValueError, match=words):
        reading.read_date(cell)


@given(days)
def test_a_serial_number_reads_as_the_day_a_spreadsheet_shows(day):
    serial = (day - date(1899, 12, 30)).days
    assert reading.read_date(serial) == reading.read_date(f"{serial}.0") == day


@given(days)
def test_a_date_reads_back_from_every_way_of_writing_it(day):
    ways = [
        f"{day:%Y-%m-%d}",
        f"{day:%Y%m%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
    ]
    assert {reading.read_date(way) for way in ways} == {day}


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        (time(8, 30), time(8, 30)),
        (time(8, 29, 59, 999999), time(8, 30)),
        (datetime(2026, 3, 5, 8, 30), time(8, 30)),
        (timedelta(hours=8, minutes=30), time(8, 30)),
        ("8:30", time(8, 30)),
        ("8：30", time(8, 30)),
        ("８：３０", time(8, 30)),
        ("08:30:00", time(8, 30)),
        ("8点", time(8, 0)),
        ("8时5分", time(8, 5)),
        ("上午8点半", time(8, 30)),
        ("早上 八点半", time(8, 30)),
        ("上午12点", time(12, 0)),
        ("下午2点", time(14, 0)),
        ("下午两点整", time(14, 0)),
        ("下午2:15", time(14, 15)),
        ("下午14:00", time(14, 0)),
        ("下午12点半", time(12, 30)),
        ("14点20分", time(14, 20)),
        ("14点20", time(14, 20)),
        ("晚上7点一刻", time(19, 15)),
        ("晚上十一点三刻", time(23, 45)),
        ("中午12点", time(12, 0)),
        ("中午1点", time(13, 0)),
        ("凌晨12点", time(0, 0)),
        ("2:15 PM", time(14, 15)),
        ("12:05 am", time(0, 5)),
        (0.354166, time(8, 30)),
        ("0.354166", time(8, 30)),
        (46086.354166, time(8, 30)),
        (0.5, time(12, 0)),
        (0, time(0, 0)),
        (0.99999, time(23, 59)),
    ],
)
def test_a_time_is_read(cell, at):
    assert reading.read_time(cell) == at


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("24:00", "说不清是几点"),
        ("8:60", "说不清是几点"),
        ("8:30:75", "说不清是几点"),
        ("上午14:00", "说不清是几点"),
        ("晚上1点", "说不清是几点"),
        ("晚上12点", "说不清是几点"),
        ("下午0点", "说不清是几点"),
        ("8:5", "不能认作时间"),
        ("8.30", "不能认作时间"),
        ("8", "不能认作时间"),
        (8, "不能认作时间"),
        (8.5, "不能认作时间"),
        (-0.5, "不能认作时间"),
        ("上午下午3点", "不能认作时间"),
        ("上午", "不能认作时间"),
        ("", "不能认作时间"),
        (None, "不能认作时间"),
        (True, "不能认作时间"),
        (timedelta(days=1), "不能认作时间"),
    ],
)
def test_what_is_no_time_is_refused_in_words(cell, words):
    with pytest.raises(ValueError, match=words):
        reading.read_time(cell)


@given(minutes_of_day)
def test_a_time_reads_back_from_every_way_of_writing_it(at):
    fraction = (at.hour * 60 + at.minute) / 1440
    ways = [f"{at:%H:%M}", f"{at.hour}点{at.minute}分", f"{at:%I:%M %p}", fraction, round(fraction, 6)]
    assert {reading.read_time(way) for way in ways} == {at}


@pytest.mark.parametrize(
    ("cell", "start", "end"),
    [
        ("8:30-11:30", time(8, 30), time(11, 30)),
        ("上午8:30至11:30", time(8, 30), time(11, 30)),
        ("14：00～16：00", time(14, 0), time(16, 0)),
        ("14:00—16:00", time(14, 0), time(16, 0)),
        ("8点半到11点", time(8, 30), time(11, 0)),
        ("8-11点", time(8, 0), time(11, 0)),
        ("下午2-4点", time(14, 0), time(16, 0)),
        ("14时20至16时", time(14, 20), time(16, 0)),
        ("下午2点-4点半", time(14, 0), time(16, 30)),
        ("下午2点-16:00", time(14, 0), time(16, 0)),
        ("上午9:00-14:00", time(9, 0), time(14, 0)),
        ("上午9点至下午2点", time(9, 0), time(14, 0)),
        ("中午12点到1点", time(12, 0), time(13, 0)),
        ("晚上7点 ~ 晚上9点一刻", time(19, 0), time(21, 15)),
    ],
)
def test_a_span_is_read(cell, start, end):
    assert reading.read_span(cell) == (start, end)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("8:30", "不能认作起止时间"),
        ("8:30-9:30-10:30", "不能认作起止时间"),
        ("9:00-2:00", "不晚于开始时间"),
        ("上午9点到2点", "不晚于开始时间"),
        ("9:00-9:00", "不晚于开始时间"),
        ("22:00-24:00", "说不清是几点"),
        ("8-11", "不能认作时间"),
        (None, "不能认作起止时间"),
    ],
)
def test_what_is_no_span_is_refused_in_words(cell, words):
    with pytest.raises(ValueError, match=words):
        reading.read_span(cell)


@pytest.mark.parametrize(
    ("cell", "minutes"),
    [
        ("3", 180),
        (3, 180),
        (3.0, 180),
        (2.5, 150),
        (Decimal("2.50"), 150),
        (0, 0),
        (0.75, 45),
        (1.1, 66),
        (0.29, 17),
        (0.33, 20),
        (0.34, 20),
        ("0.67", 40),
        ("0.333", 20),
        (145 / 60, 145),
        (1 / 3, 20),
        ("２．５", 150),
        ("2.5小时", 150),
        ("2.5 h", 150),
        ("2小时30分", 150),
        ("2小时零5分钟", 125),
        ("2h30m", 150),
        ("两个小时", 120),
        ("90分钟", 90),
        ("1个半小时", 90),
        ("一个半小时", 90),
        ("1小时半", 90),
        ("半小时", 30),
        ("半个钟头", 30),
        ("一刻钟", 15),
        ("2小时一刻钟", 135),
        ("2:30", 150),
        (time(2, 30), 150),
        (timedelta(hours=26, minutes=1), 1561),
    ],
)
def test_a_length_of_time_is_read_as_whole_minutes(cell, minutes):
    assert reading.read_minutes(cell) == minutes


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (1.005, "折合不成整分钟"),
        ("0.125", "折合不成整分钟"),
        (timedelta(seconds=90), "折合不成整分钟"),
        (timedelta(minutes=-5), "折合不成整分钟"),
        (-1, "不能认作时长"),
        ("-0.5小时", "不能认作时长"),
        ("1.5小时30分", "不能认作时长"),
        ("90.5分钟", "不能认作时长"),
        ("2:75", "不能认作时长"),
        ("1000000", "不能认作时长"),
        ("半天", "不能认作时长"),
        ("", "不能认作时长"),
        (None, "不能认作时长"),
        (True, "不能认作时长"),
        (float("nan"), "不能认作时长"),
        (float("inf"), "不能认作时长"),
    ],
)
def test_what_is_no_length_of_time_is_refused_in_words(cell, words):
    with pytest.raises(ValueError, match=words):
        reading.read_minutes(cell)


@given(st.integers(0, 200_000))
def test_minutes_read_back_from_hours_with_two_decimals(minutes):
    hours = (Decimal(minutes) / 60).quantize(Decimal("0.01"))
    assert reading.read_minutes(str(hours)) == reading.read_minutes(float(hours)) == minutes


@given(st.integers(0, 200_000))
def test_minutes_read_back_from_a_spreadsheets_own_division(minutes):
    assert reading.read_minutes(minutes / 60) == minutes


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        ("  张　 三 ", "张 三"),
        ("ＡＢＣ１２３", "ABC123"),
        ("翠湖，（南）路：１号", "翠湖，（南）路：1号"),
        ("\u202d138\u200b1234\ufeff5678\u202c", "13812345678"),
        ("𠮷\U000e0100田", "𠮷\U000e0100田"),
        ("\uf9b4", "\uf9b4"),
        ("\U0002f800", "\U0002f800"),
        ("㎡①", "㎡①"),
        ("一\r\n 二 \n", "一\n二"),
        (138.0, "138"),
        (2.5, "2.5"),
        (7, "7"),
    ],
)
def test_text_is_tidied_and_its_characters_kept(cell, text):
    assert reading.read_text(cell) == text


@given(st.text())
def test_tidy_text_is_left_as_it_is(text):
    tidy = reading.read_text(text)
    assert reading.read_text(tidy) == tidy


def test_half_width_changes_only_full_width_ascii_and_its_space():
    assert reading.half_width("Ａ１：（）～　、。𠮷") == "A1:()~ 、。𠮷"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("男", "1"),
        (" 女 ", "2"),
        ("男性", "1"),
        ("f", "2"),
        (1, "1"),
        (2.0, "2"),
        ("０", "0"),
        ("未说明", "9"),
    ],
)
def test_a_gender_is_read(cell, code):
    assert reading.read_gender(cell) == code


@pytest.mark.parametrize("cell", ["", None, "男女", "3", "帅"])
def test_what_is_no_gender_is_refused_in_words(cell):
    with pytest.raises(ValueError, match="应写“男”或“女”"):
        reading.read_gender(cell)


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        ("是", True),
        ("√", True),
        (True, True),
        (1, True),
        ("y", True),
        ("否", False),
        ("无", False),
        (0.0, False),
    ],
)
def test_yes_and_no_are_read(cell, answer):
    assert reading.read_yes_no(cell) is answer


@pytest.mark.parametrize("cell", ["", None, "也许", 2])
def test_what_is_neither_yes_nor_no_is_refused_in_words(cell):
    with pytest.raises(ValueError, match="应写“是”或“否”"):
        reading.read_yes_no(cell)


cells = st.one_of(
    st.text("0123456789０９-/.:：年月日点时分半刻个小时上午下晚一二十两至到~e+ ", max_size=20),
    st.text(max_size=20),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.booleans(),
    st.none(),
    st.datetimes(),
    st.timedeltas(),
)


@pytest.mark.parametrize(
    ("reader", "kind"),
    [
        (reading.read_date, date),
        (reading.read_time, time),
        (reading.read_span, tuple),
        (reading.read_minutes, int),
        (reading.read_gender, str),
        (reading.read_yes_no, bool),
    ],
)
@given(cell=cells)
def test_whatever_a_cell_holds_is_read_or_refused_in_a_chinese_sentence(reader, kind, cell):
    try:
        assert isinstance(reader(cell), kind)
    except ValueError as refusal:
        assert str(refusal).startswith("“")
        assert str(refusal).endswith("。")


def test_a_long_cell_is_quoted_in_part():
    with pytest.raises(ValueError, match=r"^“啊{30}…”不能认作日期"):
        reading.read_date("啊" * 500)


@pytest.mark.parametrize(
    ("cell", "text"), [(13812345678.0, "13812345678"), ("５３０１02", "530102"), (None, ""), (10**14, str(10**14))]
)
def test_a_number_that_names_something_is_text(cell, text):
    assert reading.read_digits(cell) == text


@pytest.mark.parametrize("cell", [530102199003071094.0, 10**15, 5.30102199003071e17])
def test_a_long_number_kept_as_a_figure_has_lost_its_end(cell):
    with pytest.raises(ValueError, match="丢失"):
        reading.read_digits(cell)


def test_a_text_that_is_taken_as_it_stands_is_one_that_reading_would_leave_alone():
    plain = [char for char in map(chr, range(0x10000)) if reading._AS_KEPT.fullmatch(char)]
    assert len(plain) > 20_900 and {"王", "~", "，"} <= set(plain) and not {" ", "　", "Ａ", "é", "〇"} & set(plain)
    unseen = "\u200b"  # which has to be taken out, so that the text is looked at letter by letter
    for text in [*plain, "".join(plain), " ".join(plain)]:
        assert reading.read_text(text) == text == reading.read_text(unseen + text)
    for text in (" 王", "王 ", "王  芳", "王\n芳", "王\t芳", ""):
        assert not reading._AS_KEPT.fullmatch(text)
