"""One DingTalk, one bot, one mail server for one test."""
import calendar
import itertools
import json
import pathlib
import re
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
from chat_scene import Beside, ChatScene
from dingtalk_stage import ALICE, BOB, CAROL, OPS, PARTNERS, TEMPLATE, DingTalkBot, DingTalkServer
from dingtalk.client import Refused

__all__ = ["ALICE", "BOB", "CAROL", "OPS", "PARTNERS", "TEMPLATE", "Beside", "DingTalkScene", "Refused", "pinging"]
SOCKETS = 2  # that the bot keeps
PARTS = [f"{name}{number}" for name in ("button", "command", "has") for number in range(1, 5)]
BUTTONS = ["run1", "run2", "run3", "run4"]
OPEN, TOKEN, OLD_TOKEN = "/v1.0/gateway/connections/open", "/v1.0/oauth2/accessToken", "/gettoken"
TO_GROUP, TO_PEOPLE = "/v1.0/robot/groupMessages/send", "/v1.0/robot/oToMessages/batchSend"
DING, RECALL = "/v1.0/robot/ding/send", "/v1.0/robot/ding/recall"
NEW_CARD, CARD = "/v1.0/card/instances/createAndDeliver", "/v1.0/card/instances"
_fences = itertools.count(1)


def pinging(rate, settings):
    """The fake's settings: a fast bot hears DingTalk's pings as often by its own clock as a slow one."""
    if rate == 1:
        return settings
    return {"ping_seconds": 30 / rate, "missed_pings": 3 * rate, "keepalive_seconds": 0.0, **(settings or {})}


