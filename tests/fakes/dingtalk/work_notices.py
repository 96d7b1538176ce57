"""Work notifications (dingtalk.md 5.2). Over its limits the call still succeeds, and nothing arrives."""
import hashlib
import json

from common.refusals import Impossible
from markdown import doubts
from messages import of_work
from old_api import old_call
from refusals import OldError

MOST_IDS, MOST_DEPARTMENTS = 100, 20
PER_DAY, PER_MINUTE, TO_ALL_PER_DAY = 500, 5000, 3
ZONE_SECONDS = 8 * 3600  # a day is China's
PATH = "/topapi/message/corpconversation/"


class WorkNotices:
    def __init__(self, world):
        self.world = world
        self.every = {}  # by task id
        self.days = {}  # (staff id, day): digests of what has arrived
        self.minute = []  # (when, receivers)
        self.all_days = []

    def day(self):
        return int((self.world.clock.now() + ZONE_SECONDS) // 86_400)

    def send(self, content, people, unknown, to_all):
        now, day = self.world.clock.now(), self.day()
        notice = {"task_id": 10_000 + len(self.every), "seq": self.world.journal.stamp(), "kind": content.kind,
                  "title": content.title, "text": content.text, "buttons": content.buttons, "body": content.body,
                  "delivered": [], "forbidden": [], "invalid": unknown, "read_by": {}, "state": "sent",
                  "doubts": doubts(content.text) if content.is_markdown else [],
                  "at": self.world.organization.milliseconds()}
        self.minute = [(at, count) for at, count in self.minute if at > now - 60]
        room = PER_MINUTE - sum(count for _, count in self.minute)
        if to_all:
            room = room if self.all_days.count(day) < TO_ALL_PER_DAY else 0
            self.all_days.append(day)
        mark = hashlib.sha256(json.dumps(content.body, sort_keys=True).encode()).hexdigest()
        for person in people:
            had = self.days.setdefault((person.staff_id, day), [])
            arrives = mark not in had and len(had) < PER_DAY and len(notice["delivered"]) < room
            notice["delivered" if arrives else "forbidden"].append(person.staff_id)
            if arrives:
                had.append(mark)
        self.minute.append((now, len(notice["delivered"])))
        self.every[notice["task_id"]] = notice
        self.world.journal.changed()
        return notice

    def read(self, person, task_id):
        notice = self.every.get(task_id)
        if notice is None or person.staff_id not in notice["delivered"]:
            raise Impossible(f"{person.name} has no notice {task_id}", 404)
        notice["read_by"].setdefault(person.staff_id, self.world.organization.milliseconds())
        self.world.journal.changed()
        return notice


@old_call(PATH + "asyncsend_v2", "agent_id:number! userid_list dept_id_list to_all_user:flag msg:any!")
def send(call):
    organization = call.organization
    _agent(call)
    content = of_work(call.get("msg"), call.world.files.media)
    ids, departments = call.names("userid_list", MOST_IDS), call.names("dept_id_list", MOST_DEPARTMENTS)
    to_all = str(call.get("to_all_user", False)).lower() == "true"
    if not ids and not departments and not to_all:
        raise OldError(400002, "缺少参数 userid_list")
    people = {id: organization.reachable(id) for id in ids}
    found = [person for person in people.values() if person]
    for each in organization.people.values():
        inside = to_all or any(str(id) in departments for id in each.departments)
        if inside and organization.reachable(each.staff_id) and each not in found:
            found.append(each)
    notice = call.world.work.send(content, found, [id for id, person in people.items() if person is None], to_all)
    return {"task_id": notice["task_id"]}


def _agent(call):
    if call.number("agent_id") != call.organization.app["agent_id"]:
        raise OldError(400002, "agent_id 无效")


def _notice(call, name):
    _agent(call)
    notice = call.world.work.every.get(call.number(name))
    if notice is None:
        raise OldError(400002, f"{name} 无效")
    return notice


@old_call(PATH + "getsendresult", "agent_id:number! task_id:number!")
def result(call):
    notice = _notice(call, "task_id")
    return {"send_result": {
        "invalid_user_id_list": notice["invalid"], "forbidden_user_id_list": notice["forbidden"],
        "failed_user_id_list": [], "read_user_id_list": list(notice["read_by"]),
        "unread_user_id_list": [id for id in notice["delivered"] if id not in notice["read_by"]]}}


@old_call(PATH + "recall", "agent_id:number! msg_task_id:number!")
def recall(call):
    _notice(call, "msg_task_id")["state"] = "recalled"
    call.world.journal.changed()
    return {}
