"""DING by robot (dingtalk.md 5.1): in the app, by SMS, by phone call; quotas, recall, who has read it."""
import secrets

from common.refusals import Impossible
from open_api import call
from refusals import ApiError

RIGHT = "Robot.Ding.Write"  # the page does not know its name: a client reads requiredScopes
KINDS = {1: "app", 2: "sms", 3: "call"}
MOST_RECEIVERS = 200


class Dings:
    def __init__(self, world):
        self.world = world
        self.every = {}
        self.spent = {"sms": 0, "call": 0}

    def send(self, robot, kind, ids, content, voice):
        """Quota is spent per receiver; if it does not reach for all, nobody gets anything."""
        organization, settings = self.world.organization, self.world.settings
        failed = {}
        for id in ids:
            person = organization.reachable(id)
            if person is None or person.ding_fails:
                failed[id] = "userId 无效" if person is None else "对方无法接收DING"
        receivers = [id for id in ids if id not in failed]
        if kind != "app" and self.spent[kind] + len(receivers) > settings[kind + "_quota"]:
            raise ApiError("ding.serverquota.insufficient", "ding server quota insufficient")
        if kind != "app":
            self.spent[kind] += len(receivers)
        ding = {"id": "ding" + secrets.token_hex(8), "seq": self.world.journal.stamp(), "robot": robot, "kind": kind,
                "receivers": receivers, "failed": failed, "content": content, "voice": voice, "state": "sent",
                "at": organization.milliseconds(), "read_by": {}}
        self.every[ding["id"]] = ding
        for name in settings["ding_read_by"]:
            person = organization.person(name)
            if person.staff_id in receivers:
                ding["read_by"][person.staff_id] = ding["at"]
        self.world.journal.changed()
        return ding

    def read(self, person, id):
        ding = self.every.get(id)
        if ding is None or person.staff_id not in ding["receivers"]:
            raise Impossible(f"{person.name} has no DING {id}", 404)
        ding["read_by"].setdefault(person.staff_id, self.world.organization.milliseconds())
        self.world.journal.changed()
        return ding


@call("POST", "/v1.0/robot/ding/send",
      "robotCode! remindType:number! receiverUserIdList:texts! content! callVoice", RIGHT)
def send(call):
    robot, ids = call.robot(), call.get("receiverUserIdList")
    if call.get("remindType") not in KINDS:
        raise ApiError("invalidParameter.remindType.invalid", "remindType 无效")
    if len(ids) > MOST_RECEIVERS:
        raise ApiError("invalidParameter.receiverUserIdList.overMax", "receiverUserIdList 无效")
    ding = call.world.dings.send(robot, KINDS[call.get("remindType")], list(dict.fromkeys(ids)), call.get("content"),
                                 call.get("callVoice"))
    return {"openDingId": ding["id"], "failedList": ding["failed"]}


def _ding(call):
    ding = call.world.dings.every.get(call.get("openDingId"))
    if ding is None or ding["robot"] != call.robot():
        raise ApiError("invalidParameter.openDingId.invalid", "openDingId 无效")
    return ding


@call("POST", "/v1.0/robot/ding/recall", "robotCode! openDingId!", RIGHT)
def recall(call):
    """A second recall is not an error."""
    ding = _ding(call)
    ding["state"] = "recalled"
    call.world.journal.changed()
    return {"openDingId": ding["id"]}


@call("POST", "/v1.0/robot/ding/readStatuses/query", "robotCode! openDingId!", RIGHT)
def read_statuses(call):
    ding = _ding(call)
    return {"success": True, "result": {"robotDingReadInfoList": [
        {"userId": each, "readStatus": "READ" if each in ding["read_by"] else "UNREAD"}
        for each in ding["receivers"]]}}
