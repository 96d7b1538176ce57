"""The organisation: its people, departments, app, robots and conversations. It keeps the facts; who may do what is
asked elsewhere."""
import base64
import copy
import hashlib
import json
import pathlib

from common.refusals import Impossible

SEED = pathlib.Path(__file__).with_name("organization.json")


class Person:
    """`name` is what tests say, `nick` what DingTalk shows, `staff_id` (the userId) what sending takes. Who is outside
    the organisation has none (dingtalk.md 2: it may be missing or empty)."""

    def __init__(self, name, nick, staff_id, union_id=None, mobile=None, departments=(), is_admin=False, visible=True,
                 platform="Mac", flow_controlled=False, filtered=False, ding_fails=False, active=True):
        self.name, self.nick, self.staff_id, self.union_id, self.mobile = name, nick, staff_id, union_id, mobile
        self.departments, self.is_admin, self.platform, self.active = list(departments), is_admin, platform, active
        self.visible = visible  # inside the app's visible range?
        self.flow_controlled, self.filtered, self.ding_fails = flow_controlled, filtered, ding_fails

    @property
    def encrypted_id(self):
        return encrypted("person " + self.name)

    def row(self):
        return dict(vars(self))


class Conversation:
    """kind "1" is one person with the robot, "2" a group; as in conversationType."""

    def __init__(self, id, kind, name, title, members, robots, external=False, chat_id=None, owner=None, template=None):
        self.id, self.kind, self.name, self.title, self.external = id, kind, name, title, external
        self.members, self.robots = list(members), list(robots)  # names; robot codes
        self.chat_id, self.owner, self.template = chat_id or "chat" + digest(id)[:24], owner, template
        self.uuid = None  # what a scene group was made with

    def row(self):
        return dict(vars(self))


class Organization:
    def __init__(self, clock, seed=None):
        seed = copy.deepcopy(seed) if seed else json.loads(SEED.read_text(encoding="utf-8"))
        self.clock = clock
        self.corp, self.app = seed["corp"], {"state": "ok", **seed["app"]}
        self.departments = {each["id"]: each for each in seed["departments"]}
        self.people = {each["name"]: Person(**each) for each in seed["people"]}
        self.card_templates = {each["id"]: {"variables": None, "buttons": None, **each}
                               for each in seed["card_templates"]}
        self.scene_templates = {each["id"]: each for each in seed["scene_templates"]}
        self.custom_robots = {each["token"]: each for each in seed["custom_robots"]}
        self.conversations = {}
        for each in seed["groups"]:
            self.conversations[each["id"]] = Conversation(kind="2", **each)
        self._numbers = {}

    def number(self, what):
        self._numbers[what] = self._numbers.get(what, 0) + 1
        return self._numbers[what]

    def milliseconds(self):
        return int(self.clock.now() * 1000)

    # People

    def person(self, reference):
        """By name, nick or staff id, as a test says it."""
        found = self.people.get(reference) or next(
            (each for each in self.people.values() if reference in (each.nick, each.staff_id)), None)
        if found is None:
            raise Impossible(f"there is nobody called {reference}", 404)
        return found

    def by_staff_id(self, id):
        return next((each for each in self.people.values() if id and each.staff_id == id), None)

    def by_union_id(self, id):
        return next((each for each in self.people.values() if id and each.union_id == id), None)

    def by_mobile(self, mobile):
        return next((each for each in self.people.values() if mobile and each.mobile == mobile), None)

    def reachable(self, staff_id):
        """The person, if the app may see them: only userIds inside its visible range work (dingtalk.md 3.4)."""
        person = self.by_staff_id(staff_id)
        return person if person and person.visible and person.active else None

    def in_department(self, id):
        return [each for each in self.people.values() if id in each.departments and each.staff_id]

    # Robots

    @property
    def robot_code(self):
        return self.app["robot_code"]

    def owns(self, robot_code):
        """The app's own robot, and those of its scene templates (dingtalk.md 5.4: not the appKey)."""
        return robot_code == self.robot_code or any(
            each["robot_code"] == robot_code for each in self.scene_templates.values())

    # Conversations

    def groups(self):
        return [each for each in self.conversations.values() if each.kind == "2"]

    def group(self, reference):
        """By name, title or id, as a test says it."""
        found = next((each for each in self.groups() if reference in (each.name, each.title, each.id)), None)
        if found is None:
            raise Impossible(f"there is no group {reference}", 404)
        return found

    def single(self, person):
        """A person's own conversation with the robot."""
        id = "cidSingle" + digest(person.name)[:16] + "=="
        return self.conversations.setdefault(id, Conversation(
            id, "1", person.name, person.nick, [person.name], [self.robot_code]))

    def new_group(self, title, members, owner, robots=(), template=None):
        number = self.number("group")
        id = "cidNew%d%s==" % (number, digest(f"group {number}")[:14])
        self.conversations[id] = Conversation(id, "2", f"new-{number}", title, members, robots, owner=owner,
                                              template=template)
        return self.conversations[id]

    def staff_of(self, conversation):
        return [self.people[name] for name in conversation.members if self.people[name].staff_id]


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def encrypted(text):
    """An id as DingTalk encrypts it: of no use for sending."""
    return "$:LWCP_v1:$" + base64.b64encode(hashlib.sha256(text.encode()).digest()[:18]).decode()
