"""Everything the fake is at one moment, joined. A reset makes a new one of these; the listeners stay."""
import json
import pathlib

from common.clock import Clock
from common.journal import Journal
from common.settings import with_changes
from dialogs import Dialogs, Triggers
from envelopes import Envelopes
from events import Events
from faults import Faults
from gestures import Gestures
from happenings import Happenings
from hooks import Hooks
from limits import Limits
from people import People
from sockets import Sockets
from workspace import Workspace

SETTINGS = {  # name: its value without a flag. Seconds are the fake's own.
    "ack_seconds": 3.0,  # what an envelope may wait for its ack
    "redelivery_seconds": [0, 60, 300],  # from one attempt's failure to the next attempt
    "redelivered_types": ["events_api", "slash_commands"],
    "ack_on_any_socket": False,  # does an ack count that comes on another socket than the envelope did
    "ack_limit_bytes": 20480,
    "socket_limit": 10,
    "ghosts": 0,  # sockets nobody reads, which are counted and get their share
    "num_connections": None,  # what hello says; None: the truth
    "approximate_connection_time": 18060,  # what hello says, and how long a socket lives
    "warning_seconds": 10.0,  # from a warning to the end of the socket
    "close_seconds": 5.0,  # how long a closing frame of the server waits for its echo
    "ping_seconds": 10.0,
    "ticket_seconds": 30.0,
    "socket_mode": True,
    "trigger_seconds": 3.0,
    "response_url_seconds": 1800.0,
    "response_url_uses": 5,
    "short_pages": True,  # first pages hold less than there is room for
    "rate_limits": False,  # tiers per method and a message a second per channel
    "posting_burst": 5,
    "blocks_text_limit": 11000,  # of all texts of a message's blocks together
    "file_limit_bytes": 50_000_000,
    "should_escape": True,  # of the app's slash commands
    "mention_labels": True,  # <@U0|name> or <@U0> in commands
    "mention_first": False,  # is app_mention sent before the message it belongs to
    "created_name_suffix": "",  # Slack may name a new channel otherwise than asked
}


class Slack:
    def __init__(self, options, addresses):
        seed = json.loads(pathlib.Path(options.seed).read_text(encoding="utf-8")) if options.seed else None
        self.addresses = addresses  # {"api", "sockets", "hooks", "files"}: a base URL each
        self.settings = with_changes(SETTINGS, SETTINGS, options.settings)
        self.clock = Clock(options.frozen)
        self.journal = Journal(self.clock)
        self.faults = Faults()
        self.limits = Limits(self)
        self.workspace = Workspace(self.clock, seed)
        self.tokens = self._tokens()
        self.envelopes = Envelopes(self)
        self.sockets = Sockets(self)
        self.events = Events(self)
        self.happenings = Happenings(self)
        self.triggers = Triggers(self)
        self.dialogs = Dialogs(self)
        self.hooks = Hooks(self)
        self.interactions, self.loads = {}, {}  # by id, in order
        self.people = People(self)
        self.gestures = Gestures(self)

    def _tokens(self):
        app = self.workspace.app
        return {app["app_token"]: {"kind": "app", "scopes": list(app["app_scopes"]), "state": "ok"},
                app["bot_token"]: {"kind": "bot", "scopes": list(app["bot_scopes"]), "state": "ok"}}

    def granted(self, scope):
        """Has the app's own bot token this scope? Events ask."""
        return scope in self.tokens[self.workspace.app["bot_token"]]["scopes"]

    def end(self):
        """Nothing of it may act on what comes after it."""
        self.clock.stop()
        self.faults.release()
        for load in self.loads.values():
            load.task.cancel()
        self.sockets.cut_all()
