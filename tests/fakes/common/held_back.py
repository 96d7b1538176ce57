"""What is overtaken: it goes out once so many others have, or so much time has passed."""


class HeldBack:
    def __init__(self, clock):
        self._clock = clock
        self._waiting = []  # [how many must pass first, what to do then]

    def add(self, behind, seconds, do):
        held = [behind, do]
        self._waiting.append(held)
        self._clock.later(seconds, lambda: self._release([held]))

    def let_pass(self):
        """One more went out: what was held back so long follows it."""
        for each in self._waiting:
            each[0] -= 1
        self._release([each for each in self._waiting if each[0] <= 0])

    def _release(self, ready):
        ready = [each for each in ready if any(each is held for held in self._waiting)]
        self._waiting = [each for each in self._waiting if not any(each is held for held in ready)]
        for _, do in ready:
            do()
