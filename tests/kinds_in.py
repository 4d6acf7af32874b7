"""Tables of needs, projects, activities, trainings, pairings and complaints as a station would write them."""

from datetime import date, timedelta

from models import clock
from models.activities import Activity
from models.complaints import Complaint
from models.courses import Training
from models.needs import Need
from models.pairing import Pairing
from models.projects import Project
from models.vocabulary import Term

MODELS = {"needs": Need, "projects": Project, "activities": Activity, "training": Training, "pairing": Pairing,
          "complaints": Complaint}  # fmt: skip


def good(kind: str, n: int = 1) -> dict:
    """Line ``n`` of a sheet as a station would write it."""
    category = Term.get(Term.kind == "category", Term.code == "01").name
    hardship = Term.get(Term.kind == "recipient", Term.code == "01").name
    topic = Term.get(Term.kind == "training_topic").name
    return {
        "needs": {"采集日期": ago(), "采集人": "钱进", "户主": f"陈家{_han(n)}", "服务对象": f"陈奶奶{_han(n)}", "困难类别": hardship,
                  "楼栋": f"翠竹巷 {n} 栋", "详细住址": f"翠竹巷 {n} 栋 501", "联系电话": f"1390000{n:04d}", "需求类别": category,
                  "需求内容": "每周陪伴聊天一次", "紧急程度": "一般"},
        "projects": {"项目名称": f"周末陪伴{_han(n)}", "服务类别": category, "服务对象": hardship, "开始日期": ago(),
                     "结束日期": ago(-200), "计划招募": 6, "岗位": "陪伴员5人、领队1人", "条件要求": "不限"},
        "activities": {"项目": "爱心陪伴", "活动名称": f"陪聊{_han(n)}", "活动日期": ago(), "开始时间": "9:00", "结束时间": "11:00",
                       "地点": "社区活动室", "活动负责人": "赵敏", "计划人数": 4, "入户探访": "否"},
        "training": {"培训名称": f"入户常识{_han(n)}", "培训日期": ago(), "主题": topic, "地点": "会议室", "主讲": "王强", "学时（小时）": 2},
        "pairing": {"文明单位": f"云南某某单位{_han(n)}", "级别": "州市级文明单位", "单位联系人": "王强", "单位联系电话": "13812345678",
                    "帮扶形式": "多助一", "帮扶类别": category, "起始日期": ago(100), "到期日期": ago(-200), "单位责任人": "王强",
                    "社区责任人": "钱进", "每季承诺次数": 3, "每季承诺工时（小时）": 10},
        "complaints": {"收到日期": ago(), "投诉人": f"孙某{_han(n)}", "联系方式": "13812345678", "被投诉人": "周某", "事由": "约定的时间没有来"},
    }[kind]  # fmt: skip


def ago(days: int = 10) -> date:
    return clock.today() - timedelta(days=days)


def _han(n: int) -> str:
    return "".join("零一二三四五六七八九"[int(figure)] for figure in str(n))


def sheet(*lines: dict) -> list[list]:
    heads = list(dict.fromkeys(head for line in lines for head in line))
    return [heads, *([line.get(head) for head in heads] for line in lines)]
