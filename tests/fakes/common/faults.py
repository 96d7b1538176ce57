"""Faults on demand: rules that act at a place, so many times, on what they match.

A rule is {"at": PLACE, "do": ACT, "times": 1 (-1: always), "after": 0 (let so many pass first), "match": {...}} and
what the act needs. `match` compares what is known at the place, as text. The places are each fake's own.

Answer acts: status (`status`, `retry_after`, `body`), error (the service's own, in its own way), broken_json, html
(with 200, or `status`), cut (after `bytes` of the answer, 0 unless given; `reset`: true for a RST), hold (until
/release), body (`body` as it stands), pass. Beside any of them: `delay_ms`, `chunk_bytes` and `chunk_ms` (slow bytes),
`headers`; `performed`: true does the work first, then spoils the answer.
"""
import asyncio

ANSWERS = {"status", "error", "broken_json", "html", "cut", "hold", "body", "pass"}
ANSWERING = {"performed", "status", "retry_after", "body", "error", "bytes", "reset", "delay_ms", "chunk_bytes",
             "chunk_ms", "headers"}
_PLAIN = {"at", "do", "times", "after", "match"}


class Faults:
    """`places`: the acts each place can, by its name; `words`: what the acts there may be told. `place_of(at)` says
    which place a name belongs to that is no place itself, such as a method's."""

    def __init__(self, places, words, place_of=lambda at: at):
        self.places, self.words, self.place_of = places, words, place_of
        self.rules = []
        self.taken = 0
        self._released = asyncio.Event()
        self._held = []

    def add(self, rule):
        """Refuses what no place understands: a misspelt rule would be a test that proves nothing."""
        at, do = rule.get("at"), rule.get("do", "pass")
        place = self.place_of(at)
        if place not in self.places:
            raise ValueError(f"no such place: {at}")
        if do not in self.places[place]:
            raise ValueError(f"{at} can't {do}: it can {', '.join(sorted(self.places[place]))}")
        unknown = set(rule) - _PLAIN - self.words[place]
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


def swollen(text, rule, pad_bytes):
    """A JSON object with more in it than anybody expects, in a field nobody knows: `pad` or `nest` by the rule."""
    if rule["do"] == "pad":
        more = '"padding":"' + "x" * rule.get("bytes", pad_bytes) + '"'
    else:
        depth = rule.get("depth", 10_000)
        more = '"nested":' + "[" * depth + "]" * depth
    return text[:-1] + ("," if text != "{}" else "") + more + "}"
