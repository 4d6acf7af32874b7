"""首次登录码: printed by the head, opens once, within its days, and tells nobody whether a card exists."""

from datetime import timedelta

import pytest

from cast import person
from models import clock, first_codes
from models.audit import Trail
from models.failures import FREE
from models.first_codes import FirstCode, make, read, use
from models.people import Account, let_in, matches, sign_in
from models.policy import for_actor
from models.refusals import NotFound, Refusal
from models.sessions import begin, look_up
from models.volunteers import Volunteer

MINE = "我自己的密码 2026"


@pytest.fixture
def someone(cast) -> Volunteer:
    return cast.registered("李明")


def test_she_sets_her_password_with_the_printed_code_once(cast, someone):
    account, code, until = make(someone.id, cast.head)
    assert account.username == someone.card_no and not account.password
    assert until - clock.wall() > timedelta(days=for_actor("sign_in", cast.head).rule.one_time_days - 1)
    mine = use(someone.card_no, code, MINE, "10.0.0.7")
    assert mine.id == account.id and sign_in(someone.card_no, MINE).id == account.id
    with pytest.raises(Refusal, match="编号或首次登录码不对"):
        use(someone.card_no, code, "另外一个密码 2026")
    assert matches(Account.get_by_id(account.id), MINE)


@pytest.mark.parametrize("typed", ["{}", " {} ", "{upper}", "{bare}", "{wide}"])
def test_the_code_may_be_typed_as_people_type(cast, someone, typed):
    _, code, _ = make(someone.id, cast.head)
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else "－" for c in code)
    said = typed.format(code, upper=code.upper(), bare=code.replace("-", ""), wide=wide)
    assert read(said) == code.replace("-", "")
    assert use(f" {someone.card_no} ", said, MINE)


def test_every_refusal_is_the_same_and_tells_of_no_card(cast, someone):
    stranger, outdated, spent, off = (cast.registered(name) for name in ("王芳", "赵敏", "钱进", "周敏"))
    codes = {one.id: make(one.id, cast.head)[1] for one in (someone, outdated, spent, off)}
    FirstCode.update(until=clock.wall() - timedelta(minutes=1)).where(FirstCode.volunteer == outdated.id).execute()
    use(spent.card_no, codes[spent.id], MINE)
    Account.update(active=False).where(Account.volunteer == off.id).execute()
    said = set()
    for card, code in [
        ("nobody", "abcd-efgh"), (stranger.card_no, "abcd-efgh"), (someone.card_no, "abcd-efgh"), (someone.card_no, ""),
        (outdated.card_no, codes[outdated.id]), (spent.card_no, codes[spent.id]), (off.card_no, codes[off.id]),
        (stranger.card_no, codes[someone.id]), ("", ""),
    ]:  # fmt: skip
        with pytest.raises(Refusal) as no:
            use(card, code, "x")  # a password that would not do is not even looked at
        said.add(str(no.value))
    assert said == {first_codes.WRONG}
    assert Account.get(Account.volunteer == someone.id).password == ""


def test_wrong_codes_make_the_card_wait_and_so_do_those_of_no_card(cast, someone):
    make(someone.id, cast.head)
    for card in (someone.card_no, "nobody"):
        for _ in range(FREE["name"] + 1):
            with pytest.raises(Refusal, match="编号或首次登录码不对"):
                use(card, "abcd-efgh", MINE)
        with pytest.raises(Refusal, match=r"输错次数过多，请 [12] 分钟后再试"):
            use(card, "abcd-efgh", MINE)


def test_a_weak_password_spends_nothing(cast, someone):
    _, code, _ = make(someone.id, cast.head)
    with pytest.raises(Refusal, match="密码"):
        use(someone.card_no, code, "123")
    assert FirstCode.get_by_id(someone.id).used_at is None
    assert use(someone.card_no, code, MINE)


def test_a_new_code_takes_the_old_ones_place_and_a_password_stays_until_it_is_used(cast, someone):
    account, password = let_in(someone.id, cast.head)
    _, token = begin(Account.get_by_id(account.id), "10.0.0.7", "微信")
    first, second = make(someone.id, cast.head)[1], make(someone.id, cast.head)[1]
    with pytest.raises(Refusal):
        use(someone.card_no, first, MINE)
    assert matches(Account.get_by_id(account.id), password) and look_up(token)[0] is not None
    use(someone.card_no, second, MINE)
    assert not matches(Account.get_by_id(account.id), password) and look_up(token)[0] is None


def test_only_the_head_of_her_station_prints_one(cast, someone):
    for who in (cast.recorder, cast.county, cast.province, cast.auditor, cast.admin, cast.volunteer):
        with pytest.raises(Refusal, match="不能办理这一项"):
            make(someone.id, who)
    with pytest.raises(NotFound):
        make(someone.id, cast.head_b)
    applied = Volunteer.enter(cast.recorder, **person("孙立"))
    with pytest.raises(Refusal, match="还没有审核注册"):
        make(applied.id, cast.head)
    assert not FirstCode.select().exists()


def test_the_code_lies_nowhere_and_the_trail_knows_who_printed_and_who_used_it(cast, someone):
    _, code, _ = make(someone.id, cast.head)
    with pytest.raises(Refusal):
        use(someone.card_no, "abcd-efgh", MINE)
    use(someone.card_no, code, MINE, "10.0.0.7")
    row = FirstCode.get_by_id(someone.id)
    kept = [str(row.__data__), *(str(one.__data__) for one in Trail.select())]
    assert not [text for text in kept if code in text or read(code) in text]
    done = [(t.action, t.who) for t in Trail.select().where(Trail.action.startswith("first_")).order_by(Trail.id)]
    assert done == [("first_code", "张站长"), ("first_refused", "李明"), ("first_sign_in", "李明")]


def test_a_restored_database_opens_to_no_code_printed_before(cast, someone):
    _, code, _ = make(someone.id, cast.head)
    assert first_codes.spend_all() == 1
    with pytest.raises(Refusal):
        use(someone.card_no, code, MINE)
