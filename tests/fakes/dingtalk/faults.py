"""The places where rules of common/faults.py act in this fake, and what each can.

`match` compares what is known at the place, as text: of a call its `verb` and the fields of its body (or query); of a
post to a webhook its `msgtype`; of a frame its `kind` (message, card, event, other), `topic` and `attempt`.

PLACE                      ACT
  a path, as /v1.0/oauth2/accessToken or /topapi/v2/user/get; "api" (any of the new API), "old" (any of the old one);
  "hooks" (sendBySession, robot/send), "files" (downloads)
                             answer acts; refuse (`refusal`: a name of refusals.py KNOWN); error (`code`, `message`,
                             `status` in the new API, `errcode`, `errmsg`, `sub_code`, `sub_msg` in the old one)
  "handshake"                answer acts but pass and error, for the WebSocket upgrade
  "welcome"                  withhold (no announcements), text (`text` first), disconnect (`reason`), cut, freeze
  "frame"                    lose, late (`seconds`), hold, hold_back (until `behind` more went out, or `seconds`),
                             repeat (`copies`; `same_id`: true keeps the messageId), fragment (`bytes`, `ping`: true
                             puts a ping between two fragments), slow (`bytes` every `ms`), pad (`bytes`),
                             nest (`depth`), truncate, binary, cut_after (the connection goes once it is written)
  "ping"                     withhold, wrong_id (no messageId), no_spec (no specVersion): the SYSTEM one
  "disconnect"               withhold: the connection ends without the frame that announces it
  "pong", "close"            withhold: no answer to a ping of WebSocket's own, to a closing frame
"""
from common import faults
from common.faults import ANSWERING, ANSWERS
from old_api import OLD_CALLS
from open_api import CALLS
from refusals import KNOWN

_REFUSING = {"refusal", "code", "message", "errcode", "errmsg", "sub_code", "sub_msg"}
_WEB = ("api", "old", "hooks", "files")
PLACES = {
    **{place: ANSWERS | {"refuse"} for place in _WEB},
    "handshake": ANSWERS - {"pass", "error"},
    "welcome": {"withhold", "text", "disconnect", "cut", "freeze"},
    "frame": {"lose", "late", "hold", "hold_back", "repeat", "fragment", "slow", "pad", "nest", "truncate",
              "binary", "cut_after"},
    "ping": {"withhold", "wrong_id", "no_spec"},
    "disconnect": {"withhold"}, "pong": {"withhold"}, "close": {"withhold"},
}
WORDS = {
    **{place: ANSWERING | _REFUSING for place in _WEB}, "handshake": ANSWERING, "welcome": {"text", "reason"},
    "frame": {"seconds", "behind", "copies", "same_id", "bytes", "ms", "ping", "depth"},
    "ping": set(), "disconnect": set(), "pong": set(), "close": set(),
}


class Faults(faults.Faults):
    def __init__(self):
        super().__init__(PLACES, WORDS, _place_of)

    def add(self, rule):
        super().add(rule)
        if rule.get("do") == "refuse" and rule.get("refusal") not in KNOWN:
            self.rules.pop()
            raise ValueError(f"a refusal is one of: {', '.join(sorted(KNOWN))}")
        if rule.get("do") == "error" and not {"code", "errcode"} & set(rule):
            self.rules.pop()
            raise ValueError("an error needs its code or errcode")


def _place_of(at):
    if any(each.path == at for each in CALLS):
        return "api"
    return "old" if at in OLD_CALLS else at
