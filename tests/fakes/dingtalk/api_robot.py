"""The robot's calls (dingtalk.md 3.4, and 2.1 for receipts and the shortcut bar)."""
from messages import of_template
from open_api import call
from refusals import ApiError

SEND, SHORTCUTS = "qyapi_robot_sendmsg", "Robot.SingleChat.ReadWrite"
MOST_PEOPLE = 20


def _content(call):
    return of_template(call.get("msgKey"), call.get("msgParam"), call.world.files.media)


def _person_ids(call):
    ids = call.get("userIds")
    if len(ids) > MOST_PEOPLE:
        raise ApiError("invalidParameter.userIds.overMax", f"userIds 超过 {MOST_PEOPLE} 个")
    return list(dict.fromkeys(ids))


@call("POST", "/v1.0/robot/oToMessages/batchSend", "robotCode! userIds:texts! msgKey! msgParam!", SEND)
def send_to_people(call):
    """A 200 with a list that is not empty is a partial failure. There is no parameter to @ anybody."""
    robot, ids, content = call.robot(), _person_ids(call), _content(call)
    key = call.world.conversations.new_key()
    invalid, limited, filtered = [], [], []
    for id in ids:
        person = call.organization.reachable(id)
        if person is None:
            invalid.append(id)
        elif person.flow_controlled:
            limited.append(id)
        elif person.filtered:
            filtered.append(id)
        else:
            call.world.conversations.post(call.organization.single(person), content, "robot", robot_code=robot,
                                          recipients=[id], key=key)
    return {"processQueryKey": key, "invalidStaffIdList": invalid, "flowControlledStaffIdList": limited,
            "filteredStaffIdList": filtered}


@call("GET", "/v1.0/robot/oToMessages/readStatus", "robotCode! processQueryKey!", SEND)
def read_status(call):
    call.robot()
    sent = call.world.conversations.by_key(call.get("processQueryKey"))
    if not sent:
        raise ApiError("invalidParameter.processQueryKey.invalid", "processQueryKey 无效")
    rows = []
    for message in sent:
        person = call.organization.by_staff_id(message.recipients[0])
        at = message.read_by.get(person.staff_id)
        rows.append({"userId": person.staff_id, "name": person.nick, "readStatus": "READ" if at else "UNREAD",
                     **({"readTimestamp": at} if at else {})})
    return {"sendStatus": "RECALLED" if sent[0].state == "recalled" else "SUCCESS", "messageReadInfoList": rows}


def _recall(call, keys, here):
    """Within about a day (the page's [K])."""
    done, failed = [], {}
    for key in keys:
        sent = [each for each in call.world.conversations.by_key(key) if here(each)]
        oldest = call.organization.milliseconds() - call.world.settings["recall_seconds"] * 1000
        if not sent:
            failed[key] = "processQueryKey 无效"
        elif sent[0].state == "recalled":
            failed[key] = "消息已撤回"
        elif sent[0].at < oldest:
            failed[key] = "消息超过可撤回时间"
        else:
            call.world.conversations.recall(sent)
            done.append(key)
    return {"successResult": done, "failedResult": failed}


@call("POST", "/v1.0/robot/otoMessages/batchRecall", "robotCode! processQueryKeys:texts!", SEND)
def recall_from_people(call):
    """The path is spelled with a small t, unlike that of sending."""
    call.robot()
    return _recall(call, call.get("processQueryKeys"), lambda message: message.recipients)


@call("POST", "/v1.0/robot/groupMessages/send", "robotCode! openConversationId! msgKey! msgParam! coolAppCode", SEND)
def send_to_group(call):
    robot = call.robot()
    group, content = call.group(robot=robot), _content(call)
    key = call.world.conversations.new_key()
    call.world.conversations.post(group, content, "robot", robot_code=robot, key=key)
    return {"processQueryKey": key}


@call("POST", "/v1.0/robot/groupMessages/query",
      "robotCode! openConversationId! processQueryKey! maxResults:number nextToken", SEND)
