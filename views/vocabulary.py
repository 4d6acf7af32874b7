"""词表: categories, skills and the rest, as terms that supervisors reword."""

from models.vocabulary import Term
from views.base import StageView


class VocabularyScreen(StageView):
    model = Term
    title = "词表"
    step = "政策与设置"
    columns = "name kind code national_code position sensitive active"
    search = "name code"
    filter_by = "kind active"
    order = "kind"
    form_groups = [("词条", "kind code name national_code position sensitive active")]
    detail_groups = form_groups
