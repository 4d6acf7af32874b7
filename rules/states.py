"""The life of each stage, written once as data: states, moves, who may, what a screen calls them.

What a move does to the database stands beside the table in `models`; here is only what is legal. The main line's
lives stand here, every other stage's in its own room; `LIVES` gathers them all.
"""

from rules.activities import ASSIGNMENT
from rules.anomalies import ANOMALY
from rules.certificates import CERTIFICATE
from rules.complaints import COMPLAINT
from rules.consents import CONSENT
from rules.giving import GIFT, GRANT
from rules.honours import HONOUR
from rules.life import Life, State, Tone, move
from rules.measures import TAKE_UP
from rules.needs import NEED
from rules.notices import NOTICE, OBJECTION
from rules.openings import OPENING
from rules.pairing import PAIRING
from rules.policy_office import POLICY_DRAFT
from rules.presence import PUNCH
from rules.projects import APPLICATION, PROJECT
from rules.publicity import FOLLOW_UP, MEETING, STORY
from rules.retention import ERASURE, PROPOSAL
from rules.rewards import REDEMPTION
from rules.signing import PEER
from rules.stars import STAR
from rules.stations import DISSOLUTION, SELF_CHECK, SET_UP, SPOT_CHECK
from rules.stock import COUNT
from rules.teams import MEMBER, TEAM
from rules.training import ATTENDANCE, BACKBONE_LIFE, QUALIFICATION, TRAINING, TRAINING_PLAN
from rules.transfer import ARRIVAL, DEPARTURE

VOLUNTEER = Life(
    "volunteers",
    (
        State("applied", "待审核", Tone.WAITING),
        State("online", "网上报名", Tone.WAITING),  # nobody has held her document against it yet
        State("registered", "已注册", Tone.GOOD),
        State("returned", "已退回", Tone.BAD),
        State("refused", "未通过", Tone.BAD),
        State("known", "以前已登记", Tone.OVER),
        State("suspended", "已停用", Tone.OVER),
        State("leaving", "转出在途", Tone.WAITING),
        State("moved", "已转出", Tone.OVER),
        State("erased", "已注销", Tone.OVER),
    ),
    (
        move("approve", "审核通过", "applied -> registered", "head", own_entry=False, expected=True,
              warns="将编发志愿者编号和服务记录证。"),
        move("identify", "证件已核对", "online returned -> applied", "recorder head", expected=True,
             warns="请对照证件原件核对本人、姓名和号码；本人没有带证件到站的不要点。核对以后由站长审核。"),
        move("lead", "转到以前的登记", "online returned -> known", "recorder head",
             warns="本人持证件到站才能办。这份网上报名就此办结；以前的登记在别的工作站的，同时向那里提出认领。"),
        move("return", "退回", "applied online -> returned", "head", reason=True,
             warns="网上报名的，本人查得到退回的理由，可以改正后再送。"),
        move("resubmit", "重新提交", "returned -> applied", "recorder head system", expected=True),
        # An applicant corrects what she sent from home, before anybody has seen her document (`models.sign_ups`).
        move("resend", "本人重新送出", "returned -> online", "system"),
        move("refuse", "不予注册", "applied online returned -> refused", "head", reason=True,
             warns="本人查得到不予注册的理由，可以提出异议。"),
        move("reconsider", "重新审核", "refused -> applied", "head", reason=True),
        move("suspend", "停用", "registered -> suspended", "head system", reason=True,
              warns="停用后不能再登记新的服务记录，工时账保持不变。"),
        move("restore", "恢复", "suspended -> registered", "head", reason=True),
        # A transfer to another installation makes these (`models.transfer`).
        move("depart", "转出在途", "registered suspended -> leaving", "system"),
        move("stay", "未转出", "leaving -> registered", "system"),
        move("go", "已转出", "leaving -> moved", "system"),
        move("come", "转入", "moved -> registered", "system"),
        # A request or a proposal that a head approved makes it: nobody's button.
        move("erase", "注销", "applied online returned refused known registered suspended moved -> erased", "system", reason=True),
    ),
    "志愿者",
    "位",
)  # fmt: skip

CLAIM = Life(
    "claims",
    (
        State("asked", "待对方同意", Tone.WAITING),
        State("agreed", "已转入", Tone.GOOD),
        State("refused", "未同意", Tone.BAD),
    ),
    (
        move("agree", "同意转出", "asked -> agreed", "head", expected=True, own_entry=False,
              warns="该志愿者将转到提出认领的工作站，以往工时随人保留。"),
        move("refuse", "不同意", "asked -> refused", "head", reason=True),
    ),
    "登记认领",
    "个",
)  # fmt: skip

