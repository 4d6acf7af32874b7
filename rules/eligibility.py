"""注册条件 (民法典 19–20; 中国注册志愿者管理办法): who may register by age, and whose guardian must agree."""

from rules.findings import Finding
from rules.topics import Eligibility


def check_age(years: int, guarded: bool, rule: Eligibility) -> list[Finding]:
    """Findings that refuse a registration at this age in full years; ``guarded`` says that a guardian is named."""
    if years < rule.minimum_age:
        return [Finding("birth_date", f"未满 {rule.minimum_age} 周岁，不能注册（现 {years} 周岁）。")]
    if rule.maximum_age and years > rule.maximum_age:
        return [Finding("birth_date", f"超过 {rule.maximum_age} 周岁，按现行政策不能注册。")]
    if years < rule.guardian_below and not guarded:
        return [Finding("guardian_name", f"未满 {rule.guardian_below} 周岁，请填写监护人姓名和电话。")]
    return []
