"""users and usergroups."""
from refusals import ApiError
from web_api import MOST_PER_PAGE, method


@method("users.info", "user! include_locale:flag", scopes=["users:read"], tier=4, reads=True)
def info(call):
    user = call.workspace.users.get(call.get("user"))
    if user is None:
        raise ApiError("user_not_found")
    shown = _shown(call, user)
    return {"user": {**shown, "locale": user.get("locale", "en-US")} if call.get("include_locale") else shown}


@method("users.lookupByEmail", "email!", scopes=["users:read.email"], reads=True)
def lookup(call):
    email = call.get("email").lower()
    for user in call.workspace.users.values():
        if user.get("email", "").lower() == email and not user["deleted"]:
            return {"user": _shown(call, user)}
    raise ApiError("users_not_found")


@method("users.list", "limit:number cursor include_locale:flag", scopes=["users:read"], tier=2, reads=True)
def list_all(call):
    everybody = list(call.workspace.users.values())
    if not call.get("limit") and len(everybody) > MOST_PER_PAGE:
        raise ApiError("limit_required")
    members, cursor = call.page(everybody, kept=lambda user: _shown(call, user))
    return {"members": members, "response_metadata": {"next_cursor": cursor}}


def _shown(call, user):
    return call.workspace.shown_user(user, with_email=call.may("users:read.email"))


@method("usergroups.list", "include_users:flag include_count:flag include_disabled:flag", scopes=["usergroups:read"],
        tier=2, reads=True)
def groups(call):
    found = [_group(call, group) for group in call.workspace.usergroups.values()
             if call.get("include_disabled") or not group["disabled"]]
    return {"usergroups": found}


def _group(call, group):
    shown = {"id": group["id"], "team_id": call.workspace.team["id"], "is_usergroup": True, "name": group["name"],
             "handle": group["handle"], "date_delete": 1_600_000_000 if group["disabled"] else 0}
    if call.get("include_users"):
        shown["users"] = list(group["users"])
    if call.get("include_count"):
        shown["user_count"] = str(len(group["users"]))
    return shown


@method("usergroups.users.list", "usergroup! include_disabled:flag", scopes=["usergroups:read"], tier=2, reads=True)
def group_users(call):
    group = call.workspace.usergroups.get(call.get("usergroup"))
    if group is None or (group["disabled"] and not call.get("include_disabled")):
        raise ApiError("no_such_subteam")
    return {"users": list(group["users"])}
