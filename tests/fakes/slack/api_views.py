"""views: what the app does to modals and the Home tab."""
from refusals import ApiError, invalid_arguments
from web_api import method


@method("views.open", "trigger_id! view:json!", tier=4)
def open_view(call):
    return {"view": call.slack.dialogs.open(call.get("trigger_id"), call.get("view")).shown()}


@method("views.push", "trigger_id! view:json!", tier=4)
def push(call):
    return {"view": call.slack.dialogs.push(call.get("trigger_id"), call.get("view")).shown()}


@method("views.update", "view_id external_id view:json! hash", tier=4)
def update(call):
    view_id, external_id = call.get("view_id"), call.get("external_id")
    if (view_id is None) == (external_id is None):
        raise invalid_arguments("either view_id or external_id")
    view = call.slack.dialogs.named(view_id, external_id)
    return {"view": call.slack.dialogs.update(view, call.get("view"), call.get("hash")).shown()}


@method("views.publish", "user_id! view:json! hash", tier=4)
def publish(call):
    user = call.workspace.users.get(call.get("user_id"))
    if user is None or user["deleted"]:
        raise ApiError("user_not_found")
    return {"view": call.slack.dialogs.publish(user["id"], call.get("view"), call.get("hash")).shown()}
