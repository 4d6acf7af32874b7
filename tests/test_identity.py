"""Identity documents, names and telephones: what passes, what is refused in which words, what is masked."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import identity
from rules.findings import errors
from rules.identity import DocumentType, Facts

TODAY = date(2026, 3, 5)
LI_HUA = "530102199003071094"  # synthetic: 五华区, 1990-03-07, a man


def says(kind: str, number: str) -> str:
    findings = errors(identity.check_document(DocumentType(kind), number, TODAY))
    return " ".join(finding.says for finding in findings)


areas = st.from_regex(r"[1-7][0-9]{5}", fullmatch=True)
births = st.dates(date(1910, 1, 1), TODAY)
sequences = st.integers(0, 999)
made = st.builds(identity.make_resident_id, areas, births, sequences)


@given(made)
def test_every_made_number_passes(number):
    assert identity.check_document(DocumentType.RESIDENT_ID, number, TODAY) == []


@given(made, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_every_single_change_of_a_made_number_fails(number, place, char):
    changed = number[:place] + char + number[place + 1 :]
    if changed != number:
        assert errors(identity.check_document(DocumentType.RESIDENT_ID, changed, TODAY))


@given(areas, births, sequences)
def test_facts_are_those_the_number_was_made_of(area, birth, sequence):
    number = identity.make_resident_id(area, birth, sequence)
    assert identity.facts(DocumentType.RESIDENT_ID, number) == Facts(birth, "1" if sequence % 2 else "2")


@pytest.mark.parametrize("number", ["530102199003071094", "11010519491231002X", "11010519491231002x"])
def test_a_known_number_passes(number):
    assert says("resident_id", number) == ""


@pytest.mark.parametrize(
    "area",
    ["530102", "530111", "532201", "532233", "533001", "533022", "532701", "532721", "530328", "532331"],
)
def test_a_retired_county_code_stays_valid(area):
    assert says("resident_id", identity.make_resident_id(area, date(1970, 5, 1), 21)) == ""


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("", "还没有填写证件号码"),
        ("　 ", "还没有填写证件号码"),
        ("530102900307109", "15 位身份证号码已停止使用"),
        ("53010219900307109", "现为 17 位"),
        ("5301021990030710944", "现为 19 位"),
        ("030102199003071094", "首位不为 0"),
        ("53010219900307109A", "末位是数字或 X"),
        ("53010219900307109٤", "末位是数字或 X"),
        ("530102199013071094", "不是真实的日期"),
        ("530102199002301094", "不是真实的日期"),
        ("530102199003071095", "末位应为 4"),
        ("530102199003072000", "把该列设为文本"),
        ("5.30102E+17", "科学计数法"),
    ],
)
def test_a_wrong_resident_number_is_refused_in_words(number, words):
    assert words in says("resident_id", number)


def test_a_number_born_tomorrow_is_refused_and_born_today_is_not():
    tomorrow = identity.make_resident_id("530102", TODAY + timedelta(days=1), 1)
    assert "晚于今天" in says("resident_id", tomorrow)
    assert says("resident_id", identity.make_resident_id("530102", TODAY, 1)) == ""


def test_a_very_old_birth_date_only_warns():
    number = identity.make_resident_id("530102", date(1900, 1, 1), 1)
    [finding] = identity.check_document(DocumentType.RESIDENT_ID, number, TODAY)
    assert finding.warning
    assert "超过 120 岁" in finding.says


def test_a_finding_points_at_the_field_it_was_asked_about():
    [finding] = identity.check_document(DocumentType.RESIDENT_ID, "1", TODAY, where="guardian_number")
    assert finding.where == "guardian_number"


@pytest.mark.parametrize(
    ("kind", "area", "right"),
    [
        ("resident_id", "830000", "港澳台居民居住证"),
        ("resident_id", "915601", "外国人永久居留身份证"),
        ("hmt_residence", "530102", "居民身份证"),
        ("permanent_residence", "530102", "居民身份证"),
    ],
)
def test_a_number_of_another_document_is_named_for_what_it_is(kind, area, right):
    number = identity.make_resident_id(area, date(1990, 3, 7), 109)
    assert f"应选“{right}”" in says(kind, number)


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("hk_macau_permit", "H12345678"),
        ("hk_macau_permit", "M12345678"),
        ("hk_macau_permit", "h1234567801"),
        ("taiwan_permit", "12345678"),
        ("taiwan_permit", "1234567890"),
        ("taiwan_permit", "1234567890B"),
        ("hmt_residence", identity.make_resident_id("810000", date(1990, 3, 7), 12)),
        ("hmt_residence", identity.make_resident_id("820000", date(1990, 3, 7), 12)),
        ("hmt_residence", identity.make_resident_id("830000", date(1990, 3, 7), 12)),
        ("permanent_residence", identity.make_resident_id("931276", date(1990, 3, 7), 12)),
        ("permanent_residence", "USA310090030712"),
        ("passport_cn", "E12345678"),
        ("passport_cn", "ea1234567"),
        ("passport_cn", "G12345678"),
        ("passport_cn", "KJ1234567"),
        ("passport_cn", "MA1234567"),
        ("passport_foreign", "C01X00T47"),
        ("passport_foreign", "12345"),
    ],
)
def test_other_documents_pass(kind, number):
    assert identity.check_document(DocumentType(kind), number, TODAY) == []


@pytest.mark.parametrize(
    ("kind", "number", "words"),
    [
        ("hk_macau_permit", "A12345678", "H 或 M 加 8 位数字"),
        ("hk_macau_permit", "H123456789", "H 或 M 加 8 位数字"),
        ("taiwan_permit", "1234567", "8 位数字"),
        ("hmt_residence", "H12345678", "810000、820000 或 830000"),
        ("hmt_residence", "810000199003071094", "逐位对照证件"),
        ("permanent_residence", "USA31009003071", "以 9 开头的 18 位"),
        ("passport_cn", "E1234567", "E 加 8 位数字"),
        ("passport_foreign", "1234", "5 至 17 位"),
        ("passport_foreign", "C01-X00", "5 至 17 位"),
    ],
)
def test_a_wrong_number_says_the_form_of_its_own_document(kind, number, words):
    assert words in says(kind, number)


def test_a_service_passport_warns_and_passes():
    [finding] = identity.check_document(DocumentType.PASSPORT_CN, "SE1234567", TODAY)
    assert finding.warning
    assert "对照证件" in finding.says


def test_every_document_has_its_own_chinese_name():
    labels = [kind.label for kind in DocumentType]
    assert len(set(labels)) == 7
    assert DocumentType("resident_id").label == "居民身份证"


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("resident_id", "530102199003071095"),
        ("resident_id", "530102199013071094"),
        ("resident_id", "530102900307109"),
        ("resident_id", "９"),
        ("hmt_residence", LI_HUA),
        ("passport_cn", "E12345678"),
    ],
)
def test_no_facts_come_from_a_number_that_is_wrong_or_holds_none(kind, number):
    assert identity.facts(DocumentType(kind), number) is None


def test_facts_of_the_other_eighteen_digit_documents_are_read_too():
    number = identity.make_resident_id("931276", date(1985, 12, 31), 12)
    assert identity.facts(DocumentType.PERMANENT_RESIDENCE, number) == Facts(date(1985, 12, 31), "2")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("５３０１０２１９９００３０７１０９４", LI_HUA),
        (" 530102 19900307 1094\n", LI_HUA),
        ("\u202d530102\u200b199003071094\ufeff", LI_HUA),
        ("11010519491231002ｘ", "11010519491231002X"),
    ],
)
def test_a_number_is_stored_in_one_form(typed, stored):
    assert identity.normalise(typed) == stored


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2008, 3, 5), TODAY, 18),
        (date(2008, 3, 6), TODAY, 17),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (TODAY, TODAY, 0),
    ],
)
def test_age_is_full_years(birth, day, age):
    assert identity.age_on(birth, day) == age


def test_an_age_before_birth_is_an_error():
    with pytest.raises(ValueError, match="before the birth"):
        identity.age_on(date(2026, 3, 6), TODAY)


@pytest.mark.parametrize(("area", "sequence"), [("53010", 1), ("530102", 1000), ("530102", -1)])
def test_a_number_cannot_be_made_of_wrong_parts(area, sequence):
    with pytest.raises(ValueError, match="six digits"):
        identity.make_resident_id(area, TODAY, sequence)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        (LI_HUA, "530102*********094"),
        ("E12345678", "E1*****78"),
        ("USA310090030712", "US***********12"),
        ("12345", "1***5"),
        ("12", "**"),
        ("", ""),
    ],
)
def test_a_number_is_masked(number, masked):
    assert identity.mask(number) == masked


@given(st.text("0123456789X", max_size=30))
def test_a_mask_keeps_the_length_and_little_else(number):
    masked = identity.mask(number)
    assert len(masked) == len(number)
    assert len(masked.replace("*", "")) <= (9 if len(number) == 18 else 4)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张三丰", "张*丰"),
        ("欧阳娜娜", "欧**娜"),
        ("阿卜杜拉·买买提", "阿***·**提"),
        ("John Smith", "J*** ****h"),
        ("𠮷田", "𠮷*"),
        ("张", "*"),
        ("", ""),
    ],
)
def test_a_name_is_masked(name, masked):
    assert identity.mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138****5678"),
        ("+86 138 1234 5678", "138****5678"),
        ("0871-65123456", "0871-******56"),
        ("087165123456", "0871-******56"),
        ("0871-65123456-801", "0871-******56"),
        ("65123456", "******56"),
        ("110", "***"),
    ],
)
def test_a_phone_is_masked(phone, masked):
    assert identity.mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("云南省昆明市五华区华山街道翠湖南路12号3栋201室", "云南省昆明市五华区华山街道****"),
        ("大理白族自治州大理市下关镇文化路5号", "大理白族自治州大理市下关镇****"),
        ("昭通市镇雄县乌峰街道南大街8号", "昭通市镇雄县乌峰街道****"),
        ("楚雄市鹿城镇东兴社区1号", "楚雄市鹿城镇****"),
        ("翠湖小区3栋2单元", "****"),
        ("12号院", "****"),
        ("五华区", "五华区"),
        ("", ""),
    ],
)
def test_an_address_is_masked_below_the_street_office(address, masked):
    assert identity.mask_address(address) == masked


@pytest.mark.parametrize(
    "phone",
    [
        "13812345678",
        "１９９１２３４５６７８",
        "138-1234-5678",
        "+8613812345678",
        "0871-65123456",
        "(0871)65123456",
        "06912123456",
        "010-65123456转12",
    ],
)
def test_a_phone_passes(phone):
    assert identity.check_phone(phone) == []


@pytest.mark.parametrize(
    ("phone", "words"),
    [
        ("", "还没有填写电话"),
        ("1381234567", "现为 10 位"),
        ("138123456789", "现为 12 位"),
        ("65123456", "缺少区号"),
        ("12812345678", "写法不对"),
        ("无", "写法不对"),
        ("٠٨٧١٦٥١٢٣٤٥٦", "写法不对"),
    ],
)
def test_a_wrong_phone_is_refused_in_words(phone, words):
    [finding] = identity.check_phone(phone)
    assert finding.where == "phone"
    assert words in finding.says


@pytest.mark.parametrize("typed", ["0871 65123456", "（0871）65123456", "0871－65123456", "087165123456"])
def test_a_land_line_is_stored_in_one_form(typed):
    assert identity.normalise_phone(typed) == "0871-65123456"


@pytest.mark.parametrize(
    "name",
    [
        "张三",
        "𠮷田",
        "\U00031350三",  # newer than this Python's Unicode tables
        "阿卜杜拉·买买提",
        "〇一",
        "John Smith",
        "O'Neil-Jones Jr.",
        "José",
        "葛\U000e0100城",
        "名" * 50,
    ],
)
def test_a_name_passes(name):
    assert identity.check_name(name) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "还没有填写姓名"),
        ("　", "还没有填写姓名"),
        ("名" * 51, "最多 50 个字"),
        ("张三2", "不应有数字"),
        ("张三②", "不应有数字"),
        ("张\u200b三", "看不见的字符"),
        ("\u202e张三", "看不见的字符"),
        ("张\x00三", "看不见的字符"),
        ("张\n三", "看不见的字符"),
        ("阿卜杜拉•买买提", "应写作“·”"),
        ("阿卜杜拉.买买提", "应写作“·”"),
        ("·买买提", "两段姓名之间"),
        ("阿卜··买", "两段姓名之间"),
        ("张　三", "不应有空格"),
        (" 张三", "不应有空格"),
        ("张三（大）", "“（）”"),
        ("😀", "不应有“😀”"),
        ("-", "没有字"),
    ],
)
def test_a_wrong_name_is_refused_in_words(name, words):
    [finding] = identity.check_name(name)
    assert words in finding.says
    assert not finding.warning


@given(st.text(max_size=60), st.sampled_from(DocumentType))
def test_whatever_is_typed_is_answered_with_findings_and_never_an_exception(text, kind):
    found = identity.check_document(kind, text, TODAY) + identity.check_phone(text) + identity.check_name(text)
    assert all(finding.says.endswith("。") for finding in found)
    assert found, "no text is at once a document, a telephone and a name"
    assert identity.facts(kind, text) is None
    masked = [
        identity.mask(text),
        identity.mask_name(text),
        identity.mask_phone(text),
        identity.mask_address(text),
    ]
    assert all(isinstance(shown, str) for shown in masked)


def test_a_private_use_character_in_a_name_only_warns():
    [finding] = identity.check_name("张\ue863")
    assert finding.warning
    assert "自造字" in finding.says
