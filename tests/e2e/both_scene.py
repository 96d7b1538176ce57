"""One Slack, one DingTalk, and one bot that serves them both to the same people."""
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
from chat_scene import Beside, ChatBot, ChatScene
from dingtalk_scene import OPS, DingTalkScene, pinging
from dingtalk_stage import DingTalkServer, dingtalk_chat
from slack_scene import TOCSIN, SlackScene
from slack_stage import ALICE, SlackServer, slack_chat

__all__ = ["Beside", "BothScene"]
CHANNEL = "C0OPS"  # where Slack is told what was opened elsewhere
DINGTALK_FIRST, SLACK_FIRST = "[dingtalk, slack, email, inbox]", "[slack, dingtalk, email, inbox]"


class BothScene(ChatScene):
    """`in_slack` and `in_dingtalk`: the one bot as the scene of each platform has it."""

    def open(self, channels=DINGTALK_FIRST, rate=1, slack=None, dingtalk=None, start=True, **bot):
        """`slack`, `dingtalk`: settings of the fakes; `bot`: of ChatBot. Waits until the bot is connected to both,
        unless told not to start it."""
        self.in_slack, self.in_dingtalk = SlackScene(), DingTalkScene()
        self.slack = self.in_slack.slack = self.new_stage(SlackServer, slack)
        self.ding = self.new_fake(DingTalkServer, pinging(rate, dingtalk))
        self.in_dingtalk.see(self.ding, rate)
        self.bot = self.new_bot(self.folder, rate=rate, channels=channels, **bot)
        for each in (self.in_slack, self.in_dingtalk):
            each.folder, each.mail, each.bot = self.folder, self.mail, self.bot
        self.in_slack.install()
        if start:
            self.start()

    def made_bot(self, folder, ca_file, **more):
        chats = [slack_chat(folder, self.slack, ca_file, [f"channel: {CHANNEL}"]),
                 dingtalk_chat(folder, self.ding, ca_file)]
        return ChatBot(folder, self.mail.port, chats, **more)

    def start(self):
        self.bot.start()
        self.connected()

    def connected(self):
        self.slack.wait("sockets", count=2, ready=True, state="open")
        self.in_dingtalk.connected()

    @staticmethod
    def take_down(fake):
        """Whoever is connected is cut off, and nobody gets through any more."""
        fake.post("listening", api=False)
        fake.post("connections", listener="api")
        fake.post("sockets", socket="all", do="cut")

    @staticmethod
    def bring_back(fake):
        fake.post("listening", api=True)

    def at_once(self, *gestures):
        """Made at the same moment by hands that wait for each other; what came of each, in order."""
        found, start = [None] * len(gestures), threading.Barrier(len(gestures))

        def make(number):
            start.wait()
            found[number] = gestures[number]()

        hands = [threading.Thread(target=make, args=(number,)) for number in range(len(gestures))]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        return found

    def fence(self):
        """What was asked before, in either group, is answered by now, as often as it ever will be."""
        self.in_slack.fence()
        self.in_dingtalk.fence(self.in_dingtalk.ping("fence"))

    # What is there

    def told_in_slack(self, word="INC-1"):
        """What stands for all in the channel that is configured, as soon as there is something."""
        return [each for each in self.slack.wait("messages", channel=CHANNEL, user=TOCSIN, deleted=False, contains=word)
                if each.get("thread_ts") in (None, each["ts"])]

    def cards_in_dingtalk(self, word="INC-1"):
        return [each for each in self.ding.get("cards", contains=word) if each["spaces"][0]["conversation"] == OPS]

    def taken_in_dingtalk(self, card):
        """The card once it shows on its first line who has it."""
        return stage.wait_for("who has it", lambda: [each for each in self.ding.get("cards", id=card["id"])
                                                     if "运维工程师" in each["data"]["title"]])[0]

    def taken_in_slack(self, message):
        self.in_slack.message(channel=message["channel"], ts=message["ts"], contains="/incident mitigate INC-")

    def direct_in_slack(self):
        """Alice's conversation with the bot."""
        self.slack.post("home", user="alice")
        return self.in_slack.direct(ALICE)

    def audit(self, what):
        """By whom a command was given, from where."""
        return self.bot.rows("SELECT person, place FROM audit WHERE instr(what, ?1) = 1 ORDER BY sequence", what)


if __name__ == "__main__":
    sys.exit("a module of the tests")
