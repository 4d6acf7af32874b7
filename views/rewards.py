"""回馈兑换 (方案 二(6))."""

from models.rewards import Redemption, RewardItem
from views.base import StageView


class RewardItemScreen(StageView):
    model = RewardItem
    title = "兑换目录"
    step = "激励回馈"
    columns = "name kind points stock yearly_limit starts_on ends_on active station"
    search = "name"
    filter_by = "kind active station"
    form_groups = [("兑换项", "name kind points stock yearly_limit active starts_on ends_on details")]
    detail_groups = [("兑换项", "name kind points stock yearly_limit active starts_on ends_on details station")]
    empty = "还没有可兑换的服务或物品。"


class RedemptionScreen(StageView):
    model = Redemption
    title = "兑换"
    step = "激励回馈"
    columns = "id reserved_on volunteer.name volunteer.card_no item.name quantity points minutes left_minutes handler station state"
    search = "volunteer.name volunteer.card_no"
    filter_by = "state item station reserved_on"
    ledger = "rewards"
    detail_groups = [
        ("兑换单", "volunteer item quantity points minutes left_minutes why policy"),
        ("办理", "state reserved_on handed_at confirmed_at handler station"),
    ]
    empty = "还没有兑换。"
