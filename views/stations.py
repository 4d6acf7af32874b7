"""区划与工作站 (方案 三(2))."""

from models.stations import Division, Station
from views.base import StageView


class StationScreen(StageView):
    model = Station
    title = "工作站"
    step = "政策与设置"
    columns = "name division head_name contact_name phone opening active"
    search = "name"
    filter_by = "active"
    form_groups = [
        ("工作站", "name division opened_on active"),
        ("联系", "head_name contact_name phone address opening"),
    ]
    detail_groups = form_groups
    empty = "还没有登记工作站。"


class DivisionScreen(StageView):
    model = Division
    title = "区划"
    step = "政策与设置"
    columns = "code name level parent active"
    search = "name code"
    filter_by = "level active"
    order = "code"
    form_groups = [("区划", "code name active")]
    detail_groups = [("区划", "code name level parent active")]
    takes_in = "divisions"
