"""Faults on demand: rules that act at a place, so many times, on what they match.

A rule is {"at": PLACE, "do": ACT, "times": 1 (-1: always), "after": 0 (let so many pass first), "match": {...}} and
what the act needs. `match` compares what is known at the place, as text: the arguments of a call; of an envelope its
`type`, `attempt` and `kind` (block_actions, view_submission, message, ..., for a command its name).

PLACE                      ACT
  an API method, "api"       answer acts, see below; `performed`: true does the work first, then spoils the answer
  "hooks", "upload"          the same for posts to a response_url and to an upload URL
  "handshake"                answer acts, for the WebSocket upgrade
  "hello"                    withhold, hold, disconnect (`reason`), cut, text (`text` first, then hello)
  "envelope"                 lose, late (`seconds`), hold, hold_back (`behind`: until so many more went out),
                             repeat (`copies`), fragment (`bytes`, `ping`: true puts a ping between two fragments),
                             pad (`bytes`), nest (`depth`), truncate
  "ping", "pong", "close"    withhold: send no ping, no pong, no echo of a closing frame

Answer acts: status (`status`, `retry_after`, `body`), error (`error`: an ok:false with 200), broken_json, html (with
200, or `status`), cut (after `bytes` of the answer, 0 unless given; `reset`: true for a RST), hold (until /release),
body (`body` as it stands), pass. Beside any of them: `delay_ms`, `chunk_bytes` and `chunk_ms` (slow bytes), `headers`.
"""
import asyncio

ANSWERS = {"status", "error", "broken_json", "html", "cut", "hold", "body", "pass"}
PLACES = {
    "handshake": ANSWERS - {"pass", "error"},
    "hello": {"withhold", "hold", "disconnect", "cut", "text"},
    "envelope": {"lose", "late", "hold", "hold_back", "repeat", "fragment", "pad", "nest", "truncate"},
    "ping": {"withhold"}, "pong": {"withhold"}, "close": {"withhold"},
    "hooks": ANSWERS, "upload": ANSWERS, "api": ANSWERS,
}
_PLAIN = {"at", "do", "times", "after", "match"}
_ANSWERING = {"performed", "status", "retry_after", "body", "error", "bytes", "reset", "delay_ms", "chunk_bytes",
              "chunk_ms", "headers"}
_WORDS = {"hello": {"reason", "text"}, "envelope": {"seconds", "behind", "copies", "bytes", "ping", "depth"},
          "ping": set(), "pong": set(), "close": set()}


class Faults:
    def __init__(self):
        self.rules = []
        self.taken = 0
        self._released = asyncio.Event()
        self._held = []

    def add(self, rule, methods):
        """Refuses what no place understands: a misspelt rule would be a test that proves nothing."""
        at, do = rule.get("at"), rule.get("do", "pass")
        place = "api" if at in methods else at
        if place not in PLACES:
            raise ValueError(f"no such place: {at}")
        if do not in PLACES[place]:
            raise ValueError(f"{at} can't {do}: it can {', '.join(sorted(PLACES[place]))}")
        unknown = set(rule) - _PLAIN - _WORDS.get(place, _ANSWERING)
        if unknown:
            raise ValueError("a fault at %s knows no %s" % (at, ", ".join(sorted(unknown))))
        self.rules.append({"times": 1, "after": 0, "match": {}, "do": "pass", **rule})

    def take(self, places, facts):
        """The rule that acts here and now, used up by one."""
        for rule in self.rules:
            if rule["at"] not in places or rule["times"] == 0:
                continue
            if any(str(facts.get(name)) != str(value) for name, value in rule["match"].items()):
                continue
            if rule["after"] > 0:
                rule["after"] -= 1
                continue
            if rule["times"] > 0:
                rule["times"] -= 1
            self.taken += 1
            return rule
        return None

    def withheld(self, place):
        return self.take((place,), {}) is not None

    # What is held waits for /release, whatever time it is.

    async def held(self):
        await self._released.wait()

    def when_released(self, do):
        self._held.append(do)

    def release(self):
        self._released.set()
        self._released = asyncio.Event()
        held, self._held = self._held, []
        for do in held:
            do()
