"""Synthetic records as a station sends them up: for the receiving side, by the hundred and by the thousand."""

from datetime import date, timedelta
from typing import Any

from rules.identity import make_resident_id
from rules.upwards import DELETED, FORMAT, VERSION, digest

STATION = "530102001001-1"


def volunteer(n: int, **changes: Any) -> dict[str, Any]:
    """The volunteer of that number; nobody who lives."""
    birth = date(1950, 1, 1) + timedelta(days=n % 18_000)
    data = {
        "volunteer_no": f"530102{n:09d}", "name": f"李{chr(0x4E00 + n % 20_000)}", "document_type": "居民身份证",
        "document_number": make_resident_id("530102", birth, 1 + 2 * (n // 18_000)), "gender": "1", "birth_date": birth.isoformat(),
        "phone": f"139{n:08d}", "area": "530102000000000000", "service_times": ["01", "02"], "categories": ["社区服务"],
        "speciality": "理发", "service_area": "530102000000000000", "registered_on": "2024-01-02", "status": "启用",
    } | changes  # fmt: skip
    return {"station": STATION, "type": "volunteer", "id": str(n), "digest": digest(data), "data": data}


def service(n: int, of: int, **changes: Any) -> dict[str, Any]:
    """One service of the volunteer of number ``of``, on a day of its own."""
    day = date(2024, 2, 1) + timedelta(days=n % 700)
    data = {
        "volunteer_no": f"530102{of:09d}", "name": f"李{chr(0x4E00 + of % 20_000)}", "project_no": "P1", "activity": "上门陪伴",
        "place": "社区活动室", "content": "陪伴老人", "started_at": f"{day} 09:00", "ended_at": f"{day} 11:30", "hours": "2.50",
        "organiser": "文林社区工作站", "lead": "赵敏", "entry_type": "1", "status": "2",
    } | changes  # fmt: skip
    return {"station": STATION, "type": "service", "id": str(n), "digest": digest(data), "data": data}


def deletion(one: dict[str, Any]) -> dict[str, Any]:
    """The same record, no more."""
    return {key: one[key] for key in ("station", "type", "id")} | {"digest": DELETED, "deleted": True, "data": {}}


def batch(number: str, records: list[dict[str, Any]]) -> dict[str, Any]:
    return {"format": FORMAT, "version": VERSION, "batch": number, "target": "provincial", "records": records}
