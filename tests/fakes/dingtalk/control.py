"""The control port: what tests can do as people and as the weather. README.md lists the paths."""
from common.control import ControlPort
from common.refusals import Impossible
from common.settings import with_changes
from common.wire import Answer
from gateway import APP_STATES
from listings import Listings
from load import Load
from organization import Person
from service import SETTINGS


class Control(ControlPort):
    @property
    def world(self):
        return self.stage.world

    def listings(self):
        return Listings(self.world, self.stage.listeners)

    def counts(self):
        world = self.world
        calls = {}
        for row in world.journal.rows("call"):
            calls[row["api"]] = calls.get(row["api"], 0) + 1
        return {"seq": world.journal.seq, "pushes": world.pushes.counts, "calls": calls,
                "sockets": len(world.gateway.counted()), "faults": world.faults.taken, "dings": world.dings.spent}

    def file(self, id):
        found = self.world.files.media.get(id) or self.world.files.sent.get(id)
        if found is None:
            raise Impossible(f"there are no bytes {id}", 404)
        return Answer(found["bytes"], kind="application/octet-stream")

    # The weather

    def on_settings(self, **changes):
        self.world.settings = with_changes(SETTINGS, self.world.settings, changes)
        return self.world.settings

    def on_tokens(self, kind="new", forget=False):
        """Ends the access tokens of one API: they have expired, or (`forget`) nobody knows them."""
        self.world.tokens.end(kind, forget)
        return {}

    def on_sessions(self, conversation=None):
        """sessionWebhooks expire before their time; of one conversation, or of all."""
        self.world.hooks.expire(conversation)
        return {}

    def on_tickets(self):
        """Those not yet used are too old."""
        for ticket in self.world.gateway.tickets.values():
            ticket.issued = float("-inf")
        return {}

    def on_app(self, state=None, secret=None, scopes=None, without=None):
        """`scopes`: all of its rights; `without`: one that it loses."""
        app = self.world.organization.app
        if state is not None and state not in APP_STATES:
            raise Impossible(f"an app is one of: {', '.join(sorted(APP_STATES))}", 400)
        if without is not None and without not in app["scopes"]:
            raise Impossible(f"the app has no right {without}", 400)
        app["state"] = state or app["state"]
        app["client_secret"] = secret or app["client_secret"]
        app["scopes"] = [each for each in (app["scopes"] if scopes is None else scopes) if each != without]
        return app

    def crowd(self):
        return self.world.gateway

    @staticmethod
    def special(socket, do, how):
        if do == "disconnect":
            socket.disconnect(how.get("reason", "connection is expired"), how.get("after"))
        elif do == "system":
            socket.send_system(how["topic"], how.get("data", {}), how.get("message_id"), how.get("spec", True))
        elif do == "system_ping":
            socket.system_ping(**how)
        else:
            raise Impossible(f"a socket can't {do}", 400)

    def on_pushes(self, topic, data, type="CALLBACK", key=None, headers=None):
        """Anything: other topics, nonsense in `data` (a text is taken as it stands)."""
        return self.world.pushes.post(type, topic, data, "other", key, headers).shown()

    def on_pushes_repeat(self, id, same_id=False):
        push = self.world.pushes.every[id]
        self.world.pushes.repeat(push, same_id)
        return push.shown()

    def on_events(self, event_type, data=None, event_id=None):
        world = self.world
        id = event_id or f"event{world.organization.number('event'):08d}"
        headers = {"eventId": id, "eventType": event_type, "eventBornTime": world.pushes.time(),
                   "eventCorpId": world.organization.corp["id"],
                   "eventUnifiedAppId": world.organization.app["app_id"]}
        topic = world.settings["event_topic"] or event_type
        return world.pushes.post("EVENT", topic, data or {}, "event", id, headers).shown()

    def on_load(self, **how):
        load = Load(self.world, f"L{len(self.world.loads) + 1}", **how)
        self.world.loads[load.id] = load
        return load.shown()

    # People

    def on_messages(self, **how):
        return self.world.people.say(**how).shown()

    def on_click(self, **how):
        return self.world.gestures.click(**how).shown()

    def on_tap(self, **how):
        return self.world.gestures.tap(**how).shown()

    def on_read(self, **how):
        return self.world.gestures.read(**how)

    # The organisation itself

    def on_people(self, name, **facts):
        """Changes a person, or makes one."""
        people = self.world.organization.people
        usual = {"name": name, "nick": name, "staff_id": name + "0001"}
        people[name] = Person(**{**(people[name].row() if name in people else usual), **facts})
        return people[name].row()

    def on_groups(self, do, group=None, person=None, title=None, members=(), robot=None):
        """create (title, members, robot), join, leave, add_robot, remove_robot, dissolve."""
        organization = self.world.organization
        if do == "create":
            members = [organization.person(each).name for each in members]
            robots = [robot or organization.robot_code] if robot is not False else []
            return organization.new_group(title, members, None, robots).row()
        found = organization.group(group)
        row = found.row()
        if do == "dissolve":
            del organization.conversations[found.id]
        elif do in ("add_robot", "remove_robot"):
            found.robots = [robot or organization.robot_code] if do == "add_robot" else []
        elif do in ("join", "leave"):
            name = organization.person(person).name
            kept = [each for each in found.members if each != name]
            found.members = kept + [name] if do == "join" else kept
        else:
            raise Impossible(f"nobody can {do} a group", 400)
        self.world.journal.changed()
        return found.row() if do != "dissolve" else row

    def on_templates(self, id, variables=None, buttons=None, streaming=False):
        """A card template, as the console would hold it: the names it uses; None: any."""
        template = {"id": id, "variables": variables, "buttons": buttons, "streaming": streaming}
        self.world.organization.card_templates[id] = template
        return template

    def on_scene_templates(self, id, robot_code):
        self.world.organization.scene_templates[id] = {"id": id, "robot_code": robot_code}
        return self.world.organization.scene_templates[id]
