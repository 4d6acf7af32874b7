"""我的服务 `/me/` (Order 67 art. 12; 个人信息保护法 15, 44–47): the volunteer's own pages, one a matter, a phone first.

Only the signed-in volunteer's own rows are read, and what she asks for is done by the data layer as herself.
"""

from views.me import certificates, exchange, first, hours, notices, own, projects, records, service, stars
from views.me.frame import pages

__all__ = [
    "certificates", "exchange", "first", "hours", "notices", "own", "pages", "projects", "records", "service", "stars",
]  # fmt: skip
