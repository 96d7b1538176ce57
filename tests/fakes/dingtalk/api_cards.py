"""The card calls (dingtalk.md 4.2, 4.3, 4.6). Names of errors beyond those of the page are inference."""
import secrets

from cards import SCHEME, Card, Space, card_data
from open_api import call, card_missing
from refusals import ApiError

WRITE, STREAM = "Card.Instance.Write", "Card.Streaming.Write"
_CREATE = ("cardTemplateId! outTrackId! callbackType callbackRouteKey cardData:object! privateData:object "
           "userIdType:number openDynamicDataConfig:object userId dynamicDataSourceConfigs:list ")
_SPACES = "imGroupOpenSpaceModel:object imRobotOpenSpaceModel:object topOpenSpaceModel:object "
_DELIVER = "openSpaceId! imGroupOpenDeliverModel:object imRobotOpenDeliverModel:object topOpenDeliverModel:object "
_MODELS = {"IM_GROUP": "imGroupOpen", "IM_ROBOT": "imRobotOpen", "ONE_BOX": "topOpen"}


@call("POST", "/v1.0/card/instances/createAndDeliver", _CREATE + _SPACES + _DELIVER, WRITE, missing=card_missing)
def create_and_deliver(call):
    """outTrackId is the idempotency key: the same once more makes no second card."""
    card = call.world.cards.every.get(call.get("outTrackId"))
    if card is None:
        targets, models = _targets(call), _space_models(call)
        _check_spaces(targets, models)
        card = _created(call)
        card.models.update(models)
        _delivered(call, card, targets)
    return {"success": True, "result": {"outTrackId": card.id, "deliverResults": card.results}}


@call("POST", "/v1.0/card/instances", _CREATE + _SPACES, WRITE, missing=card_missing)
def create(call):
    models = _space_models(call)
    card = call.world.cards.every.get(call.get("outTrackId")) or _created(call)
    card.models.update(models)
    return {"success": True, "result": card.id}


@call("PUT", "/v1.0/card/instances/spaces", "outTrackId! " + _SPACES, WRITE, missing=card_missing)
def spaces(call):
    card = _card(call)
    card.models.update(_space_models(call))
    return {"success": True, "result": True}


@call("POST", "/v1.0/card/instances/deliver", "outTrackId! userIdType:number " + _DELIVER, WRITE, missing=card_missing)
def deliver(call):
    card, targets = _card(call), _targets(call)
    _check_spaces(targets, card.models)
    _delivered(call, card, targets)
    return {"success": True, "result": card.results}


@call("PUT", "/v1.0/card/instances", "outTrackId! cardData:object privateData:object userIdType:number "
      "cardUpdateOptions:object", WRITE, missing=card_missing)
def update(call):
    card = _card(call)
    call.world.limits.card(card.id)
    options = call.get("cardUpdateOptions", {})
    if not all(isinstance(value, bool) for value in options.values()):
        raise ApiError("param.cardUpdateOptionsInvalid", "cardUpdateOptions 无效")
    data, private = call.get("cardData"), _private(call)
    if data is None and not private:
        raise ApiError("param.empty", "参数为空")
    card.change(None if data is None else card_data(data, ApiError("param.cardDataInvalid", "cardData 无效")), private,
                options.get("updateCardDataByKey", False), options.get("updatePrivateDataByKey", False))
    return {"success": True, "result": True}


@call("PUT", "/v1.0/card/streaming", "outTrackId! guid! key! content isFull:flag isFinalize:flag isError:flag", STREAM,
      missing=card_missing)
def streaming(call):
    """A guid that was seen before changes nothing."""
    card = _card(call)
    if not call.organization.card_templates[card.template].get("streaming"):
        raise ApiError("param.templateNotStreaming", "the template has no streaming component")
    call.world.limits.card(card.id)
    if call.get("guid") not in card.guids:
        card.guids.add(call.get("guid"))
        before = "" if call.get("isFull", False) else card.public.get(call.get("key"), "")
        status = "5" if call.get("isError") else "3" if call.get("isFinalize") else "2"
        card.change({call.get("key"): before + call.get("content", ""), "flowStatus": status}, by_key=True, by="stream")
    return {"success": True, "result": True}


@call("POST", "/v1.0/card/tops/close", "openConversationId! outTrackId!", WRITE, missing=card_missing)
def close_top(call):
    for space in _card(call).spaces:
        if space.type == "ONE_BOX" and space.conversation.id == call.get("openConversationId"):
            space.open = False
    call.world.journal.changed()
    return {"success": True}


def _card(call):
    card = call.world.cards.every.get(call.get("outTrackId"))
    if card is None:
        raise ApiError("param.outTrackIdNotExist", "卡片不存在")
    return card


