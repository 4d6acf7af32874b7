"""What a password must be, and what it is told that is refused."""

import pytest

from rules.access import Role
from rules.passwords import LONGEST, faults, shortest

KNOWN = ["zhang", "张站长", "文林社区学雷锋志愿服务工作站"]


@pytest.mark.parametrize(("role", "least"), [(Role.VOLUNTEER, 10), *((r, 12) for r in Role if r != Role.VOLUNTEER)])
def test_how_long_it_must_be_rests_on_what_it_opens(role, least):
    assert shortest(role) == least
    (short,) = faults("k7mp-w3xr-9dht"[: least - 1], role)
    assert short.says.startswith(f"密码至少 {least} 位，现在是 {least - 1} 位；可以用")
    assert faults("k7mp-w3xr-9dht"[:least], role) == []


@pytest.mark.parametrize("role", [Role.VOLUNTEER, Role.RECORDER, Role.ADMIN])
@pytest.mark.parametrize(
    "common",
    [
        "woaini1314", "5201314", "a123456789", "woaini1314520", "woaini5201314", "1314woaini520", "woaizuguo2026",
        "wodemima123456", "zxcvbnm12345", "1qaz2wsx3edc", "qwertyuiop12", "password1234", "P@ssw0rd2026", "iloveyou1314",
        "Admin@123456", "Huawei@12345", "kunming2026!!", "yunnan123456", "zhiyuanzhe2026", "leifeng123456",
        "abcdefghijkl", "abcabcabcabc", "a1234567890b", "我爱祖国我爱祖国我爱祖国", "aaaaaaaaaaaa", "123456789012",
        "19800506138001", "530102198005061234",
    ],
)  # fmt: skip
def test_what_others_would_guess_first_is_refused_and_told_what_would_be_right(role, common):
    (wrong,) = faults(common, role)
    assert wrong.where == "password" and "可以用几个不相干的词连起来" in wrong.says


@pytest.mark.parametrize(
    "own", ["ZHANG-umbrella-9", "my zhang umbrella", "雨伞张站长石榴第七路公交", "文林社区学雷锋志愿服务工作站八号"]
)
def test_what_everybody_knows_of_the_person_is_refused(own):
    (wrong,) = faults(own, Role.HEAD, KNOWN)
    assert "不要包含用户名、姓名或站名" in wrong.says
    assert faults("umbrella-pome-42-bus", Role.HEAD, KNOWN) == []


@pytest.mark.parametrize(
    "good", ["correct horse 7 battery", "石榴-雨伞-第七路公交车", "k7mp-w3xr-9dht", "Tr0ub4dor&3-lamp", "é–ñ 🌶 grüne lampe", "xq" * 3 + "lamp pot 41 river"]
)
def test_a_long_one_of_any_characters_is_taken(good):
    assert faults(good, Role.ADMIN, KNOWN) == []


def test_it_may_be_long_but_not_endless():
    assert faults("umbrella bus " * 15, Role.ADMIN) == []
    (wrong,) = faults("umbrella bus " * 16, Role.ADMIN)
    assert wrong.says == f"密码最多 {LONGEST} 位，现在是 208 位。"


def test_a_short_word_that_is_in_every_second_password_is_no_name():
    assert faults("k7mp-w3xr-9dht", Role.HEAD, ["k7", ""]) == []
