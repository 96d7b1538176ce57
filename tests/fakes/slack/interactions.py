"""One gesture of a person that the app is asked to answer, and what came of it."""
import time

from messages import content
from refusals import ApiError
from workspace import Ephemeral


class Interaction:
    """`state`: sent, acked, failed. `outcome` says what the person saw of the ack: nothing, message, dispatch_failed,
    operation_timeout, closed, errors, invalid_blocks, ... `answers` are the messages it brought, by whatever way."""

    def __init__(self, slack, kind, user, channel=None, origin=None):
        self.slack, self.kind, self.user, self.channel = slack, kind, user, channel
        self.id = f"I{len(slack.interactions) + 1}"
        self.origin = origin  # the message whose button it was
        self.latest = None  # of a command: the answer before
        self.state, self.outcome, self.detail = "sent", None, None
        self.answers = []
        self.trigger_id = self.response_url = self.envelope = self.view = None
        self.started = time.monotonic()
        self.acked_after = None
        slack.interactions[self.id] = self

    def send(self, envelope_type, payload, accepts, kind, on_payload):
        """`on_payload(payload or None)` says what the ack did, and returns the outcome."""

        def acked(answer):
            self.acked_after = round((time.monotonic() - self.started) * 1000, 3)
            self.state = "acked"
            try:
                if not isinstance(answer, (dict, type(None))):
                    raise ApiError("json_not_object")
                self.outcome = on_payload(answer)
            except ApiError as error:
                self.outcome, self.detail = error.error, error.more
            self.slack.journal.changed()

        def failed(why):
            self.state = "failed"
            self.outcome = "dispatch_failed" if why == "no_socket" else "operation_timeout"
            if self.view is not None:
                self.view.problem = "We had some trouble connecting. Try again?"

        self.envelope = self.slack.envelopes.post(envelope_type, payload, accepts, kind, acked, failed)
        return self

    def answer(self, body, via):
        """Does what a body says that came in an ack or by the response_url; ApiError if Slack would not."""
        if body.get("delete_original"):
            self._delete_original()
            return "deleted"
        fields, _ = content(body)
        if body.get("replace_original"):
            self._replace_original(fields, via)
        else:
            self._add(fields, body, via)
        self.slack.journal.changed()
        return "message"

    def _add(self, fields, body, via):
        public = body.get("response_type", "ephemeral") == "in_channel"
        if body.get("replace_original") is False or via == "ack":
            fields["thread_ts"] = body.get("thread_ts")
        if public and self.channel.is_archived:
            raise ApiError("is_archived")
        if public:
            self.latest = self.slack.happenings.post(self.channel, self.slack.workspace.bot, **fields)
        else:
            self.latest = self.slack.workspace.add_ephemeral(self.channel, self.user, **fields)
        self._keep(self.latest, "in_channel" if public else "ephemeral", via, "new")

    def _replace_original(self, fields, via):
        """An ephemeral message stays one, whatever `response_type` says now."""
        target = self._target()
        if isinstance(target, Ephemeral):
            target.change(**fields)
        else:
            self.slack.happenings.edit(target, self.slack.workspace.bot, **fields)
        self._keep(target, "ephemeral" if isinstance(target, Ephemeral) else "in_channel", via, "replaced")

    def _delete_original(self):
        target = self._target()
        if isinstance(target, Ephemeral):
            target.deleted = True
        else:
            self.slack.happenings.delete(target)
        self.slack.journal.changed()

    def _target(self):
        """What replace_original and delete_original mean."""
        target = self.origin or self.latest
        if target is None or target.deleted:
            raise ApiError("message_not_found")
        return target

    def _keep(self, message, shown_as, via, what):
        told = self.kind == "slash_command" and shown_as == "in_channel" and what == "new"
        self.answers.append({"via": via, "what": what, "response_type": shown_as, "shows_command": told,
                             "ts": message.ts,
                             "text": message.data.get("text", ""), "blocks": message.data.get("blocks"),
                             "thread_ts": message.data.get("thread_ts")})

    def answered(self):
        """Did the person get to see anything? A bare ack shows nothing."""
        return bool(self.answers) or self.outcome not in (None, "nothing")

    def shown(self):
        return {"id": self.id, "kind": self.kind, "user": self.user, "channel": self.channel and self.channel.id,
                "state": self.state, "answered": self.answered(), "outcome": self.outcome,
                "detail": self.detail, "answers": self.answers, "latency_ms": self.acked_after,
                "trigger_id": self.trigger_id, "response_url": self.response_url,
                "envelope_id": self.envelope and self.envelope.id, "view": self.view and self.view.id}
