"""What people do with words: commands, messages, marks, channels. Gestures on buttons and forms are in gestures.py."""
import uuid

from common.refusals import Impossible
from interactions import Interaction
from texts import typed


class People:
    def __init__(self, slack):
        self.slack, self.workspace, self.happenings = slack, slack.workspace, slack.happenings

    # Who and where

    def person(self, reference):
        user = self.workspace.user_named(reference or "")
        if user is None:
            raise Impossible(f"there is no user {reference}", 404)
        if user["deleted"]:
            raise Impossible(f"{user['name']} was deactivated", 403)
        return user["id"]

    def place(self, user, reference, writes=False):
        """A channel this person sees, by id, #name or name; "dm" is their conversation with the app."""
        if reference == "dm":
            return self.workspace.direct(user, self.workspace.bot)
        channel = self.workspace.channel_named(reference or "")
        if channel is None:
            raise Impossible(f"there is no channel {reference}", 404)
        inside = user in channel.members
        if not inside and (channel.kind != "channel" or writes):
            raise Impossible(f"{user} is not in {channel.name or channel.id}", 403)
        if writes and channel.is_archived:
            raise Impossible(f"{channel.name} is archived", 403)
        return channel

    def message(self, channel, ts):
        message = channel.messages.get(ts)
        if message is None:
            raise Impossible(f"there is no message {ts} in {channel.id}", 404)
        return message

    def words(self, text):
        """What typing this into a message makes of it."""
        return typed(text, self.workspace, labels=False)

    # Commands

    def command(self, user, channel, command, text="", thread_ts=None):
        if thread_ts:
            raise Impossible("slash commands can't be used in threads")
        user, settings, app = self.person(user), self.slack.settings, self.workspace.app
        if not self.slack.granted("commands") or app["commands"] and command not in app["commands"]:
            raise Impossible(f"no app here has the command {command}", 404)
        channel = self.place(user, channel)
        interaction = Interaction(self.slack, "slash_command", user, channel)
        interaction.trigger_id = self.slack.triggers.new(user)
        interaction.response_url = self.slack.hooks.new(interaction, "commands")
        text = typed(text, self.workspace, settings["should_escape"], settings["mention_labels"]).strip()
        payload = {**self.command_payload(user, channel, command), "text": text,
                   "response_url": interaction.response_url, "trigger_id": interaction.trigger_id}
        return interaction.send("slash_commands", payload, True, command,
                                lambda answer: "nothing" if answer is None else interaction.answer(answer, "ack"))

    def command_payload(self, user, channel, command):
        names = {"im": "directmessage", "group": "privategroup"}
        return {"token": "deprecated", "team_id": self.workspace.team["id"],
                "team_domain": self.workspace.team["domain"], "channel_id": channel.id,
                "channel_name": names.get(channel.kind, channel.name), "user_id": user,
                "user_name": self.workspace.users[user]["name"], "command": command,
                "api_app_id": self.workspace.app["id"], "is_enterprise_install": "false"}

    # Messages

    def say(self, user, channel, text="", thread_ts=None, broadcast=False, raw=False, subtype=None, files=None):
        """`raw`: the text is sent as it stands; else @names and #names become tokens and &<> entities."""
        user = self.person(user)
        channel = self.place(user, channel, writes=True)
        if thread_ts is not None and self.message(channel, thread_ts).is_reply:
            raise Impossible("threads hang on their root message", 422)
        text = text if raw else self.words(text)
        bot = self.workspace.users[user]["is_bot"]
        subtype = subtype or ("thread_broadcast" if broadcast else "bot_message" if bot else
                              "file_share" if files else None)
        blocks = [{"type": "rich_text", "block_id": uuid.uuid4().hex[:5], "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}]}]
        return self.happenings.post(channel, user, text=text, thread_ts=thread_ts, subtype=subtype, files=files,
                                    blocks=blocks, client_msg_id=None if bot else str(uuid.uuid4()),
                                    parent_user_id=channel.messages[thread_ts].data["user"] if thread_ts else None)

    def edit(self, user, channel, ts, text):
        message = self._own(user, channel, ts)
        self.happenings.edit(message, message.data["user"], text=self.words(text))
        return message

    def delete(self, user, channel, ts):
        message = self._own(user, channel, ts)
        self.happenings.delete(message)
        return message

    def _own(self, user, channel, ts):
        user = self.person(user)
        message = self.message(self.place(user, channel, writes=True), ts)
        if message.data["user"] != user:
            raise Impossible(f"{ts} is not {user}'s", 403)
        return message

    # Marks

    def mark(self, what, user, channel, ts, name=None, remove=False):
        """`what`: reaction (with `name`) or pin."""
        user = self.person(user)
        message = self.message(self.place(user, channel, writes=True), ts)
        if what == "reaction":
            done = (self.happenings.unreact if remove else self.happenings.react)(message, user, name)
        else:
            done = (self.happenings.unpin if remove else self.happenings.pin)(message, user)
        if not done:
            raise Impossible(f"that {what} is {'not there' if remove else 'there already'}")
        return message

    # Channels

    def channel(self, do, user, channel=None, name=None, whom=None, private=False):
        """`do`: create, rename (`name`), archive, unarchive, join, leave, invite, remove (`whom`), topic (`name`);
        group: a conversation with the app and others (`whom`: a list)."""
        user = self.person(user)
        if do == "group":
            return self.workspace.direct(user, *map(self.person, whom), self.workspace.bot)
        if do == "create":
            return self.happenings.create(channel.removeprefix("#"), user, private)
        place = self.place(user, channel, writes=do not in ("join", "unarchive"))
        if do == "rename":
            self.happenings.rename(place, user, name)
        elif do in ("archive", "unarchive"):
            self.happenings.archive(place, user, do == "archive")
        elif do in ("join", "invite"):
            joining = user if do == "join" else self.person(whom)
            if joining in place.members:
                raise Impossible(f"{joining} is in {place.name} already")
            self.happenings.join(place, joining, user if do == "invite" else None)
        elif do in ("leave", "remove"):
            leaving = user if do == "leave" else self.person(whom)
            if leaving not in place.members:
                raise Impossible(f"{leaving} is not in {place.name}")
            self.happenings.leave(place, leaving, user)
        elif do == "topic":
            self.happenings.set_note(place, user, "topic", name)
        else:
            raise Impossible(f"nobody can {do} a channel", 400)
        return place

    def home(self, user, tab="home"):
        user = self.person(user)
        view = self.workspace.homes.get(user)
        inner = {"type": "app_home_opened", "user": user, "tab": tab, "event_ts": self.workspace.next_ts(),
                 "channel": self.workspace.direct(user, self.workspace.bot).id}
        if view is not None and tab == "home":
            inner["view"] = view.shown()
        self.slack.events.emit(inner)
        return view
