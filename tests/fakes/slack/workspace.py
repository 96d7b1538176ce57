"""The workspace: people, channels, messages. It keeps the facts; who may do what is asked elsewhere."""
import copy
import json
import pathlib

SEED = pathlib.Path(__file__).with_name("workspace.json")
PREFIXES = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}


class Message:
    """`data` is what Slack shows of it. `history` has what it was before each change, for tests to read."""

    def __init__(self, channel, data, metadata=None):
        self.channel, self.data, self.metadata = channel, data, metadata
        self.history = []
        self.deleted = False

    @property
    def ts(self):
        return self.data["ts"]

    @property
    def is_reply(self):
        return self.data.get("thread_ts", self.ts) != self.ts

    def shown(self, with_metadata=False):
        """What others write under a bot's name has often no user."""
        data = dict(self.data)
        if data.get("subtype") == "bot_message":
            data["username"] = data.pop("user")
        if with_metadata and self.metadata:
            data["metadata"] = self.metadata
        return data

    def change(self, metadata=None, **fields):
        """None takes a field away; the metadata stays unless there is a new one."""
        self.history.append(copy.deepcopy(self.data))
        for name, value in fields.items():
            if value is None:
                self.data.pop(name, None)
            else:
                self.data[name] = value
        self.metadata = metadata or self.metadata


class Ephemeral(Message):
    """Seen by one person, and by the app only through what it got when it made it."""

    def __init__(self, channel, user, data):
        super().__init__(channel, data)
        self.user = user


class Channel:
    def __init__(self, id, name, kind, members, creator=None, created=0, is_general=False, is_archived=False):
        self.id, self.name, self.kind, self.members = id, name, kind, list(members)
        self.creator, self.created, self.is_general, self.is_archived = creator, created, is_general, is_archived
        self.topic = self.purpose = ""
        self.previous_names = []
        self.messages = {}  # by ts, oldest first
        self.deleted = []
        self.ephemerals = []
        self.pins = []  # {"ts", "created", "created_by"}
        self.bookmarks = []

    def roots(self):
        """What the channel itself shows: no replies but those sent to the channel, too."""
        return [each for each in self.messages.values()
                if not each.is_reply or each.data.get("subtype") == "thread_broadcast"]

    def thread(self, root_ts):
        return [each for each in self.messages.values() if each.data.get("thread_ts", each.ts) == root_ts]

    def shown(self, member=None):
        """conversation object, as `conversations.info` gives it."""
        common = {"id": self.id, "created": int(self.created), "is_archived": self.is_archived,
                  "is_im": self.kind == "im", "is_mpim": self.kind == "mpim", "is_org_shared": False}
        if self.kind == "im":
            return {**common, "user": next((each for each in self.members if each != member), member)}
        note = {"creator": "", "last_set": 0}
        return {
            **common, "name": self.name, "name_normalized": self.name, "creator": self.creator or "",
            "is_channel": self.kind == "channel", "is_group": self.kind == "group", "is_general": self.is_general,
            "is_private": self.kind != "channel", "is_member": member in self.members, "is_shared": False,
            "num_members": len(self.members), "previous_names": list(self.previous_names),
            "topic": {**note, "value": self.topic}, "purpose": {**note, "value": self.purpose}}


