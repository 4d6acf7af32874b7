"""Published regional variants (domain facts 1.5–1.7, 3.1–3.3), each as the TOML that a county would release.

Nothing but policy text stands here: `tests/test_variants.py` loads each and reproduces its arithmetic. ``VARIANTS`` is
name -> topic -> parameters; where a source does not say a figure the one used stands with «例» in the text's source.
"""

STARS = "levels = [\n{}\n]"


def levels(*rows: tuple) -> str:
    """``(star, hours, recogniser, tenure in days, by selection)`` as the policy's table."""
    said = (
        f"  {{ star = {star}, at = {at}, recognised_by = '{by}', tenure_days = {tenure}, "
        f"selection = {str(selection).lower()} }},"
        for star, at, by, tenure, selection in rows
    )
    return STARS.format("\n".join(said))


FUJIAN = ((1, "county"), (2, "county"), (3, "prefecture"), (4, "prefecture"), (5, "province"))
NATIONAL_HOURS = (100, 300, 600, 1000, 1500)
BEIJING_HOURS = (100, 200, 500, 800, 1000)

VARIANTS: dict[str, dict[str, str]] = {
    # --- 1.5 stars ---
    "全国（中国社区志愿者注册管理办法第十八条）": {
        "stars": levels(*((n, at, by, 0, False) for (n, by), at in zip(FUJIAN, NATIONAL_HOURS, strict=True))),
    },
    "福建（一二星县级、三四星市级、五星省级认定）": {
        "stars": levels(*((n, at, by, 0, False) for (n, by), at in zip(FUJIAN, NATIONAL_HOURS, strict=True))),
    },
    "四川（五星在四星中评选）": {
        "stars": levels(*((n, at, by, 0, n == 5) for (n, by), at in zip(FUJIAN, NATIONAL_HOURS, strict=True))),
    },
    "龙岗（一二星注册满半年，三四星满一年）": {
        "stars": levels(
            (1, 100, "county", 183, False), (2, 300, "county", 183, False), (3, 600, "prefecture", 365, False),
            (4, 1000, "prefecture", 365, False), (5, 1500, "province", 365, False),
        ),
    },
    "星级名单公示三个工作日": {"publicity": "star_days = 3"},
    "北京星级（100/200/500/800/1000）": {
        "stars": levels(*((n, at, by, 0, False) for (n, by), at in zip(FUJIAN, BEIJING_HOURS, strict=True))),
    },
    # --- 1.6 and 1.7 ---
    "年满十八周岁": {"eligibility": "minimum_age = 18\nguardian_below = 18"},
    "十四至十八周岁须监护人同意": {"eligibility": "minimum_age = 14\nguardian_below = 18"},
    "十八至六十五周岁": {"eligibility": "minimum_age = 18\nguardian_below = 18\nmaximum_age = 65"},
    "民法典（八周岁以上，未满十四须陪同）": {
        "eligibility": "minimum_age = 8\nguardian_below = 18\naccompanied_below = 14",
    },
    "建议的缺省值": {
        "record_format": "deadline_working_days = 10",
        "publicity": "record_days = 3",
        "counting": "rounding_minutes = 1\ntravel_counts = false\ntraining_counts = false",
    },
    # --- 3.1 the national platform's hour entry ---
    "全国系统（不跨零点，不重叠，不超前，备注有字数）": {
        "record_format": "across_midnight = false\nremark_max = 200",
    },
    # --- 3.2 time banks ---
    "北京时间银行": {
        # 1 小时 1 币; 18 周岁或在校学生由监护人同意; 本人 60 岁起用或转直系亲属; 一万币可入住公办养老机构; 八类服务; 签到签退
        "exchange": """
            points_per_hour = 1
            origins = ["checked_in"]
            minimum_age = 18
            guardian_allows = true
            spend_age = 60
            other_weight = 0
            weights = [
              { category = "01", percent = 100 }, { category = "02", percent = 100 }, { category = "03", percent = 100 },
              { category = "04", percent = 100 }, { category = "05", percent = 100 }, { category = "06", percent = 100 },
              { category = "14", percent = 100 }, { category = "26", percent = 100 },
            ]
            entitlements = [{ at = 10000, grants = "入住公办养老机构" }]
        """,
        "giving": 'gift = "relatives"\nrelations = ["parent", "child", "grandparent", "grandchild"]',
    },
    "南京时间银行": {
        # 个人上限 1500 小时，超出的捐赠或计荣誉; 团体工时只能捐赠; 服务 80 岁以上独居、60–79 岁低收入残疾、60 岁以上存时间的人;
        # 只兑服务（例）
        "exchange": """
            points_per_hour = 1
            origins = ["checked_in", "desk"]
            balance_cap_hours = 1500
            over_cap = "donation"
            donation_origins = ["group"]
            spend_age = 60
            kinds = ["service"]
        """,
        "giving": """
            donation = true
            served = [
              { minimum_age = 80, hardships = ["01"] },
              { minimum_age = 60, below_age = 80, hardships = ["16", "04"] },
            ]
        """,
    },
    "广州时间银行": {
        # 1 小时 1 分，只计整小时; 一星（100 小时）起兑; 上限 1500; 服务、物品、捐赠
        "exchange": """
            points_per_hour = 1
            unit_minutes = 60
            floor_star = 1
            floor_hours = 100
            balance_cap_hours = 1500
            kinds = ["service", "goods"]
        """,
        "giving": "donation = true",
    },
    "成都郫都": {"exchange": 'points_per_hour = 1\nkinds = ["service"]'},  # 逐项定价，只兑服务
    # --- 3.3 points ---
    "连云港": {"exchange": "points_per_hour = 1"},
    "海林": {"exchange": "points_per_hour = 1\nactivity_cap_minutes = 120\nrecruit_points = 1"},
    "吴江": {
        # 每小时 5 分或 10 分，一分约合一元：医疗卫生类 10 分，其余 5 分（例）
        "exchange": """
            points_per_hour = 10
            other_weight = 50
            weights = [{ category = "04", percent = 100 }, { category = "14", percent = 100 }]
            point_worth_fen = 100
        """,
    },
    "苏州 DB3205/T 1001-2020": {
        # 类别 → 每小时单位积分：单位积分 2、1、0.5 三类（例）
        "exchange": """
            points_per_hour = 2
            other_weight = 50
            weights = [{ category = "22", percent = 100 }, { category = "20", percent = 25 }]
        """,
    },
    "景洪": {"exchange": 'points_per_hour = 1\nkinds = ["goods"]\nweekdays = ["5"]'},
    "昆明洛龙湖": {
        "exchange": 'points_per_hour = 1\nkinds = ["goods"]\nother_weight = 100\nweights = [{ category = "15", percent = 150 }]',
    },
    "长沙": {"exchange": "points_per_hour = 1\nfloor_hours = 5"},
    "高密义仓": {"exchange": 'points_per_hour = 1\napproval = true\nopening_points = 200\nkinds = ["goods"]'},
    "武清": {"exchange": 'points_per_hour = 1\nkinds = ["service"]'},
    "胶州": {
        # 不足一小时按一小时; 从集合起算; 按月公示; 按季审核
        "counting": "minimum_minutes = 60\nraise_to_minimum = true\ntravel_counts = true",
        "publicity": 'record_cycle = "month"',
        "handling": "audit_months = 3",
    },
    "镇海": {"counting": "training_counts = true"},
    # --- switches ---
    "每人每年上限": {"exchange": "yearly_cap_points = 100"},
    "两年有效": {"exchange": "valid_months = 24"},
    "当年年底作废": {"exchange": "valid_months = 0\nyear_end = true"},
    "次年年底作废": {"exchange": "valid_months = 12\nyear_end = true"},
    "可捐赠": {"giving": "donation = true"},
    "不可捐赠": {"giving": "donation = false"},
    "可转赠亲属": {"giving": 'gift = "relatives"\nrelations = ["spouse", "parent", "child"]\ngift_yearly_hours = 100'},
    "可转赠任何志愿者": {"giving": 'gift = "anyone"'},
    "不可转赠": {"giving": 'gift = "nobody"'},
}


def text(topic: str, values: str) -> str:
    """The file that a county would import: one version of one topic, from 2020 on."""
    body = "\n".join(line.strip() for line in values.strip().splitlines())
    return f'topic = "{topic}"\n\n[[version]]\nfrom = 2020-01-01\nsource = "地方公开的规则"\n{body}\n'
