"""What was seen, in order, and waiting for more of it.

Rows of one kind are a list; `seq` counts over all kinds, so rows of different kinds can be put in order. `at` is real
time in milliseconds, `clock` the fake's.
"""
import asyncio
import time


class Journal:
    def __init__(self, clock):
        self.clock = clock
        self.kinds = {}
        self.seq = 0
        self._waiting = set()

    def note(self, kind, /, **fields):
        row = {"seq": self.stamp(), "at": int(time.time() * 1000), "clock": round(self.clock.now(), 6), **fields}
        self.kinds.setdefault(kind, []).append(row)
        self.changed()
        return row

    def stamp(self):
        self.seq += 1
        return self.seq

    def rows(self, kind):
        return self.kinds.get(kind, [])

    def changed(self):
        """Also called by state that is no row here, such as messages: whoever waits looks again."""
        for future in self._waiting:
            if not future.done():
                future.set_result(None)
        self._waiting.clear()

    async def until(self, look, enough, seconds):
        """What `look` gives as soon as that satisfies `enough`, or what it gives when the time is up; and whether."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while True:
            found = look()
            if enough(found):
                return found, True
            future = loop.create_future()
            self._waiting.add(future)
            await asyncio.wait([future], timeout=max(0.0, end - loop.time()))
            if not future.done():
                self._waiting.discard(future)
                found = look()
                return found, enough(found)
