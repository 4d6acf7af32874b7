"""The first page: three figures, what waits for her, and the way to everything else."""

from models import clock, her_account, presence
from models.her_waits import DAYS, waits
from models.hours import Balance, spendable_on
from models.stars import StarGrant
from views.asking import actor
from views.gate import right
from views.me.frame import me, pages, shown

# What waits: what is said of so many, and where it is done.
WAITS = {
    "offers": ("%(count)s 个岗位等您确认，过时名额会给下一位", "me.applications"),
    "turns": ("%(days)s 天内有 %(count)s 次排班，请确认去不去", "me.roster"),
    "fetch": ("%(count)s 份兑换已经批准，请到工作站领取", "me.exchange"),
    "decided": ("%(count)s 条更正有了决定", "me.asked"),
    "certificates": ("%(count)s 份服务证明已经开好", "me.certificates"),
    "noticed": ("您有 %(count)s 项正在公示，有错请在期内提出", "me.notices"),
}
# Where everything is: endpoint, name, and what is there in a few words.
WAYS = [
    ("me.hours_page", "我的工时", "每一笔从哪里来、谁决定的"),
    ("me.lots", "可兑换工时", "哪几笔、什么时候到期"),
    ("me.records", "服务记录", "有错可以申请更正、提出异议"),
    ("me.notices", "公示中的", "到哪天止，有错可以提异议"),
    ("me.stars", "星级和嘉许", "下一颗星还差多少"),
    ("me.roster", "我的排班", "时间、地点、找谁"),
    ("me.projects", "报名项目", "正在招募的项目"),
    ("me.applications", "我的报名", "办到哪一步了"),
    ("me.training", "培训和资质", "学时、证书有效期"),
    ("me.exchange", "兑换", "工时能换什么"),
    ("me.certificates", "服务证明", "申请、查看、核验"),
    ("me.asked", "我提出的", "更正、异议、申诉的结果"),
    ("me.own", "我的资料", "同意书、下载资料、注销"),
    ("me_account", "密码和登录", "改密码、全部退出"),
]


@pages.get("/")
@right("see", "me")
def index() -> str:
    """Only the signed-in volunteer's own rows."""
    person = me()
    balance, today = Balance.get_or_none(Balance.volunteer == person.id), clock.today()
    soon, first_day = her_account.runs_out(person.id, today)
    stands = (StarGrant.volunteer == person.id) & (StarGrant.state == "recognised")
    star = StarGrant.select().where(stands).order_by(StarGrant.star.desc()).first()
    return shown(
        "index", person, balance=balance, spendable=spendable_on(balance, today) if balance else 0, star=star,
        leads=presence.leads(actor()), soon=soon, soon_days=her_account.SOON, first_day=first_day, by=actor(), days=DAYS, ways=WAYS,
        waits=[(one.count, *WAITS[one.kind]) for one in waits(person.id)],
    )  # fmt: skip
