"""What a password must be (GB/T 22239 身份鉴别; OWASP ASVS 2.1): long, and not one that others would guess first.

Length by what the account opens; no rule about kinds of characters, which only makes people write «Aa123456!». Whether
it would be guessed is asked of zxcvbn: its lists of the commonest passwords, words and names, keyboard walks, dates,
sequences and repeats, and beside them what people here choose and what a stranger knows of this person.
"""

from collections.abc import Iterable

from zxcvbn import zxcvbn

from rules.access import Role
from rules.findings import Finding

SHORTEST = {Role.VOLUNTEER: 10}  # characters; her own hours are all that it opens
SHORTEST_ELSE = 12  # characters; whoever sees other people's data
LONGEST = 200  # characters; hashing a megabyte would keep the desk waiting
GUESSES = 10**9  # a password that a patient guesser reaches sooner is refused
JUDGED = 72  # characters that zxcvbn reads; what follows only makes it better
# What people here choose, which lists made elsewhere do not hold.
_CHOSEN = (
    "woaini woaini1314 5201314 1314520 woaiwojia woaizuguo wodemima mima iloveyou nihao zhongguo woshishui woshini "
    "wobuzhidao woxihuanni wangjimima qwe123 qaz123 abc123 aa123456 admin root guest huawei dell lenovo taobao baidu "
    "weixin wechat yunnan kunming wuhua panlong guandu xishan qujing dali lijiang yuxi leifeng xueleifeng zhiyuan "
    "zhiyuanzhe zhiyuanfuwu volunteer station shequ wenming gongzuozhan zhanzhang jiluyuan dudao 123456 123456789 "
    "111111 888888 666666 654321 147258369 1qaz2wsx 我爱你 我爱祖国 中国 云南 昆明 学雷锋 雷锋 志愿者 志愿服务 社区 工作站 密码"
)
LOCAL = tuple(_CHOSEN.split())
INSTEAD = "可以用几个不相干的词连起来，例如把三件身边的东西用「-」隔开"


def shortest(role: Role | None) -> int:
    """The least number of characters for an account of this role."""
    return SHORTEST.get(role, SHORTEST_ELSE) if role else min(SHORTEST.values())


def faults(password: str, role: Role | None = None, known: Iterable[str] = ()) -> list[Finding]:
    """The first thing wrong with a new password and what would be right; none when it may be used.

    ``known`` is what a stranger knows: user name, the person's name, the station's.
    """
    least = shortest(role)
    if len(password) < least:
        return _wrong(f"密码至少 {least} 位，现在是 {len(password)} 位；{INSTEAD}。")
    if len(password) > LONGEST:
        return _wrong(f"密码最多 {LONGEST} 位，现在是 {len(password)} 位。")
    if len(set(password)) < 4:
        return _wrong(f"密码里不同的字符太少；{INSTEAD}。")
    if password.isdigit():
        return _wrong(f"密码不要全是数字，生日、电话、证件号别人容易猜到；{INSTEAD}。")
    told = [word for word in known if len(word) > 2 or (word and not word.isascii())]
    for word in told:
        if word.casefold() in password.casefold():
            return _wrong(f"密码不要包含用户名、姓名或站名（「{word}」）；{INSTEAD}。")
    if zxcvbn(password[:JUDGED], user_inputs=[*LOCAL, *told])["guesses"] < GUESSES:
        return _wrong(f"这个密码很多人在用，或由常用词、日期、键盘顺序、重复组成，容易猜到；{INSTEAD}。")
    return []


def _wrong(says: str) -> list[Finding]:
    return [Finding("password", says)]