class DingTalkScene(ChatScene):
    """Starts nothing by itself: a test says what DingTalk and the bot are like."""

    platform = "dingtalk"

    def open(self, start=True, settings=None, environment=None, rate=1, **bot):
        """`settings`: the fake's. `bot`: of DingTalkBot. Waits until the bot's connections are there, unless told not
        to start it."""
        self.see(self.new_stage(DingTalkServer, pinging(rate, settings)), rate)
        self.bot = self.new_bot(self.folder, rate=rate, **bot)
        self.bot.environment = environment or {}
        if start:
            self.bot.start()
            self.connected()

    def see(self, ding, rate):
        """`ding`: this DingTalk, which knows the cards' template; `rate`: of the bot's clock."""
        self.ding, self.rate = ding, rate
        ding.post("templates", id=TEMPLATE, variables=["title", "markdown", *PARTS], buttons=BUTTONS)

    def made_bot(self, folder, **more):
        return DingTalkBot(folder, self.mail.port, self.ding, **more)

    def in_step(self):
        """DingTalk's clock shows what a fast bot's shows: else what is typed now would be old to the bot."""
        if self.rate == 1:
            return
        origin, epoch, rate = re.fullmatch(r"origin=(.*),epoch=(\d+),rate=(\d+)", self.bot.clock).groups()
        shown = calendar.timegm(time.strptime(origin, "%Y-%m-%dT%H:%M:%SZ")) \
            + (time.time() - int(epoch) / 1000) * int(rate)
        behind = shown - self.ding.get("time")["now"]
        if behind > 0:
            self.ding.advance(behind)

    # What people do

    def say(self, user, text, group="ops", **more):
        """In a group, where it mentions the robot."""
        self.in_step()
        return self.ding.say(user, text, group=group, **more)

    def direct(self, user, text, **more):
        """Alone with the robot, where words alone are commands."""
        self.in_step()
        return self.ding.say(user, text, **more)

    def ping(self, word, user="alice", group="ops"):
        """A command that answers with its own words."""
        return self.say(user, f"ping {word}", group) if group else self.direct(user, f"ping {word}")

    def button(self, card, command):
        """The number of the button that stands for `command`."""
        data = card["data"]
        for number in range(1, 5):
            if data.get(f"has{number}") == "true" and data.get(f"command{number}") == command:
                return number
        raise AssertionError(f"no button for {command!r} in {data}")

    def click(self, who, card, command):
        """As the card is by then: it may be edited until somebody looks. What the template binds to a button comes
        along."""
        def clicked():
            shown = self.ding.get("cards", id=card["id"])[0]
            try:
                number = self.button(shown, command)
            except AssertionError:
                return None
            return self.ding.click(who, card["id"], f"run{number}", command=shown["data"][f"command{number}"])

        self.in_step()
        return stage.wait_for(f"a button for {command!r} on {card['id']}", clicked)

    @staticmethod
    def links(message):
        """[(what it says when it is tapped, its title)]."""
        found = [(urllib.parse.urlsplit(each["url"]), each["title"]) for each in message["buttons"]]
        return [(urllib.parse.parse_qs(parts.query).get("content", [""])[0], title) for parts, title in found
                if parts.scheme == "dtmd"]

    def link(self, message, words):
        """The title of what, tapped, says `words`."""
        for said, title in self.links(message):
            if words in said:
                return title
        raise AssertionError(f"nothing says {words!r}: {message['buttons']}")

    def tap(self, who, message, words):
        """The link of a message that says `words`."""
        self.in_step()
        return self.ding.tap(who, message["id"], self.link(message, words))

    # What came of it

    def said(self, count=1, timeout=None, **filters):
        """What the bot said, as soon as it is so much."""
        return self.ding.wait("said", count, timeout, **filters)

    def answers(self, word):
        """How often it said a word, by whichever way; not part of a longer one, and as people see it."""
        return sum(len(re.findall(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])", each["text"].replace("\\", "")))
                   for each in self.ding.get("said", contains=word))

    def answered_once(self, gesture, word):
        """A command's author saw the answer, by whichever way, in the conversation it came from, and once."""
        there = self.said(contains=word, conversation=gesture["conversation"])
        self.fence(gesture)
        self.assertEqual(self.answers(word), 1, f"{word}: {there}")

    def fence(self, gesture):
        """Said after what was asked before there, and answered: a second answer would be there by now."""
        word = f"fence{next(_fences)}"
        group = gesture["group"] if gesture["group"] not in ("alice", "bob", "carol", "dave") else None
        self.ping(word, gesture["user"], group)
        self.said(contains=word, conversation=gesture["conversation"])

    def card(self, contains="INC-1", timeout=None, group="ops"):
        """The newest card there that shows this."""
        def there():
            return [each for each in self.ding.get("cards", contains=contains)
                    if any(space["group"] == group for space in each["spaces"])]

        return stage.wait_for(f"a card with {contains!r} in {group}", there, timeout or stage.DEADLINE)[-1]

    def showing(self, card, word):
        """The card once it says so."""
        return stage.wait_for(f"{word!r} on {card['id']}", lambda: [
            each for each in self.ding.get("cards", id=card["id"]) if word in each["data"].get("markdown", "")
            or word in each["data"].get("title", "")])[0]

    def ding_for(self, staff, count=1, timeout=None, **filters):
        """DINGs that reached somebody."""
        return self.ding.wait("dings", count, timeout, receivers=[staff], **filters)

    def asked_to_approve(self, name, code="K1"):
        """The card or the message by which one person is asked: (card, None) or (None, message)."""
        def asked():
            for each in self.ding.get("cards", contains=f"/approve {code}"):
                if any(space["type"] == "IM_ROBOT" and space["group"] == name for space in each["spaces"]):
                    return each, None
            for each in self.ding.get("said", conversation_type="1", group=name):
                if each["state"] == "sent" and any(f"approve {code}" in words for words, _ in self.links(each)):
                    return None, each
            return None

        return stage.wait_for(f"{name} to be asked for {code}", asked)

    def may_approve(self, code="K1"):
        """The names of all who have something to press for it; of a group all who see it."""
        names = {name for each in self.ding.get("cards", contains=f"/approve {code}")
                 for name, data in each["shown"].items() if f"/approve {code}" in data.values()}
        return names | {each["group"] for each in self.ding.get("said", state="sent")
                        if any(f"approve {code}" in words for words, _ in self.links(each))}

    def approve(self, name, code="K1"):
        """By what they were given to press, whichever it is."""
        card, message = self.asked_to_approve(name, code)
        return self.click(name, card, f"/approve {code}") if card else self.tap(name, message, f"approve {code}")

    def nothing_odd(self):
        """Every acknowledgement had the right form, and all that was sent is drawn alike everywhere."""
        self.assertEqual(self.ding.get("bad_frames"), [])
        self.assertEqual([row for row in self.ding.get("acks") if row["problems"] or row["unexpected"]], [])
        self.assertEqual([(each["text"], each["doubts"]) for each in self.ding.get("said") if each["doubts"]], [])
        self.assertEqual([(row["api"], row["unknown_fields"]) for row in self.ding.get("calls")
                          if row.get("unknown_fields")], [])
        self.assertEqual([each["unknown_variables"] for each in self.ding.get("cards") if each["unknown_variables"]],
                         [])

    # Connections

    def connected(self, count=SOCKETS, deadline=stage.DEADLINE):
        """So many serve, and none of them was asked to leave."""
        return stage.wait_for(f"{count} connections", lambda: len(self.staying()) >= count and self.staying(),
                              deadline)

    def staying(self):
        """The connections that serve and were not asked to leave, the oldest first."""
        return [row["id"] for row in self.ding.get("sockets") if row["state"] == "open" and not row["quiet"]]

    def cut(self, which="all", do="cut", **how):
        try:
            return self.ding.post("sockets", socket=which, do=do, **how)["sockets"]
        except Refused as refused:
            if refused.status != 404:
                raise
            return []  # it went away by itself meanwhile

    def opens(self):
        return self.ding.get("calls", api=OPEN)

    def pushes_lost(self):
        return [json.dumps(row, ensure_ascii=False) for row in self.ding.get("pushes", state="lost")]


if __name__ == "__main__":
    sys.exit("a module of the tests")
