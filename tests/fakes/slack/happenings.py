"""What can happen in the workspace, whoever does it, with the notices and events it causes.

The Web API, answers of the app, and people all come through here, so that a change is told the same way whoever made
it.
"""


class Happenings:
    def __init__(self, slack):
        self.slack, self.workspace, self.events = slack, slack.workspace, slack.events

    # Messages

    def post(self, channel, user, metadata=None, **fields):
        message = self.workspace.add_message(channel, user, metadata, **fields)
        self._changed()
        self.events.message_posted(message)
        return message

    def edit(self, message, user, metadata=None, **fields):
        before = message.shown()
        edited = {"user": user, "ts": self.workspace.next_ts()}
        message.change(metadata, edited=edited, **fields)
        self._changed()
        self.events.message_changed(message, before)

    def delete(self, message):
        """A root that has replies stays as a tombstone, so that its thread can still be read."""
        before = message.shown()
        message.deleted = True
        if message.data.get("reply_count"):
            message.change(subtype="tombstone", text="This message was deleted.", blocks=None, attachments=None,
                           user="USLACKBOT", bot_id=None, app_id=None)
        else:
            message.history.append(dict(message.data))
            message.channel.deleted.append(message.channel.messages.pop(message.ts))
        self._changed()
        self.events.message_changed(message, before, "message_deleted")

    def notice(self, channel, user, subtype, text, **fields):
        """The grey lines Slack writes about a channel."""
        return self.post(channel, user, subtype=subtype, text=text, **fields)

    # Marks on messages

    def react(self, message, user, name):
        """False if this user has reacted so already."""
        reactions = message.data.setdefault("reactions", [])
        mark = next((each for each in reactions if each["name"] == name), None)
        if mark is None:
            mark = {"name": name, "users": [], "count": 0}
            reactions.append(mark)
        if user in mark["users"]:
            return False
        mark["users"].append(user)
        mark["count"] += 1
        self._reaction("reaction_added", message, user, name)
        return True

    def unreact(self, message, user, name):
        mark = next((each for each in message.data.get("reactions", []) if each["name"] == name), None)
        if mark is None or user not in mark["users"]:
            return False
        mark["users"].remove(user)
        mark["count"] -= 1
        if not mark["users"]:
            message.data["reactions"].remove(mark)
        self._reaction("reaction_removed", message, user, name)
        return True

    def _reaction(self, kind, message, user, name):
        self._changed()
        item = {"type": "message", "channel": message.channel.id, "ts": message.ts}
        self.events.emit({"type": kind, "user": user, "reaction": name, "item": item, "item_user": message.data["user"],
                          "event_ts": self.workspace.next_ts()}, message.channel)

    def pin(self, message, user):
        pins = message.channel.pins
        if any(each["ts"] == message.ts for each in pins):
            return False
        pins.append({"ts": message.ts, "created": int(self.slack.clock.now()), "created_by": user})
        self._pin("pin_added", message, user, pins[-1])
        return True

    def unpin(self, message, user):
        pin = next((each for each in message.channel.pins if each["ts"] == message.ts), None)
        if pin is None:
            return False
        message.channel.pins.remove(pin)
        self._pin("pin_removed", message, user, pin)
        return True

    def _pin(self, kind, message, user, pin):
        self._changed()
        item = {"type": "message", "channel": message.channel.id, "created": pin["created"],
                "created_by": pin["created_by"],
                "message": {**message.shown(), "permalink": self.workspace.permalink(message)}}
        self.events.emit({"type": kind, "user": user, "channel_id": message.channel.id, "item": item,
                          "item_user": message.data["user"], "pin_count": str(len(message.channel.pins)),
                          "pinned_info": {}, "has_pins": bool(message.channel.pins),
                          "event_ts": self.workspace.next_ts()}, message.channel)

    # Channels

    def create(self, name, user, private=False):
        channel = self.workspace.add_channel(name, "group" if private else "channel", [], user)
        if not private:
            self._about_channel("channel_created", channel, id=channel.id, name=name, created=int(channel.created),
                                creator=user)
        self.join(channel, user)
        return channel

    def join(self, channel, user, inviter=None):
        channel.members.append(user)
        self._changed()
        self._membership("member_joined_channel", channel, user, **({"inviter": inviter} if inviter else {}))
        subtype = "channel_join" if channel.kind == "channel" else "group_join"
        self.notice(channel, user, subtype, f"<@{user}> has joined the channel",
                    **({"inviter": inviter} if inviter else {}))

    def leave(self, channel, user, actor):
        """Those who stay are told, and the app, if it was sent away, by an event of its own."""
        channel.members.remove(user)
        self._changed()
        self._membership("member_left_channel", channel, user)
        self.notice(channel, user, self._twin("leave", channel), f"<@{user}> has left the channel")
        if user == self.workspace.bot:
            self.events.emit({"type": self._twin("left", channel), "channel": channel.id, "actor_id": actor,
                              "event_ts": self.workspace.next_ts()})

    def _membership(self, kind, channel, user, **more):
        self.events.emit({"type": kind, "user": user, "channel": channel.id, "team": self.workspace.team["id"],
                          "channel_type": "G" if channel.kind == "group" else "C",
                          "event_ts": self.workspace.next_ts(), **more}, channel)

    def rename(self, channel, user, name):
        old, channel.name = channel.name, name
        channel.previous_names.insert(0, old)
        self._changed()
        self._about_channel(self._twin("rename", channel), channel, id=channel.id, name=name, name_normalized=name,
                            created=int(channel.created))
        self.notice(channel, user, self._twin("name", channel),
                    f'<@{user}> has renamed the channel from "{old}" to "{name}"', old_name=old, name=name)

    def archive(self, channel, user, archived=True):
        """The notice comes first: nothing is written into an archived channel."""
        word = "archive" if archived else "unarchive"
        if archived:
            self.notice(channel, user, self._twin(word, channel), f"<@{user}> archived the channel")
        channel.is_archived = archived
        self._changed()
        self.events.emit({"type": self._twin(word, channel), "channel": channel.id, "user": user,
                          "event_ts": self.workspace.next_ts()}, channel if channel.kind == "group" else None)
        if not archived:
            self.notice(channel, user, self._twin(word, channel), f"<@{user}> un-archived the channel")

    def set_note(self, channel, user, which, text):
        """`which` is topic or purpose."""
        setattr(channel, which, text)
        self._changed()
        self.notice(channel, user, self._twin(which, channel), f"<@{user}> set the channel {which}: {text}",
                    **{which: text})

    def _about_channel(self, kind, channel, **shown):
        """Of a public channel everybody hears, of a private one who is in it."""
        self.events.emit({"type": kind, "channel": shown, "event_ts": self.workspace.next_ts()},
                         channel if channel.kind == "group" else None)

    @staticmethod
    def _twin(word, channel):
        return ("group_" if channel.kind == "group" else "channel_") + word

    def _changed(self):
        self.slack.journal.changed()
