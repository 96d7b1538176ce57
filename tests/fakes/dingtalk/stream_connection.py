"""One connection of Stream Mode: SYSTEM frames, their answers, the quiet before its end (dingtalk.md 1.3 to 1.5)."""
import asyncio
import json
import time
import uuid

from common.websocket import ServerSocket

GHOST = "ghost"  # stands for a connection of somebody who does not answer


class StreamConnection(ServerSocket):
    """`ready` is: pushes may go to it. After a `disconnect` it is quiet: nothing is pushed any more, acks still count,
    WebSocket's pings are still answered, and ten seconds later TCP ends."""

    def __init__(self, gateway, request, said):
        super().__init__(gateway.world, gateway, request)
        self.connection_id = str(uuid.uuid4())
        self._subscriptions = {(each["type"], each["topic"]) for each in said["subscriptions"]}
        self._pings = {}  # messageId: (opaque, when it was sent)
        self._missed = 0
        self._could_answer = True  # has anything been read since the last ping
        self.row.update(
            connection_id=self.connection_id, client_id=said["clientId"], ua=said.get("ua"),
            local_ip=said.get("localIp"), subscriptions=said["subscriptions"], frames=0, system_pings=0,
            system_pings_answered=0, quiet=False)

    def wants(self, type, topic):
        return (type, topic) in self._subscriptions or (type == "EVENT" and ("EVENT", "*") in self._subscriptions)

    def most_bytes(self):
        return self.world.settings["frame_limit_bytes"]

    def welcome(self):
        """No frame says that it begins: CONNECTED and REGISTERED come, or don't (setting `announcements`)."""
        settings = self.world.settings
        rule = self.world.faults.take(("welcome",), {})
        do = rule["do"] if rule else None
        self.ready = True
        if do == "text":
            self.send_text(rule["text"])
        for topic in settings["announcements"] if do != "withhold" else ():
            self.send_system(topic, {"connectionId": self.connection_id})
        self._ping_later()
        self._keep_alive_later()
        self.later(settings["connection_seconds"], lambda: self.disconnect("connection is expired"))
        if do == "disconnect":
            self.disconnect(rule.get("reason", "connection is expired"))
        elif do in ("cut", "freeze"):
            getattr(self, do)()

    # SYSTEM frames

    def send_system(self, topic, data, message_id=None, spec=True):
        """CONNECTED, KEEPALIVE and the like: nobody answers them. specVersion can be missing."""
        headers = {"topic": topic, "contentType": "application/json", "connectionId": self.connection_id,
                   "time": self.world.pushes.time()}
        if message_id:
            headers["messageId"] = message_id
        frame = {"type": "SYSTEM", "headers": headers, "data": json.dumps(data)}
        self.send_text(json.dumps({"specVersion": "1.0", **frame} if spec else frame))

    def system_ping(self):
        """The mandatory one: to be answered with the same opaque before any business."""
        rule = self.world.faults.take(("ping",), {})
        do = rule["do"] if rule else None
        if do == "withhold" or not self.counted:
            return
        self._could_answer = False
        asyncio.get_running_loop().call_soon(self._let_answer)
        message_id, opaque = self.world.pushes.new_message_id(), str(uuid.uuid4())
        if do != "wrong_id":
            self._pings[message_id] = (opaque, time.monotonic())
        self.row["system_pings"] += 1
        self.send_system("ping", {"opaque": opaque}, None if do == "wrong_id" else message_id, spec=do != "no_spec")

    def _let_answer(self):
        self._could_answer = True

    def _ping_and_again(self):
        """Who leaves pings unanswered is told so, and goes. A clock that is moved past several pings sends one: in
        between nobody could have answered."""
        if self.row["quiet"]:
            return
        if not self._could_answer:
            self._ping_later()
            return
        if self._pings:
            self._missed += 1
            self._pings.clear()
        if self._missed >= self.world.settings["missed_pings"]:
            self.disconnect("persistent connection is timeout")
            return
        self.system_ping()
        self._ping_later()

    def _ping_later(self):
        if self.world.settings["ping_seconds"] > 0:
            self.later(self.world.settings["ping_seconds"], self._ping_and_again)

    def _keep_alive(self):
        if not self.row["quiet"]:
            self.send_system("KEEPALIVE", {}, spec=False)
            self._keep_alive_later()

    def _keep_alive_later(self):
        if self.world.settings["keepalive_seconds"] > 0:
            self.later(self.world.settings["keepalive_seconds"], self._keep_alive)

    def disconnect(self, reason, after=None):
        """`after`: seconds until TCP ends; -1: it never does. The frame of the document has no messageId."""
        if not self.counted:
            return
        settings = self.world.settings
        self.row["disconnect"], self.row["quiet"], self.ready = reason, True, False
        if not self.world.faults.withheld("disconnect"):
            id = self.world.pushes.new_message_id() if settings["disconnect_has_id"] else None
            self.send_system("disconnect", {"reason": reason}, id)
        self.world.journal.note("socket", socket=self.id, what="disconnect", reason=reason)
        seconds = settings["disconnect_seconds"] if after is None else after
        if seconds >= 0:
            self.later(seconds, self.cut)

    # In

    def on_message(self, text, size):
        self.world.pushes.on_ack(self, text, size)

    def pong_to(self, message_id, data):
        """(known, whether the opaque is the same, milliseconds) of an answer to a ping."""
        known = self._pings.pop(message_id, None)
        if known is None:
            return False, False, None
        opaque, sent_at = known
        right = isinstance(data, dict) and data.get("opaque") == opaque
        if right:
            self._missed = 0
            self.row["system_pings_answered"] += 1
        return True, right, round((time.monotonic() - sent_at) * 1000, 3)
