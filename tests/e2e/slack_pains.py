#!/usr/bin/python3
"""The known pains of Slack's clients, each as a test: what people complained of must not happen to this bot.

A method `pain_NN_...` shows it on a real bot beside the fake Slack. What only time shows, or what has no other witness
than the code itself, is a row of PROVED: a case of a test program, which must exist and pass."""
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
from slack_pains_connection import Connecting
from slack_pains_delivery import Delivering
from slack_scene import Beside

PROVED = [  # pain, program, case
    (1, "slack", "slack: asked to leave, a connection serves until another is there, and a moment longer"),
    (1, "slack", "slack: a connection is renewed before its announced end, and not all at the same moment"),
    (1, "slack", "slack: while Slack answers, no weather leaves a moment without a connection once one was there"),
    (2, "slack", "slack: silence makes suspicious first, and dead later; any sign of life counts"),
    (3, "slack", "slack: crowded for long, the waits grow, but not for ever"),
    (4, "slack", "slack: strangers are counted again before hours are over: ghosts go by themselves"),
    (5, "slack", "slack: whatever the weather, sockets don't pile up, "
     "and when it clears up all is well within two minutes"),
    (6, "slack", "slack: no more addresses are asked for in a minute than the budget has, whatever goes wrong"),
    (6, "slack", "slack: told to wait for years, it asks again within the hour"),
    (8, "slack", "slack: what comes again is delivered again, by whichever connection: it may be the only time"),
    (9, "slack", "slack: a mention counts once, in whichever order its two events come"),
    (10, "slack", "slack: an acknowledgement stays below what Slack takes; "
     "one that is too large goes without its payload"),
    (12, "slack", "slack: the waits grow up to a minute and never more, and a useful life ends them"),
    (12, "slack", "slack: without an answer, a handshake or a hello an attempt is given up"),
    (17, "slack", "slack: what can't be read but names itself is acknowledged, everything else is noise"),
]


class Proved(unittest.TestCase):
    def pain_table(self):
        """Each row names a case that exists and passes."""
        for pain, program, case in PROVED:
            with self.subTest(pain=pain, case=case):
                binary = pathlib.Path(stage.BINARY).parent / f"test_{program}"
                done = subprocess.run([binary, "-tc=" + case.replace(",", "\\,"), "--no-colors"], capture_output=True,
                                      text=True, timeout=60, cwd=stage.ROOT)
                self.assertEqual(done.returncode, 0, done.stdout[-2000:])
                self.assertIn("test cases: 1 | 1 passed | 0 failed", " ".join(done.stdout.split()))

    def pain_list(self):
        """Each of the twenty-five is shown on a real bot."""
        shown = {name.split("_")[1] for case in (Connecting, Delivering) for name in dir(case)
                 if name.startswith("pain_")}
        self.assertEqual(shown, {f"{number:02}" for number in range(1, 26)})


def load_tests(loader, _, __):
    loader.testMethodPrefix = "pain"
    return Beside(test for case in (Connecting, Delivering, Proved) for test in loader.loadTestsFromTestCase(case))


if __name__ == "__main__":
    unittest.main(verbosity=2)
