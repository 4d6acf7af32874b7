"""机器人通知: the robots that tell a group chat what waits, and the round that tells and sends."""

import json
from typing import Any

from flask import flash, redirect, request
from flask_admin import expose

from models import clock, webhooks
from models.refusals import Refusal
from models.webhooks import Delivery, Webhook
from rules.access import Role
from rules.reading import clean
from rules.webhooks import Waits, body, signed
from views.asking import actor
from views.base import StageView
from views.gate import right
from views.named import attention
from views.outward import JSON, post
from views.waiting import inbox
from views.wording import worded

SHOWN = 20  # messages on the robot's page


class WebhookScreen(StageView):
    model = Webhook
    title = "机器人通知"
    step = "政策与设置"
    columns = "name kind whose every_minutes first last active told_at station division"
    filter_by = "active kind"
    form_groups = [
        ("发到哪里", "name kind url secret"),
        ("通知什么", "whose every_minutes first last active"),
    ]
    detail_groups = [
        ("发到哪里", "name kind url secret station division"),
        ("通知什么", "whose every_minutes first last active told_at entered_at"),
    ]
    details_template = "desk/webhook.html"
    empty = "没有设置，不向外发任何通知。需要时点「新增」，填上企业微信或钉钉群机器人的地址；只发条数，不带姓名和号码。"

    def given(self) -> dict[str, Any]:
        whose = "supervisor" if actor().role == Role.SUPERVISOR else "head"
        hours = {name: Webhook._meta.fields[name].default for name in ("first", "last")}
        return {"whose": whose} | hours | super().given()

    def more(self, row: Webhook) -> dict[str, Any]:
        sent = Delivery.select().where(Delivery.webhook == row.id).order_by(Delivery.id.desc()).limit(SHOWN)
        return {"sent": list(sent)}

    @expose("/try/", methods=("POST",))
    @right("amend")
    def try_view(self):
        """Send a test at once, and say what came of it."""
        key = request.form.get("id")
        try:
            made = webhooks.try_out(key, actor())
        except Refusal as no:
            flash(str(no), "bad")
        else:
            send(Delivery.select(Delivery, Webhook).join(Webhook).where(Delivery.id == made.id).get())
            done = Delivery.get_by_id(made.id)
            if done.state == "sent":
                flash(worded("测试消息已送达，请在群里看一下。"), "good")
            else:
                flash(worded("没有送到：%(fault)s 稍后会自动再试。", fault=done.fault), "bad")
        return redirect(self.get_url(".details_view", id=key))


def tell_due(screens: list[Any]) -> int:
    """Make the messages that are due, of what waits in the inbox of each robot's office; how many."""
    now, made = clock.now(), 0
    for robot in webhooks.due(now):
        made += webhooks.tell(robot, _waiting(robot, screens), now) is not None
    return made


def _waiting(robot: Webhook, screens: list[Any]) -> list[Waits]:
    by = robot.reader()
    rows = [
        Waits(f"{one.model.resource}.{one.move.name}.{one.state}", one.model.life.noun, one.move.label, one.count,
              one.model.life.counter, one.days)
        for one in inbox(by)
    ]  # fmt: skip
    lists = [
        Waits(f"{one.endpoint}.{one.tab.name}", f"{one.noun}·{one.tab.label}", "处理", one.tab.count)
        for one in attention(screens, by)
    ]
    return [*rows, *lists]


def send_due() -> int:
    """Send the messages whose turn it is; how many went through."""
    return sum(send(row) for row in webhooks.unsent(clock.now()))


def send(row: Delivery) -> bool:
    """Try one message once. Whatever goes wrong is written down with it, in words that name no address."""
    robot = row.webhook
    if not robot.active:
        webhooks.drop(row)
        return False
    fault = ""
    try:
        status, said = post(
            signed(robot.url, robot.secret or "", clock.wall()), json.dumps(body(robot.kind, row.says)).encode(), JSON
        )
        fault = _refused(status, said)
    except ConnectionError as no:
        fault = str(no)
    webhooks.settle(row, fault, clock.now())
    return not fault


def _refused(status: int, said: Any) -> str:
    """Why the robot did not take it; blank where it did. Both robots answer 200 and say it in ``errcode``."""
    if status != 200:
        return f"对方回答 {status}，没有收下。"
    code = said.get("errcode", 0) if isinstance(said, dict) else 0
    if code in (0, "0"):
        return ""
    return f"机器人没有收下（{str(code)[:12]}）：{clean(str(said.get('errmsg', '')))[:120]}"
