"""One WebSocket of Socket Mode: hello, pings, disconnects, recycling."""
import json

from common.websocket import ServerSocket


class SocketConnection(ServerSocket):
    def __init__(self, hub, request, life):
        super().__init__(hub.slack, hub, request)
        self.slack, self.life = hub.slack, life
        self.row.update(hello=False, envelopes=0)

    def welcome(self):
        self.hub.welcome(self)

    def on_message(self, text, size):
        self.slack.envelopes.on_ack(self, text, size)

    def most_bytes(self):
        return self.slack.settings["ack_limit_bytes"]

    def hello(self):
        if not self.counted:
            return
        settings, workspace = self.slack.settings, self.slack.workspace
        seconds = self.life or settings["approximate_connection_time"]
        self.ready = self.row["hello"] = True
        self.send_text(json.dumps({
            "type": "hello", "num_connections": self.hub.num_connections(),
            "connection_info": {"app_id": workspace.app["id"]},
            "debug_info": {"host": "applink-" + self.id.lower(), "build_number": 118,
                           "started": "2026-05-01 10:00:00.000", "approximate_connection_time": seconds}}))
        self.later(settings["ping_seconds"], self._ping_and_again)
        self.later(max(0.0, seconds - settings["warning_seconds"]), lambda: self.disconnect("warning", close=False))
        self.later(seconds, lambda: self.close(1000, "recycled"))
        self.slack.journal.note("socket", socket=self.id, what="hello")

    def disconnect(self, reason, close, after=None):
        """Says why, and closes: at once, after some seconds of the fake's clock, or (close False, no `after`) never."""
        self.row["disconnect"] = reason
        self.send_text(json.dumps({"type": "disconnect", "reason": reason,
                                   "debug_info": {"host": "applink-" + self.id.lower()}}))
        self.slack.journal.note("socket", socket=self.id, what="disconnect", reason=reason)
        if after is not None:
            self.later(after, lambda: self.close(1000, reason))
        elif close:
            self.close(1000, reason)

    def _ping_and_again(self):
        self.ping(f"Ping from applink-{self.id.lower()}:{self.row['pings_sent']}")
        self.later(self.slack.settings["ping_seconds"], self._ping_and_again)
