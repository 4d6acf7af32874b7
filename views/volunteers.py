"""招募注册 (方案 二(2)): volunteers, their review, and the claim of an earlier registration."""

from models.volunteers import Claim, Volunteer
from views.base import StageView


class VolunteerScreen(StageView):
    model = Volunteer
    title = "志愿者"
    step = "招募注册"
    columns = "name card_no gender age phone skills station state registered_on"
    search = "name card_no"
    filter_by = "state station gender skills registered_on"
    sortable = "registered_on"
    ledger = "volunteers"
    takes_in = "volunteers"

    form_groups = [
        ("身份", "name document_type document_number gender birth_date ethnicity politics education occupation"),
        ("联系", "phone residence address"),
        ("服务", "categories skills speciality national_no service_times"),
        ("监护与知情同意", "guardian_name guardian_phone consent_on"),
    ]
    detail_groups = [
        (
            "身份",
            "name card_no state document_type document_number gender birth_date age ethnicity politics education occupation",
        ),
        ("联系", "phone residence address"),
        ("服务", "categories skills speciality service_times national_no"),
        ("监护与知情同意", "guardian_name guardian_phone consent_on"),
        ("登记", "station registered_on refused_for entered_at"),
    ]
    empty = "还没有志愿者。可以逐个新增，也可以从表格导入。"


class ClaimScreen(StageView):
    model = Claim
    title = "认领以前的登记"
    step = "招募注册"
    columns = "volunteer from_station to_station reason state entered_at"
    filter_by = "state"
    detail_groups = [("认领", "volunteer from_station to_station reason state entered_at decided_at")]
    empty = "没有认领。志愿者以前在别处登记过时，在「新增志愿者」里按提示认领。"