def _created(call):
    template = call.get("cardTemplateId")
    if template not in call.organization.card_templates:
        raise ApiError("param.cardTemplateIdNotExist", "卡片模板不存在")
    callback = call.get("callbackType")
    if callback not in (None, "STREAM", "HTTP") or (callback == "HTTP" and not call.get("callbackRouteKey")):
        raise ApiError("param.callbackTypeInvalid", "callbackType 无效")
    data = card_data(call.get("cardData"), ApiError("param.cardDataInvalid", "cardParamMap is string to string"))
    card = Card(call.world, call.get("outTrackId"), template, callback, data, _private(call) or {},
                call.get("userIdType", 1))
    call.world.cards.every[card.id] = card
    call.world.journal.changed()
    return card


def _private(call):
    found = {}
    for id, part in call.get("privateData", {}).items():
        person = call.organization.by_union_id(id) if call.get("userIdType") == 2 else call.organization.by_staff_id(id)
        if person is None:
            raise ApiError("param.userIdNotExist", f"userId {id} 不存在")
        found[person.staff_id] = card_data(part, ApiError("param.privateDataInvalid", "privateData 无效"))
    return found


def _targets(call):
    """[(type, id)] of `dtv1.card//IM_GROUP.<id>;...`."""
    found = []
    for each in call.get("openSpaceId").split(";"):
        type, _, id = each.removeprefix(SCHEME).partition(".")
        if not each.startswith(SCHEME) or type not in _MODELS or not id:
            raise ApiError("param.openSpaceIdInvalid", f"openSpaceId {each} 无效")
        model = call.get(_MODELS[type] + "DeliverModel")
        if not isinstance(model, dict) or not _shaped(model, {"atUserIds": dict, "recipients": list, "userIds": list}):
            raise ApiError("param.openDeliverModelInvalid", f"{_MODELS[type]}DeliverModel 无效")
        found.append((type, id))
    return found


def _shaped(model, kinds):
    return all(isinstance(model.get(name, kind()), kind) for name, kind in kinds.items())


def _space_models(call):
    """Those of this call, each an object of objects where the page has one."""
    found = {name: call.get(name) for name in call.arguments if name.endswith("SpaceModel") and call.get(name)}
    for name, model in found.items():
        if not _shaped(model, {"notification": dict, "lastMessageI18n": dict, "searchSupport": dict}):
            raise ApiError("param.openSpaceModelInvalid", f"{name} 无效")
    return found


def _check_spaces(targets, models):
    for type, _ in targets:
        if _MODELS[type] + "SpaceModel" not in models:
            raise ApiError("param.openSpaceModelInvalid", f"no {_MODELS[type]}SpaceModel")


def _delivered(call, card, targets):
    """One result for each space: a 200 can hold a failure."""
    for type, id in targets:
        model = call.get(_MODELS[type] + "DeliverModel")
        conversation, problem = _place(call, type, id, model)
        result = {"spaceType": type, "spaceId": id, "success": problem is None, "errorMsg": problem or "",
                  "carrierId": secrets.token_hex(12) if problem is None else ""}
        if problem is None:
            card.spaces.append(_space(card, type, id, conversation, result["carrierId"], model))
        card.results.append(result)
    call.world.journal.changed()


def _place(call, type, id, model):
    """(conversation, why not)."""
    organization = call.organization
    if type != "ONE_BOX" and not organization.owns(model.get("robotCode")):
        return None, "robotCode 无效"
    if type == "IM_ROBOT":
        person = organization.reachable(id) if call.get("userIdType", 1) == 1 else organization.by_union_id(id)
        if model.get("spaceType") != "IM_ROBOT":
            return None, "spaceType 无效"
        return (organization.single(person), None) if person else (None, "spaceId is illegal")
    group = organization.conversations.get(id)
    if group is None or group.kind != "2":
        return None, "chatId is illegal"
    codes = [each for each in group.robots if organization.owns(each)] if type == "ONE_BOX" else [model["robotCode"]]
    return (group, None) if set(codes) & set(group.robots) else (None, "robot 不在群内")


def _space(card, type, id, conversation, carrier, model):
    organization, space = card.world.organization, Space(type, id, conversation, carrier)
    said = card.models[_MODELS[type] + "SpaceModel"]
    space.alert = said.get("notification", {}).get("alertContent")
    space.last_message = said.get("lastMessageI18n", {}).get("ZH_CN")
    at = model.get("atUserIds", {})
    space.at_all = "@ALL" in at
    space.mentions = [id for id in at if organization.by_staff_id(id)
                      and organization.by_staff_id(id).name in conversation.members]
    space.recipients = model.get("recipients") or model.get("userIds") or None
    space.expires = model.get("expiredTimeMillis")
    return space
