"""Rates (dingtalk.md 6): calls per second of the app, calls of one address, a custom robot's minute, a card's updates.

Off unless the setting `limits` is on: the numbers are reports, and a test of something else must not hang on them."""
import collections

from refusals import throttled

BAN_WINDOW, BAN_SECONDS = 20.0, 300.0
ROBOT_WINDOW, ROBOT_PAUSE = 60.0, 600.0
ROUNDING = 1e-6  # seconds since 1970 are coarse


class Limits:
    def __init__(self, world):
        self.world = world
        self.calls = collections.deque()  # of the app, in the last second
        self.by_address = collections.deque()
        self.banned_until = 0.0
        self.robots = {}  # custom robot: (when it sent in the last minute, until when it is shut)
        self.cards = {}  # card: when it was last changed

    def banned(self):
        """An address with too many calls in twenty seconds is shut out for five minutes."""
        if not self.world.settings["limits"]:
            return False
        now = self.world.clock.now()
        _keep(self.by_address, now - BAN_WINDOW)
        self.by_address.append(now)
        if len(self.by_address) > self.world.settings["address_calls"]:
            self.banned_until = now + BAN_SECONDS
        return now < self.banned_until

    def room(self):
        """May the app call once more within this second?"""
        if not self.world.settings["limits"]:
            return True
        now = self.world.clock.now()
        _keep(self.calls, now - 1.0)
        if len(self.calls) >= self.world.settings["qps"]:
            return False
        self.calls.append(now)
        return True

    def count(self):
        if not self.room():
            raise throttled(self.world.settings["throttle_status"])

    def custom_robot(self, token):
        """Twenty messages a minute; above it the robot is shut for ten minutes."""
        if not self.world.settings["limits"]:
            return True
        now = self.world.clock.now()
        sent, shut_until = self.robots.get(token, (collections.deque(), 0.0))
        _keep(sent, now - ROBOT_WINDOW)
        if now >= shut_until and len(sent) >= self.world.settings["robot_per_minute"]:
            shut_until = now + ROBOT_PAUSE
        self.robots[token] = (sent, shut_until)
        if now < shut_until:
            return False
        sent.append(now)
        return True

    def card(self, id):
        """One update per 0.8 s and card (dingtalk.md 4.3)."""
        now, last = self.world.clock.now(), self.cards.get(id, 0.0)
        if self.world.settings["limits"] and now - last < self.world.settings["card_seconds"] - ROUNDING:
            raise throttled(self.world.settings["throttle_status"])
        self.cards[id] = now


def _keep(instants, since):
    while instants and instants[0] <= since:
        instants.popleft()
