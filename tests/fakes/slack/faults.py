"""The places where rules of common/faults.py act in this fake, and what each can.

`match` compares what is known at the place, as text: the arguments of a call; of an envelope its `type`, `attempt` and
`kind` (block_actions, view_submission, message, ..., for a command its name).

PLACE                      ACT
  an API method, "api"       answer acts; `error` is the `error` of an ok:false with 200
  "hooks", "upload"          the same for posts to a response_url and to an upload URL
  "handshake"                answer acts, for the WebSocket upgrade
  "hello"                    withhold, hold, disconnect (`reason`), cut, text (`text` first, then hello)
  "envelope"                 lose, late (`seconds`), hold, hold_back (until `behind` more went out, or `seconds`),
                             repeat (`copies`), fragment (`bytes`, `ping`: true puts a ping between two fragments),
                             pad (`bytes`), nest (`depth`), truncate
  "ping", "pong", "close"    withhold: send no ping, no pong, no echo of a closing frame
"""
from common.faults import ANSWERING, ANSWERS
from common.faults import Faults as CommonFaults
from web_api import METHODS

PLACES = {
    "handshake": ANSWERS - {"pass", "error"},
    "hello": {"withhold", "hold", "disconnect", "cut", "text"},
    "envelope": {"lose", "late", "hold", "hold_back", "repeat", "fragment", "pad", "nest", "truncate"},
    "ping": {"withhold"}, "pong": {"withhold"}, "close": {"withhold"},
    "hooks": ANSWERS, "upload": ANSWERS, "api": ANSWERS,
}
WORDS = {"hello": {"reason", "text"}, "envelope": {"seconds", "behind", "copies", "bytes", "ping", "depth"},
         "ping": set(), "pong": set(), "close": set(),
         **{place: ANSWERING for place in ("handshake", "hooks", "upload", "api")}}


class Faults(CommonFaults):
    def __init__(self):
        super().__init__(PLACES, WORDS, lambda at: "api" if at in METHODS else at)
