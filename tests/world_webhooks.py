"""A robot of station A, a message to it, and one to A's recorder."""

from models import clock, messages
from models.messages import Message
from models.webhooks import Delivery, Webhook


def add(cast, keys) -> None:
    robot = a_robot(cast.head)
    sent = Delivery.create(webhook=robot.id, says="【站】待办 1 项：", state="sent", ended_at=clock.now())
    messages.tell(cast.head.account_id, messages.ENDED, "jobs", 1)
    keys |= {Webhook: robot.id, Delivery: sent.id, Message: Message.get().id}


def a_robot(by, **more) -> Webhook:
    values = {"name": "站务群", "kind": "wecom", "url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0b-1"}
    return Webhook.enter(by, **(values | more))
