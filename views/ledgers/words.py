"""Words of the vocabularies as people write them in a table, read into codes."""

import difflib
import re
from functools import cached_property

from models.vocabulary import choices, names
from rules.reading import read_text

OTHER_NAMES = {  # what people write -> the vocabulary's name
    "politics": {
        "党员": "中共党员", "共产党员": "中共党员", "预备党员": "中共预备党员", "团员": "共青团员", "无党派": "无党派人士",
    },
    "education": {
        "本科": "大学本科", "大学": "大学本科", "学士": "大学本科", "大专": "大学专科", "专科": "大学专科",
        "硕士": "研究生", "博士": "研究生", "硕士研究生": "研究生", "博士研究生": "研究生", "高中": "普通高中",
        "中专": "中等职业教育", "职高": "中等职业教育", "技校": "中等职业教育",
    },
    "occupation": {"退休": "离退休", "离休": "离退休", "个体": "个体经营", "农民": "务农", "务工": "在职"},
    "quality": {"优秀": "优", "好": "优", "良好": "良", "较好": "良", "一般": "中", "中等": "中", "合格": "中"},
}  # fmt: skip


class Words:
    """One vocabulary, read from the database once."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    @cached_property
    def codes(self) -> dict[str, str]:
        """name -> code, in the vocabulary's order."""
        return {name: code for code, name in choices(self.kind)}

    @cached_property
    def retired(self) -> dict[str, str]:
        """name -> code of the words that are no longer used, which an old row may keep."""
        return {name: code for code, name in names(self.kind).items() if name not in self.codes}

    def read_one(self, cell: object) -> str:
        """The code of one word, by name, common other name or code. Raises ``ValueError`` with what would be right."""
        text = re.sub(r"\s", "", read_text(cell))
        name = OTHER_NAMES.get(self.kind, {}).get(text, text)
        for way in (name, f"{name}族" if self.kind == "ethnicity" else name):
            if way in self.codes:
                return self.codes[way]
        if text in self.codes.values():
            return text
        near = difflib.get_close_matches(text, self.codes, n=5, cutoff=0.3) or list(self.codes)[:8]
        raise ValueError(
            f"没有“{text[:20]}”这一项，可填{'、'.join(near)}{'等' if len(self.codes) > len(near) else ''}。"
        )

    def read_many(self, cell: object) -> list[str]:
        """Codes of words parted by 、 ， ； / or a space."""
        words = [word for word in re.split(r"[、,，;；/\s]+", read_text(cell)) if word]
        return sorted({self.read_one(word) for word in words})
