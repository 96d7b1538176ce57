"""Groups (dingtalk.md 5.4): internal ones, which the robot must be added to, and scene groups, which bring one."""
from old_api import old_call
from open_api import call
from refusals import ApiError, OldError

RIGHT = "qyapi_chat_manage"
MOST_MEMBERS, MOST_NAME = 999, 20
SCENE = "/topapi/im/chat/scenegroup/"
_SCENE_FIELDS = ("title! template_id! owner_user_id! user_ids subadmin_ids uuid icon mention_all_authority:number "
                 "show_history_type:number validation_type:number searchable:number chat_banned_type:number "
                 "management_type:number only_admin_can_ding:number all_members_can_create_mcs_conf:number "
                 "all_members_can_create_calendar:number group_email_disabled:number "
                 "only_admin_can_set_msg_top:number add_friend_forbidden:number "
                 "group_live_switch:number members_to_admin_chat:number plugin_customize_verify:number")


@call("POST", "/v1.0/im/group/create", "name! owner! useridlist:texts! icon conversationTag:number "
      "managementOptions:object", RIGHT)
def create(call):
    """The robot is not in it."""
    name, ids = call.get("name"), [call.get("owner"), *call.get("useridlist")]
    if len(name) > MOST_NAME:
        raise ApiError("invalidParameter.name.invalid", f"name: 1 to {MOST_NAME} characters")
    people = [call.organization.reachable(each) for each in dict.fromkeys(ids)]
    if None in people:
        raise ApiError("invalidParameter.useridlist.invalid", "useridlist 无效")
    group = call.organization.new_group(name, [each.name for each in people], call.get("owner"))
    call.world.journal.changed()
    return {"chatid": group.chat_id, "openConversationId": group.id, "conversationTag": call.get("conversationTag", 2)}


@old_call("/chat/create", "name! owner! useridlist:any! conversationTag:number showHistoryType:number "
          "searchable:number validationType:number mentionAllAuthority:number managementType:number "
          "chatBannedType:number", RIGHT)
def create_old(call):
    ids = call.get("useridlist")
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise OldError(400002, "useridlist 无效")
    group = call.organization.new_group(call.get("name"), _people(call, [call.get("owner"), *ids]), call.get("owner"))
    call.world.journal.changed()
    return {"chatid": group.chat_id, "openConversationId": group.id, "conversationTag": 2}


def _people(call, ids):
    found = [call.organization.reachable(each) for each in dict.fromkeys(ids)]
    if None in found:
        raise OldError(60121, "找不到该用户")
    return [each.name for each in found]


@old_call(SCENE + "create", _SCENE_FIELDS, RIGHT)
def create_scene(call):
    """The template's robot is in it, under the template's code. The same uuid once more is the same group."""
    template = call.organization.scene_templates.get(call.get("template_id"))
    if template is None:
        raise OldError(400002, "template_id 无效")
    key = call.get("uuid")
    group = next((each for each in call.organization.groups() if key and each.uuid == key), None)
    if group is None:
        names = _people(call, [call.get("owner_user_id"), *call.names("user_ids", MOST_MEMBERS)])
        group = call.organization.new_group(call.get("title"), names, call.get("owner_user_id"),
                                            [template["robot_code"]], template["id"])
        group.uuid = key
        call.world.journal.changed()
    return {"result": {"open_conversation_id": group.id, "chat_id": group.chat_id}}


@old_call(SCENE + "member/add", "open_conversation_id! user_ids!", RIGHT)
def add_members(call):
    group = call.organization.conversations.get(call.get("open_conversation_id"))
    if group is None or group.template is None:
        raise OldError(400002, "open_conversation_id 无效")
    for name in _people(call, call.names("user_ids", MOST_MEMBERS)):
        if name not in group.members:
            group.members.append(name)
    call.world.journal.changed()
    return {"success": True}


@call("POST", "/v1.0/im/groups/baseInfos/query", "openConversationId!")
def base_info(call):
    group = call.group()
    return {"openConversationId": group.id, "title": group.title, "memberCount": len(group.members)}


@call("POST", "/v1.0/im/chat/{chatId}/convertToOpenConversationId")
def convert(call):
    for group in call.organization.groups():
        if group.chat_id == call.path_arguments["chatId"]:
            return {"openConversationId": group.id}
    raise ApiError("invalidParameter.chatId.invalid", "chatId 无效")
