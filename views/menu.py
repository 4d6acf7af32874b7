"""The side menu in the order of the plan's steps, numbered as the plan numbers them."""

from dataclasses import dataclass

# (number in the plan, what the plan calls the step); screens name the step they belong to.
STEPS = [
    ("", "工作台"),
    ("一", "需求与项目"),
    ("二", "招募注册"),
    ("三", "组织培训"),
    ("四", "开展活动"),
    ("五", "记录台账"),
    ("六", "激励回馈"),
    ("", "主要措施"),
    ("", "政策与设置"),
]


@dataclass(frozen=True)
class Item:
    title: str
    url: str
    resource: str
    current: bool
    waiting: int


@dataclass(frozen=True)
class Group:
    number: str
    title: str
    items: list[Item]

    @property
    def current(self) -> bool:
        return any(item.current for item in self.items)

    @property
    def waiting(self) -> int:
        return sum(item.waiting for item in self.items)


def side_menu(views, current, waiting: dict[str, int]) -> list[Group]:
    """Groups with at least one screen that this person may see; ``waiting`` counts by resource."""
    groups = []
    for number, title in STEPS:
        items = [
            Item(view.name, view.get_url(f"{view.endpoint}.{view.entry}"), view.resource, view is current,
                 waiting.get(view.resource, 0))
            for view in views
            if getattr(view, "step", None) == title and view.is_visible() and view.is_accessible()
        ]  # fmt: skip
        if items:
            groups.append(Group(number, title, items))
    return groups
