"""Rate limits: a minute's window per method, and a message a second per channel, with a short burst."""
import math

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
POSTING = {"chat.postMessage", "chat.postEphemeral"}


class Limits:
    """Off unless the setting `rate_limits` is on: Slack's own are softer than any number one could write down."""

    def __init__(self, slack):
        self.slack = slack
        self.calls = {}  # method: when, in the last minute
        self.posts = {}  # channel: (messages that may still be posted at once, as of when)

    def wait(self, method, arguments):
        """Seconds to wait before this call, 0 if it may go on."""
        if not self.slack.settings["rate_limits"]:
            return 0
        now = self.slack.clock.now()
        if method.name in POSTING:
            return self.posting(str(arguments.get("channel")))
        if method.tier not in PER_MINUTE:
            return 0
        calls = self.calls[method.name] = [at for at in self.calls.get(method.name, []) if at > now - 60]
        if len(calls) >= PER_MINUTE[method.tier]:
            return max(1, math.ceil(calls[0] + 60 - now))
        calls.append(now)
        return 0

    def posting(self, channel):
        """The same for a message to this channel, by whatever way."""
        if not self.slack.settings["rate_limits"]:
            return 0
        now, burst = self.slack.clock.now(), self.slack.settings["posting_burst"]
        left, at = self.posts.get(channel, (burst, now))
        left = min(burst, left + now - at)
        if left < 1:
            self.posts[channel] = (left, now)
            return 1
        self.posts[channel] = (left - 1, now)
        return 0
