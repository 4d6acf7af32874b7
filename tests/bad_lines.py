"""A right line of each table that comes in as drafts, claims or a list, for the cases of bad input to spoil in one cell."""

from datetime import timedelta
from typing import Any

import kinds_in

from models import clock

TABLES = (*kinds_in.MODELS, "hours", "stars", "rewards", "certificates")
TAKERS = {"rewards": "head"}  # who takes it in, where that is not the recorder


def good(kind: str, n: int, person: Any) -> dict[str, Any]:
    """header -> cell of line ``n``; ``person`` is a registered volunteer of the station."""
    if kind in kinds_in.MODELS:
        return kinds_in.good(kind, n) | ({"项目": "午后陪伴"} if kind == "activities" else {})
    who = {"志愿者编号": person.card_no, "姓名": person.name}
    return {
        "hours": who | {"荣誉工时": "120", "可兑换工时": "40", "最早服务日期": _ago(300), "截至日期": _ago(30),
                        "资料来源": f"第 {n} 册台账", "证明材料": "第 3 册第 7 页"},
        "stars": who | {"星级": "一星级", "累计工时": "105", "认定日期": "2022-12-05", "认定人": "五华区文明办",
                        "证书编号": f"旧-{n}", "证明材料": "证书复印件"},
        "rewards": {"名称": f"洗衣液 {n}", "规格": "2 公斤装", "类别": "物品", "积分": "20", "库存": "30"},
        "certificates": who | {"证明编号": f"2022-{n}", "用途": "升学", "时段起": _ago(400), "时段止": _ago(300),
                               "证明时长（小时）": "60", "出具日期": _ago(299), "经办人": "张芳", "负责人": "王强"},
    }[kind]  # fmt: skip


def _ago(days: int) -> str:
    return str(clock.today() - timedelta(days=days))