def query_group(call):
    group = call.group(robot=call.robot())
    sent = [each for each in call.world.conversations.by_key(call.get("processQueryKey"))
            if each.conversation is group]
    if not sent:
        raise ApiError("invalidParameter.processQueryKey.invalid", "processQueryKey 无效")
    ids, start = list(sent[0].read_by), call.position()
    page = ids[start:start + call.get("maxResults", 200)]
    more = start + len(page) < len(ids)
    users = [{"userId": id, "unionId": call.organization.by_staff_id(id).union_id} for id in page]
    return {"sendStatus": "RECALLED" if sent[0].state == "recalled" else "SUCCESS", "readUserIds": page,
            "readUsers": users, "hasMore": more, "nextToken": str(start + len(page)) if more else ""}


@call("POST", "/v1.0/robot/groupMessages/recall", "robotCode! openConversationId! processQueryKeys:texts!", SEND)
def recall_from_group(call):
    group = call.group(robot=call.robot())
    return _recall(call, call.get("processQueryKeys"), lambda message: message.conversation is group)


@call("POST", "/v1.0/robot/groups/query", "robotCode! pageNumber:number pageSize:number")
def groups_of_robot(call):
    robot = call.robot()
    ids = [each.id for each in call.organization.groups() if robot in each.robots]
    size = call.get("pageSize", 20)
    start = (call.get("pageNumber", 1) - 1) * size
    return {"openConversationIds": ids[start:start + size], "hasMore": start + size < len(ids)}


@call("POST", "/v1.0/robot/installed/groups/query", "robotCode! maxResult:number nextToken")
def installed_groups(call):
    robot = call.robot()
    ids = [each.id for each in call.organization.groups() if robot in each.robots]
    start, size = call.position(), call.get("maxResult", 20)
    more = start + size < len(ids)
    return {"openConversationIds": ids[start:start + size], "hasMore": more,
            "nextToken": str(start + size) if more else ""}


@call("POST", "/v1.0/robot/groups/orgRobots/add", "openConversationId! robotCode!", "qyapi_chat_manage")
def add_robot(call):
    robot, group = call.robot(), call.group()
    if robot not in group.robots:
        group.robots.append(robot)
    call.world.journal.changed()
    return {"result": True}


@call("POST", "/v1.0/robot/groups/robots/query", "openConversationId!")
def robots_of_group(call):
    app = call.organization.app
    return {"chatbotInstanceVOList": [{"robotCode": each, "name": app["name"], "openRobotType": 1}
                                      for each in call.group().robots]}


# Receipts and the shortcut bar

@call("POST", "/v1.0/robot/emotion/reply",
      "robotCode! openMsgId! openConversationId! emotionType:number emotionName textEmotion:object", SEND)
def react(call):
    return _reaction(call, add=True)


@call("POST", "/v1.0/robot/emotion/recall",
      "robotCode! openMsgId! openConversationId! emotionType:number emotionName textEmotion:object", SEND)
def take_back_reaction(call):
    return _reaction(call, add=False)


def _reaction(call, add):
    robot = call.robot()
    message = call.world.conversations.messages.get(call.get("openMsgId"))
    place = call.organization.conversations.get(call.get("openConversationId"))
    if message is None or place is None or message.conversation is not place or robot not in place.robots:
        raise ApiError("invalidParameter.openMsgId.invalid", "openMsgId 无效")
    name = call.get("emotionName") or (call.get("textEmotion") or {}).get("text", "")
    if add and name not in message.reactions:
        message.reactions.append(name)
    elif not add and name in message.reactions:
        message.reactions.remove(name)
    call.world.journal.changed()
    return {"success": True}


@call("POST", "/v1.0/robot/plugins/set", "robotCode! pluginInfoList:list!", SHORTCUTS)
def set_plugins(call):
    fields = {"name", "icon", "pcUrl", "mobileUrl"}
    for each in call.get("pluginInfoList"):
        if not isinstance(each, dict) or not fields <= set(each) or not isinstance(
                each["icon"], str) or each["icon"] not in call.world.files.media:
            raise ApiError("invalidParameter.pluginInfoList.invalid", "pluginInfoList 无效")
    call.organization.app["plugins"] = call.get("pluginInfoList") if call.robot() else []
    return {"result": True}


@call("POST", "/v1.0/robot/plugins/query", "robotCode!", SHORTCUTS)
def query_plugins(call):
    call.robot()
    return {"pluginInfoList": call.organization.app.get("plugins", [])}


@call("POST", "/v1.0/robot/plugins/clear", "robotCode!", SHORTCUTS)
def clear_plugins(call):
    call.robot()
    call.organization.app["plugins"] = []
    return {"result": True}