class Workspace:
    def __init__(self, clock, seed=None):
        seed = seed or json.loads(SEED.read_text(encoding="utf-8"))
        self.clock = clock
        self.team, self.app = seed["team"], seed["app"]
        self.users = {user["id"]: {"deleted": False, "is_bot": False, **user} for user in seed["users"]}
        self.usergroups = {group["id"]: {"disabled": False, **group} for group in seed["usergroups"]}
        self.channels = {}
        self.files = {}
        self.homes = {}  # published Home tab by user
        self._last_micros = 0
        self._numbers = {}
        for each in seed["channels"]:
            private = each.get("is_private", False)
            self.channels[each["id"]] = Channel(
                each["id"], each["name"], "group" if private else "channel", each["members"],
                is_general=each.get("is_general", False), is_archived=each.get("is_archived", False))

    @property
    def bot(self):
        return self.app["user"]

    def next_ts(self):
        """Unique in the whole workspace, which is more than Slack promises, and never less than the one before."""
        micros = max(int(self.clock.now() * 1_000_000), self._last_micros + 100)
        self._last_micros = micros
        return "%d.%06d" % divmod(micros, 1_000_000)

    def new_id(self, prefix):
        self._numbers[prefix] = self._numbers.get(prefix, 0) + 1
        return "%s0N%07d" % (prefix, self._numbers[prefix])

    # People

    def user_named(self, reference):
        """By id, by name or by @name; None if there is nobody."""
        name = reference.removeprefix("@")
        if name in self.users:
            return self.users[name]
        return next((user for user in self.users.values() if user["name"] == name), None)

    def shown_user(self, user, with_email):
        profile = {"display_name": user["name"], "real_name": user.get("real_name", user["name"])}
        if with_email and user.get("email"):
            profile["email"] = user["email"]
        if user.get("bot_id"):
            profile["bot_id"] = user["bot_id"]
        return {"id": user["id"], "team_id": self.team["id"], "name": user["name"], "deleted": user["deleted"],
                "is_bot": user["is_bot"], "real_name": profile["real_name"], "tz": user.get("tz", "Etc/UTC"),
                "tz_offset": 0, "profile": profile}

    # Channels

    def channel_named(self, reference):
        """By id, name or #name. Direct messages have no name."""
        name = reference.removeprefix("#")
        if name in self.channels:
            return self.channels[name]
        return next((each for each in self.channels.values() if each.name == name), None)

    def direct(self, *users):
        """The conversation of exactly these people, which is made when it is first wanted."""
        people = list(dict.fromkeys(users))
        kind = "im" if len(people) <= 2 else "mpim"
        for channel in self.channels.values():
            if channel.kind == kind and sorted(channel.members) == sorted(people):
                return channel
        name = None if kind == "im" else "mpdm-" + "--".join(self.users[each]["name"] for each in people) + "-1"
        return self.add_channel(name, kind, people, people[-1])

    def add_channel(self, name, kind, members, creator):
        prefix = {"channel": "C", "group": "C", "im": "D", "mpim": "G"}[kind]
        channel = Channel(self.new_id(prefix), name, kind, members, creator, self.clock.now())
        self.channels[channel.id] = channel
        return channel

    # Messages

    def add_message(self, channel, user, metadata=None, **fields):
        ts = self.next_ts()
        data = {"type": "message", "ts": ts, "team": self.team["id"], "user": user}
        author = self.users.get(user, {})
        if author.get("bot_id"):
            data["bot_id"] = author["bot_id"]
        if user == self.bot:
            data["app_id"] = self.app["id"]
            data["bot_profile"] = {"id": author["bot_id"], "app_id": self.app["id"], "name": self.app["name"],
                                   "team_id": self.team["id"], "deleted": False}
        data.update({name: value for name, value in fields.items() if value is not None})
        message = Message(channel, data, metadata)
        channel.messages[ts] = message
        self._count_replies(channel, data.get("thread_ts"), user, ts)
        return message

    def add_ephemeral(self, channel, user, **fields):
        fields = {name: value for name, value in fields.items() if value is not None}
        data = {"type": "message", "ts": self.next_ts(), "user": self.bot, "bot_id": self.app["bot_id"], **fields}
        channel.ephemerals.append(Ephemeral(channel, user, data))
        return channel.ephemerals[-1]

    def _count_replies(self, channel, root_ts, user, ts):
        root = channel.messages.get(root_ts)
        if root is None or root_ts == ts:
            return
        users = root.data.get("reply_users", [])
        root.data.update(thread_ts=root_ts, reply_count=root.data.get("reply_count", 0) + 1, latest_reply=ts,
                         reply_users=users if user in users else [*users, user])

    def permalink(self, message):
        link = "https://%s.slack.com/archives/%s/p%s" % (
            self.team["domain"], message.channel.id, message.ts.replace(".", ""))
        if message.is_reply:
            link += "?thread_ts=%s&cid=%s" % (message.data["thread_ts"], message.channel.id)
        return link
