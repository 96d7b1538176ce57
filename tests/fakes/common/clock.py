"""The fake's own time, which every deadline of it counts in.

It runs with the real one and can be moved forward, so that a test sees the thirtieth minute of a response_url without
waiting for it. Frozen it moves by nothing else: what must not happen by itself can't happen on a slow machine either.
"""
import asyncio
import heapq
import itertools
import time


class Timer:
    def __init__(self, due, do):
        self.due, self.do = due, do

    def cancel(self):
        self.do = None


class Clock:
    def __init__(self, frozen=False):
        self.frozen = frozen
        self._origin, self._started, self._moved = time.time(), time.monotonic(), 0.0
        self._timers, self._number = [], itertools.count()
        self._alarm = None

    def now(self):
        """Seconds since the epoch."""
        return self._origin + self._moved + (0.0 if self.frozen else time.monotonic() - self._started)

    def later(self, seconds, do):
        timer = Timer(self.now() + seconds, do)
        heapq.heappush(self._timers, (timer.due, next(self._number), timer))
        self._arm()
        return timer

    def advance(self, seconds):
        """Runs what falls due on the way, each at its own instant, in order."""
        self._run_until(self.now() + seconds)

    def stop(self):
        self._timers.clear()
        if self._alarm:
            self._alarm.cancel()

    def _run_until(self, end):
        while self._timers and self._timers[0][0] <= end:
            due, _, timer = heapq.heappop(self._timers)
            self._move_to(due)
            if timer.do:
                timer.do()
        self._move_to(end)
        self._arm()

    def _move_to(self, instant):
        self._moved += max(0.0, instant - self.now())

    def _arm(self):
        while self._timers and self._timers[0][2].do is None:
            heapq.heappop(self._timers)
        if self.frozen or not self._timers:
            return
        due = self._timers[0][0]
        if self._alarm and not self._alarm.cancelled() and self._alarm_due <= due:
            return
        if self._alarm:
            self._alarm.cancel()
        self._alarm_due = due
        self._alarm = asyncio.get_running_loop().call_later(max(0.0, due - self.now()), self._ring)

    def _ring(self):
        self._alarm = None
        self._run_until(self.now())
