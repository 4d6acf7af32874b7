"""保险 (志愿服务条例第十七条): who is insured against accidents, and whose cover runs out."""

from typing import Any

from models.covers import Cover
from models.volunteers import Volunteer
from views.base import StageView
from views.named import Named


class CoverScreen(StageView):
    model = Cover
    title = "保险"
    step = "开展活动"
    columns = "volunteer.name volunteer.card_no insurer policy_number starts_on ends_on in_force remark station"
    search = "volunteer.name volunteer.card_no insurer"
    filter_by = "station volunteer ends_on"
    sortable = "ends_on"
    opens = {"volunteer.card_no": (Volunteer, "volunteer")}
    form_groups = [("保险", "volunteer insurer policy_number starts_on ends_on remark")]
    detail_groups = [("保险", "volunteer insurer policy_number starts_on ends_on in_force remark station entered_at")]
    named = {"expiring": Named("30 天内到期", Cover.expiring, "recorder head")}
    empty = "还没有保险。有人身危险的活动，参加的志愿者要先有在保的意外险。"

    def pickable(self, name: str) -> list[Any]:
        """Whoever may be insured."""
        return [Volunteer.state.in_(("registered", "applied"))] if name == "volunteer" else []
