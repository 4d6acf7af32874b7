"""保存期限 (个人信息保护法 19、47): how long what is kept, what a proposal to erase goes through, and a request to be erased.

The periods themselves are policy (`rules.topics.Retention`). The hours account, its records and honours are kept for
ever (民函〔2012〕340号: 长期妥善保管), and the audit log is never shortened (等保; 网络安全法第二十一条: 不少于六个月).
"""

from dataclasses import dataclass

from rules.life import Life, State, Tone, move


@dataclass(frozen=True)
class Kind:
    """One kind of data that a period runs out for: since when the period is counted, and what erasing does."""

    label: str
    since: str
    does: str


KINDS = {
    "left_volunteer": Kind("停用的志愿者", "停用之日", "姓名换成编号，清除证件号码、电话、地址、监护人等；工时账不变"),
    "refused_registration": Kind("没有通过或没有办完的注册申请", "退回、未通过或网上报名之日", "姓名换成编号，清除证件号码、电话、地址等"),
    "recipient": Kind("不再服务的服务对象", "注销之日", "姓名换成编号，清除困难类别、证件号码、电话和具体情况；需求件数不变"),
    "household": Kind("迁出的户", "迁出之日", "户主换成编号，清除住址、电话和家庭情况；走访次数不变"),
    "visit": Kind("走访了解到的情况", "走访之日", "清除了解到的情况；走访日期和走访人保留"),
    "application": Kind("没有录用的报名", "办结之日", "清除报名说明和理由；报名人数不变"),
    "objection": Kind("公示异议的提出人", "核查办结之日", "清除提出人和联系方式；核查结论保留"),
    "complaint": Kind("投诉人", "答复办结之日", "清除投诉人和联系方式；核查结论和答复保留"),
    "photo": Kind("签到表照片", "上传之日", "清除照片；签到表和服务记录保留"),
    "cover": Kind("保险单号", "保险到期之日", "清除保单号；在保起止日期保留"),
}
# What no period runs out for, and why: said on the page beside the others.
KEPT = {
    "工时账、服务记录、星级、嘉许": "长期保存（民函〔2012〕340号：长期妥善保管；志愿者以编号代替姓名后，工时不变）",
    "操作日志": "只增不减，至少六个月（网络安全法第二十一条）；里面的敏感内容只记「已加密」或遮盖后的样子",
    "知情同意书": "随本人资料一并清除签字人姓名；哪一版、哪一天同意、哪一天撤回长期保存，作为处理的依据（个人信息保护法第十四条）",
    "导出的文件": "任务结束 7 天后由程序自动删除，不另报批",
}
BATCH = 200  # rows in one proposal: what a head can look through

PROPOSAL = Life(
    "retention",
    (
        State("proposed", "待批准", Tone.WAITING),
        State("approved", "清除中", Tone.WAITING),
        State("done", "已清除", Tone.GOOD),
        State("refused", "暂不清除", Tone.OVER),
    ),
    (
        move("approve", "批准清除", "proposed -> approved", "head", expected=True,
             warns="批准后由程序逐条清除，不能恢复；仍在办理中的留下并写明原因。"),
        move("refuse", "暂不清除", "proposed -> refused", "head", reason=True),
        move("finish", "清除完毕", "approved -> done", "system"),
    ),
    "到期清除",
    "批",
)  # fmt: skip

ERASURE = Life(
    "erasures",
    (
        State("asked", "待办理", Tone.WAITING),
        State("done", "已注销", Tone.GOOD),
        State("refused", "不予注销", Tone.BAD),
        State("dropped", "本人取消", Tone.OVER),
    ),
    (
        move("erase", "注销并清除", "asked -> done", "head", own_entry=False, expected=True, asks="leftover?",
             warns="姓名换成编号，个人信息清除后不能恢复；工时账、服务记录、星级、嘉许和统计数字不变。"),
        move("refuse", "不予注销", "asked -> refused", "head", own_entry=False, reason=True),
        move("drop", "本人取消", "asked -> dropped", "recorder head volunteer", reason=True),
    ),
    "注销申请",
    "件",
)  # fmt: skip

LEFTOVER = {"donated": "捐给工作站", "forfeited": "放弃"}  # what becomes of minutes that could still be exchanged
ERASED = "已注销"


def number_for(card_no: str | None, kind: str, key: int) -> str:
    """What stands in the place of a name: the volunteer's number, else a letter and the row's own."""
    return f"{ERASED} {card_no or f'{kind}{key}'}"
