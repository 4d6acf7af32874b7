"""汇入平台 (民政部令第67号第四条): what goes up to the provincial and national platforms, one declared table a record type.

Headings, codes and limits are those that the national platform shows on its public front end (domain notes 3.1, 4).
Where its numeric codes are not published (documents, categories, persons served, occupations, levels of quality) the
label goes instead and the table says so (``code`` blank): no code here is invented. What that page shows and is not sent stands
in `NOT_SENT` with the reason.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rules.identity import DocumentType
from rules.life import Tone
from rules.service_grid import DAYS, PARTS

VERSION = 2  # of the file's format
READS = (1, 2)  # versions that are taken in; the first had no totals, places, publishing days, teams and head counts
FORMAT = "station-upwards"
TARGETS = {"provincial": "省级平台", "national": "全国平台"}
RECORDS_AT_MOST = 5_000  # in one batch
BYTES_AT_MOST = 16 * 1024 * 1024  # of one batch
STATES = {"waiting": "待报送", "sent": "已报送", "accepted": "已接收", "refused": "被退回"}
BATCH_STATES = {"making": "编批中", "made": "待报送", "sent": "待回执", "answered": "已回执", "void": "已作废"}
# The tint of each on a screen; the word stands beside it.
TONES = {"waiting": Tone.WAITING, "sent": Tone.WAITING, "accepted": Tone.GOOD, "refused": Tone.BAD}
BATCH_TONES = {"making": Tone.IDLE, "made": Tone.WAITING, "sent": Tone.WAITING, "answered": Tone.GOOD, "void": Tone.OVER}
DAY, MOMENT = "2026-03-05", "2026-03-05 09:00"
HOURS = r"[0-9]{1,5}\.[0-9]{2}"  # to two decimals, as the platform writes them
AREA = r"[0-9]{18}"
SHAPES = {"hours": HOURS, "area": AREA, "day": r"\d{4}-\d{2}-\d{2}", "moment": r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}", "count": r"[0-9]{1,6}"}
EXAMPLES = {"hours": "2.50", "area": "530102000000000000", "day": DAY, "moment": MOMENT, "count": "20"}


@dataclass(frozen=True)
class Item:
    """One column of a record type: its key in JSON, the national heading, what it may hold.

    ``codes`` maps codes to labels where the codes are known; ``labels`` are the words that may stand where they are not.
    ``many`` holds several, separated by 、 in a workbook; ``private`` names a person or a thing of hers.
    """

    key: str
    label: str
    shape: str = "text"
    must: bool = False
    longest: int = 100
    codes: Mapping[str, str] | None = None
    labels: tuple[str, ...] = ()
    many: bool = False
    private: bool = False
    says: str = ""


@dataclass(frozen=True)
class Kind:
    """A record type: a sheet of the workbook and a schema of the interface."""

    name: str
    label: str
    items: tuple[Item, ...]

    def item(self, key: str) -> Item:
        return next(one for one in self.items if one.key == key)


GENDERS = {"1": "男", "2": "女"}
POLITICS = {
    "01": "中共党员", "02": "预备党员", "03": "共青团员", "04": "民革", "05": "民盟", "06": "民建", "07": "民进",
    "08": "农工党", "09": "致公党", "10": "九三", "11": "台盟", "12": "无党派", "13": "群众",
}  # fmt: skip
EDUCATION = {
    "10": "研究生", "20": "本科", "30": "专科", "40": "中职", "60": "普通高中", "70": "初中", "80": "小学", "90": "其他",
}  # fmt: skip
ETHNICITIES = {f"{n:02d}": "" for n in range(1, 57)}  # GB/T 3304; the names are the vocabulary's
GRID = {f"{3 * d + p + 1:02d}": f"{day}{part}" for d, day in enumerate(DAYS) for p, part in enumerate(PARTS)}
CATEGORIES = (
    "社区服务", "扶贫减贫", "支教助学", "卫生健康", "法律服务", "环境保护", "科技科普", "文化艺术", "平安综治", "文明风尚",
    "交通引导", "志愿消防", "应急救援", "禁毒宣传", "体育健身", "旅游服务", "关爱特殊群体", "大型活动", "海外志愿服务",
    "税收服务", "疫情防控", "其他",
)  # fmt: skip
SERVED = (
    "儿童", "妇女", "老年人", "残障人士", "优抚对象", "贫困家庭", "特殊群体", "病患者", "农村居民", "城镇居民", "社会公众",
    "纳税人缴费人", "其他",
)  # fmt: skip
DOCUMENTS = tuple(kind.label for kind in DocumentType)
ENTRY_TYPES = {"1": "手动", "2": "申请", "4": "签到"}
ENTRY_STATES = {"0": "申请中", "1": "未签退", "2": "已生效", "3": "已删除", "4": "已拒绝", "5": "未生效"}
_NO_CODE = "数字代码未公布，以名称报送"
_VOLUNTEER = Item("volunteer_no", "志愿者编号", must=True, longest=20)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("volunteer", "志愿者", (
            _VOLUNTEER,
            Item("national_no", "全国志愿者编号", longest=30),
            Item("name", "姓名", must=True, longest=50, private=True),
            Item("document_type", "证件类型", must=True, labels=DOCUMENTS, says=_NO_CODE),
            Item("document_number", "证件号", must=True, longest=30, private=True),
            Item("gender", "性别", must=True, codes=GENDERS),
            Item("birth_date", "出生日期", "day", must=True, private=True),
            Item("ethnicity", "民族", codes=ETHNICITIES, says="GB/T 3304"),
            Item("politics", "政治面貌", codes=POLITICS, says="GB/T 4762"),
            Item("education", "最高学历", codes=EDUCATION, says="GB/T 4658"),
            Item("occupation", "从业情况", longest=20, says=_NO_CODE),
            Item("phone", "手机", must=True, longest=20, private=True),
            Item("area", "现居区域", "area", must=True, says="到县（区），18 位区划代码，不足补零"),
            Item("address", "详细地址", longest=200, private=True),
            Item("service_times", "服务时间", codes=GRID, many=True, says="01 至 24；第八列按节假日"),
            Item("categories", "服务类别", must=True, labels=CATEGORIES, many=True, says=_NO_CODE),
            Item("speciality", "个人特长", must=True, longest=200),
            Item("service_area", "服务区域", "area", must=True),
            Item("registered_on", "注册日期", "day", must=True),
            Item("status", "启用状态", must=True, labels=("启用", "停用")),
            Item("total_hours", "服务时长", "hours", says="小时，两位小数；全部经核实的服务"),
            Item("drawn_hours", "已支取总时长", "hours", says="小时；兑换支出，取消的不算；转赠、捐赠、到期的不算"),
            Item("drawable_hours", "可支取总时长", "hours", says="小时；编批当天可以兑换的"),
            Item("no_shows", "未到岗次数", "count"),
        )),
        Kind("project", "项目", (
            Item("project_no", "项目编号", must=True, longest=40, says="本单位的编号"),
            Item("name", "项目名称", must=True, longest=80),
            Item("category", "服务类别", must=True, labels=CATEGORIES, says=_NO_CODE),
            Item("area", "项目区域", "area", must=True),
            Item("place", "服务地点", must=True, longest=120),
            Item("starts_on", "开始日期", "day", must=True),
            Item("ends_on", "结束日期", "day", must=True),
            Item("published_on", "发布日期", "day", says="以前的项目没有记下的空着"),
            Item("served", "服务对象", must=True, labels=SERVED, many=True, says=_NO_CODE),
            Item("guarantees", "志愿者保障", must=True, longest=2000),
            Item("details", "项目详情", longest=5000),
            Item("recruiting", "招募方式", must=True, labels=("公开", "指定队伍", "免审密码")),
            Item("status", "项目状态", must=True, labels=("待启动", "运行中", "已结项")),
        )),
        Kind("post", "岗位", (
            Item("project_no", "项目编号", must=True, longest=40),
            Item("post_no", "岗位编号", longest=40, says="本单位的编号"),
            Item("name", "岗位名称", must=True, longest=40),
            Item("conditions", "岗位条件", longest=2000),
            Item("headcount", "计划招募", "count", must=True),
            Item("hired", "已招募", "count", says="已录用的人数"),
        )),
        Kind("service", "服务记录", (
            _VOLUNTEER,
            Item("name", "姓名", must=True, longest=50, private=True),
            Item("project_no", "项目编号", must=True, longest=40),
            Item("activity", "活动名称", must=True, longest=80),
            Item("place", "服务地点", must=True, longest=120),
            Item("content", "服务内容", must=True, longest=2000),
            Item("started_at", "开始时间", "moment", must=True),
            Item("ended_at", "结束时间", "moment", must=True),
            Item("hours", "服务时长", "hours", must=True, says="小时，两位小数"),
            Item("organiser", "组织单位", must=True, longest=80),
            Item("lead", "活动负责人", must=True, longest=40, private=True),
            Item("entry_type", "录入方式", must=True, codes=ENTRY_TYPES),
            Item("status", "时长状态", must=True, codes=ENTRY_STATES),
            Item("remark", "备注", longest=500),
        )),
        Kind("training", "培训", (
            _VOLUNTEER,
            Item("topic", "培训主题", must=True, longest=80),
            Item("content", "主要内容", longest=2000),
            Item("day", "培训日期", "day", must=True),
            Item("hours", "培训时长", "hours", must=True, says="小时，两位小数"),
            Item("organiser", "举办单位", must=True, longest=80),
            Item("people", "培训人数", "count", says="到场的人数"),
        )),
        Kind("honour", "表彰", (
            _VOLUNTEER,
            Item("title", "奖励名称", must=True, longest=60),
            Item("document", "文书名称及文号", longest=60),
            Item("body", "颁发者", must=True, longest=80),
            Item("day", "颁发日期", "day", must=True),
        )),
        Kind("evaluation", "评价", (
            _VOLUNTEER,
            Item("project_no", "项目编号", must=True, longest=40),
            Item("service", "服务记录号", must=True, longest=20),
            Item("team", "服务队伍", longest=80, says="没有服务队的空着"),
            Item("punctuality", "守时程度", longest=20, says=_NO_CODE),
            Item("attitude", "服务态度", longest=20, says=_NO_CODE),
            Item("skill", "专业水平", longest=20, says=_NO_CODE),
            Item("quality", "服务质量", must=True, longest=20, says=_NO_CODE),
            Item("day", "评价日期", "day", must=True),
        )),
    )
}  # fmt: skip
KIND_LABELS = {name: kind.label for name, kind in KINDS.items()}
# What the national platform's front end shows beside that, and why nothing goes up for it: heading -> reason.
NOT_SENT: dict[str, dict[str, str]] = {
    "volunteer": {
        "国籍": "没有登记，由证件类型可知", "座机": "没有登记", "QQ": "没有登记", "微信": "没有登记",
        "实名状态": "由平台核验，不由报送单位说", "服务证": "与志愿者编号相同",
    },
    "post": {"描述": "没有登记，岗位要求写在岗位条件里"},
    "service": {"岗位": "记录到项目和活动，不到岗位"},
}  # fmt: skip
# Basic information that Order 67 art. 5 does not name goes up only by a consent of its own («向其他单位提供»).
BY_CONSENT = ("ethnicity", "politics", "education", "occupation", "address")


def canonical(data: Any) -> str:
    """One text for equal content, whoever writes it."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(data: Any) -> str:
    """By which a version of a record's content is known on both sides."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()


# The content of a record that is to be deleted above: nothing of it goes up but that.
DELETED = digest({"deleted": True})
# What stands for the content that was taken for another station: it is sent for the new one, changed or not.
ELSEWHERE = digest({"elsewhere": True})


def unnamed(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What a record says without what names a person, for one whose volunteer was deleted."""
    private = {item.key for item in KINDS[kind].items if item.private}
    return {key: value for key, value in data.items() if key not in private}


def area_id(code: str, *, county: bool = False) -> str:
    """The platform's 18 digits of a division, zero-padded; only down to the county where that is asked for."""
    return f"{code[:6] if county else code:0<18}"


def station_code(division: str, key: int) -> str:
    """How a station is called in batches: its division in 12 digits and its own number."""
    return f"{division:0<12}-{key}"


def hours_of(minutes: int) -> str:
    """Hours to two decimals, halves up."""
    return f"{(minutes * 100 + 30) // 60 / 100:.2f}"
