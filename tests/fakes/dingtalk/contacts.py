"""People and departments (dingtalk.md 5.3). The lists of departments are not on the page: their shapes are general
knowledge of the old API."""
from old_api import old_call
from open_api import call
from refusals import OldError

READ = "qyapi_get_member|Contact.User.Read"
DEPARTMENTS = "qyapi_get_department_list"
MOST_PER_PAGE = 100


def _seen(call, person):
    """Outside the visible range is nobody."""
    if person is None or not person.staff_id or not person.visible or not person.active:
        raise OldError(60121, "找不到该用户")
    return person


@old_call("/topapi/v2/user/getbymobile", "mobile! support_exclusive_account_search:flag", "qyapi_get_member_by_mobile")
def by_mobile(call):
    mobile = call.get("mobile")
    if not mobile.lstrip("+").replace("-", "").isdigit() or len(mobile) < 8:
        raise OldError(40104, "不合法的手机号码")
    return {"result": {"userid": _seen(call, call.organization.by_mobile(mobile)).staff_id,
                       "exclusive_account_userid_list": []}}


@old_call("/topapi/v2/user/get", "userid! language", READ)
def user(call):
    """`union_id` is there and empty: only `unionid` says it."""
    return {"result": _shown(_seen(call, call.organization.by_staff_id(call.get("userid"))))}


def _shown(person):
    return {"userid": person.staff_id, "unionid": person.union_id, "union_id": "", "name": person.nick,
            "mobile": person.mobile, "dept_id_list": person.departments, "active": person.active,
            "admin": person.is_admin}


@old_call("/topapi/user/getbyunionid", "unionid!", READ)
def by_union_id(call):
    """contact_type 1 is somebody outside, who has no userid to send to."""
    person = call.organization.by_union_id(call.get("unionid"))
    if person is not None and not person.staff_id:
        return {"result": {"contact_type": 1, "userid": ""}}
    return {"result": {"contact_type": 0, "userid": _seen(call, person).staff_id}}


@call("POST", "/v1.0/contact/users/search", "queryWord! offset:number size:number fullMatchField:number",
      "Contact.User.Read")
def search(call):
    """At most twenty a page."""
    size, offset, word = min(call.get("size", 20), 20), call.get("offset", 0), call.get("queryWord")
    found = [each.staff_id for each in call.organization.people.values()
             if each.staff_id and each.visible and each.active and word in each.nick + " " + each.name]
    page = found[offset:offset + size]
    return {"list": page, "totalCount": len(found), "hasMore": offset + len(page) < len(found)}


def _department(call):
    id = call.number("dept_id", 1)
    if id not in call.organization.departments:
        raise OldError(60003, "部门不存在")
    return id


@old_call("/topapi/v2/department/listsub", "dept_id:number language", DEPARTMENTS)
def departments(call):
    """One level down."""
    parent = _department(call)
    return {"result": [{"dept_id": each["id"], "name": each["name"], "parent_id": each["parent"]}
                       for each in call.organization.departments.values() if each["parent"] == parent]}


@old_call("/topapi/v2/department/get", "dept_id:number! language", DEPARTMENTS)
def department(call):
    each = call.organization.departments[_department(call)]
    return {"result": {"dept_id": each["id"], "name": each["name"], "parent_id": each["parent"]}}


@old_call("/topapi/user/listid", "dept_id:number!", READ)
def ids_of_department(call):
    """Of this department alone, not of those below it."""
    return {"result": {"userid_list": [each.staff_id for each in _inside(call)]}}


@old_call("/topapi/v2/user/list", "dept_id:number! cursor:number! size:number! order_field contain_access_limit:flag "
          "language", READ)
def people_of_department(call):
    people, (cursor, size) = _inside(call), call.paging()
    if not 0 < size <= MOST_PER_PAGE or cursor < 0:
        raise OldError(400002, "size 无效")
    page = people[cursor:cursor + size]
    more = cursor + len(page) < len(people)
    return {"result": {"has_more": more, **({"next_cursor": cursor + len(page)} if more else {}),
                       "list": [_shown(each) for each in page]}}


def _inside(call):
    return [each for each in call.organization.in_department(_department(call)) if each.visible and each.active]