ACTIVITY = Life(
    "activities",
    (
        State("planned", "已安排", Tone.WAITING),
        State("held", "已开展", Tone.GOOD),
        State("cancelled", "已取消", Tone.OVER),
    ),
    (
        move("hold", "确认已开展", "planned -> held", "recorder head", expected=True),
        move("cancel", "取消", "planned -> cancelled", "head recorder", reason=True),
    ),
    "活动",
    "次",
)  # fmt: skip

RECORD = Life(
    "records",
    (
        State("draft", "草稿"),
        State("submitted", "待审核", Tone.WAITING),
        State("returned", "已退回", Tone.BAD),
        State("approved", "待公示", Tone.WAITING),
        State("noticed", "公示中", Tone.WAITING),
        State("posted", "已入账", Tone.GOOD),
        State("reversed", "已冲正", Tone.OVER),
        State("void", "已作废", Tone.OVER),
    ),
    (
        move("submit", "提交", "draft returned -> submitted", "recorder head", expected=True),
        move("approve", "审核通过", "submitted -> approved", "head", own_entry=False, expected=True),
        move("return", "退回", "submitted approved -> returned", "head", reason=True),
        move("notice", "公示", "approved -> noticed", "head", own_entry=False, expected=True,
              warns="公示期按工作日计算，期满无异议后入账。"),
        move("post", "入账", "noticed -> posted", "head system", own_entry=False, expected=True),
        move("withdraw", "撤下公示", "noticed -> returned", "head system", reason=True),
        move("void", "作废", "draft returned -> void", "recorder head", reason=True),
        move("reverse", "冲正", "posted -> reversed", "system", reason=True),
    ),
    "服务记录",
)  # fmt: skip

CORRECTION = Life(
    "corrections",
    (
        State("asked", "待批准", Tone.WAITING),
        State("approved", "已冲正", Tone.GOOD),
        State("refused", "未批准", Tone.BAD),
        State("told", "已告知本人", Tone.OVER),
        State("appealed", "申诉待复核", Tone.WAITING),
        State("upheld", "维持原决定", Tone.OVER),
        State("overturned", "已改判", Tone.GOOD),
        State("closed", "已办结", Tone.OVER),
    ),
    (
        move("approve", "批准冲正", "asked -> approved", "head", own_entry=False, expected=True,
              warns="将在工时账上记一笔相反的分录，原分录保留。"),
        move("refuse", "不批准", "asked -> refused", "head", own_entry=False, reason=True),
        move("tell", "告知本人", "approved refused -> told", "recorder head", expected=True, asks="told_how told_on?",
             warns="请把决定、理由和申诉期限告诉志愿者本人，再登记告知的方式和日期。"),
        move("appeal", "申诉", "approved refused told -> appealed", "recorder head volunteer", reason=True,
              warns="申诉由县级督导复核，只能申诉一次。"),
        move("uphold", "维持原决定", "appealed -> upheld", "supervisor", own_entry=False, reason=True, expected=True),
        move("overturn", "改判", "appealed -> overturned", "supervisor", own_entry=False, reason=True,
              warns="改判即执行：原未批准的予以冲正；原已冲正的照原样重新登记，再次公示后入账。"),
        move("report", "告知结果", "upheld overturned -> closed", "recorder head", expected=True,
             asks="reported_how reported_on?", warns="请把复核的结果和意见告诉志愿者本人，再登记告知的方式和日期。"),
    ),
    "更正",
)  # fmt: skip

LIVES: tuple[Life, ...] = (
    NEED,
    VOLUNTEER,
    CONSENT,
    ERASURE,
    CLAIM,
    DEPARTURE,
    DISSOLUTION,
    ARRIVAL,
    PROJECT,
    APPLICATION,
    ACTIVITY,
    ASSIGNMENT,
    PUNCH,
    RECORD,
    NOTICE,
    OBJECTION,
    CORRECTION,
    ANOMALY,
    COMPLAINT,
    OPENING,
    STAR,
    HONOUR,
    TAKE_UP,
    REDEMPTION,
    COUNT,
    GIFT,
    GRANT,
    TRAINING,
    ATTENDANCE,
    QUALIFICATION,
    BACKBONE_LIFE,
    TRAINING_PLAN,
    TEAM,
    MEMBER,
    PAIRING,
    SET_UP,
    SELF_CHECK,
    SPOT_CHECK,
    STORY,
    MEETING,
    FOLLOW_UP,
    PROPOSAL,
    POLICY_DRAFT,
    PEER,
    CERTIFICATE,
)
