"""Everything the fake is at one moment, joined. A reset makes a new one of these; the listeners stay."""
import json
import pathlib

from cards import Cards
from common.clock import Clock
from common.journal import Journal
from common.settings import with_changes
from conversations import Conversations
from dings import Dings
from faults import Faults
from files import Files
from gateway import Gateway
from gestures import Gestures
from hooks import Hooks
from limits import Limits
from old_api import OldApi
from open_api import OpenApi
from organization import Organization
from people import People
from pushes import Pushes
from tokens import Tokens
from work_notices import WorkNotices

SETTINGS = {  # name: its value without a flag. Seconds are the fake's own.
    # Stream Mode
    "ticket_seconds": 90.0,
    "plain_tickets": False,  # tickets that survive a client that does not percent-encode them
    "gateway_path": "/stream/v3/connect",  # Java's SDK would not find it
    "any_ua": False,
    "opens_per_minute": 0,  # above it the open call is a 503; 0: no limit
    "choice": "random",  # which connection gets a push: random, turn, oldest, newest
    "seed": 1,  # of that choice
    "ghosts": 0,  # connections nobody reads, as of a forgotten laptop with the same credentials: they get their share
    "announcements": [],  # SYSTEM topics that a new connection hears first: CONNECTED, REGISTERED
    "ping_seconds": 30.0,  # between the SYSTEM pings; 0: none
    "missed_pings": 3,  # unanswered ones until the connection is ended
    "keepalive_seconds": 25.0,  # between KEEPALIVE frames; 0: none
    "connection_seconds": 72_000.0,  # until `connection is expired`
    "disconnect_seconds": 10.0,  # from a disconnect frame to the end of TCP
    "disconnect_has_id": False,
    "close_seconds": 5.0,  # how long a closing frame of the server waits for its echo
    "frame_limit_bytes": 262_144,  # of what the app sends
    "ack_seconds": 16.0,  # what the last push of something may wait; what the load mode calls late
    "message_again_seconds": [16.0, 60.0],  # from a push of a robot message to the next, if not acknowledged
    "event_again_seconds": [10.0, 60.0, 300.0],
    "card_seconds_to_answer": 2.0,  # what the answer to a click is awaited for
    "ack_on_any_connection": False,
    "time_as_number": False,
    "event_topic": "*",  # or None: the event's own type, as some captures have it
    # Messages of people
    "session_seconds": 5400.0,
    "rich_mentions_stay": True,  # in richText the mention can stay as a text item
    "other_mentions_stay": False,  # other people's names stay in the text on some clients
    "outsiders_have_empty_staff_id": False,  # or none at all
    "sender_union_id": False,
    "dtmd_reaches": True,  # does the text of a dtmd link reach the robot in a group
    "card_callback_form": "content",  # or "value" or "none": what carries the action of a click
    "card_space_lower": False,  # spaceType im instead of IM_GROUP
    # The APIs
    "token_seconds": 7200.0,
    "token_bytes": 512,
    "token_calls_per_minute": 0,  # above it asking for a token is refused; 0: no limit
    "sub_codes": False,  # do errors of old tokens hide behind an errcode 88
    "key_case": "mixed",  # of requestid and accessdenieddetail: lower, camel, mixed (in turn)
    "strict_fields": False,  # refuse what no page mentions; it is written down in any case (unknown_fields)
    "limits": False,
    "qps": 20,
    "throttle_status": 403,  # or 429
    "address_calls": 10_000,
    "robot_per_minute": 20,
    "card_seconds": 0.8,
    "recall_seconds": 86_400.0,
    "download_seconds": 600.0,
    "sms_quota": 1000,  # receivers of DINGs that are still paid for
    "call_quota": 1000,
    "ding_read_by": [],  # names of those who read every DING at once
}


class DingTalk:
    def __init__(self, options, addresses):
        seed = json.loads(pathlib.Path(options.seed).read_text(encoding="utf-8")) if options.seed else None
        self.addresses = addresses  # {"api", "oapi", "gateway", "files"}: a base URL each
        self.settings = with_changes(SETTINGS, SETTINGS, options.settings)
        self.clock = Clock(options.frozen)
        self.journal = Journal(self.clock)
        self.faults = Faults()
        self.limits = Limits(self)
        self.organization = Organization(self.clock, seed)
        self.tokens = Tokens(self)
        self.conversations = Conversations(self)
        self.pushes = Pushes(self)
        self.gateway = Gateway(self)
        self.hooks = Hooks(self)
        self.files = Files(self)
        self.cards = Cards(self)
        self.dings = Dings(self)
        self.work = WorkNotices(self)
        self.interactions, self.loads = {}, {}  # by id, in order
        self.people = People(self)
        self.gestures = Gestures(self)
        self.open_api, self.old_api = OpenApi(self), OldApi(self)

    def granted(self, scope):
        """Has the app one of these rights? `a|b`: either will do."""
        return any(each in self.organization.app["scopes"] for each in scope.split("|"))

    def end(self):
        """Nothing of it may act on what comes after it."""
        self.clock.stop()
        self.faults.release()
        for load in self.loads.values():
            load.task.cancel()
        self.gateway.cut_all()
