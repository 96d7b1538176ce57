#!/usr/bin/python3
"""The known pains of DingTalk's clients (dingtalk.md 7), each as a test on a real bot beside the fake DingTalk: what
people complained of must not happen to this bot.

row  pain                                                       tests
  1  silent loss after a disconnect frame                       pain_01_asked_to_leave_it_leaves
  2  the server goes on sending to a dead channel               pain_02_a_network_cut
  3  the first message after a reconnect is lost                pain_03_the_first_message_after_a_reconnect
  4  drops after about twenty hours                             pain_04_renewed_before_it_expires
  5  timers and sockets leak, a reconnect can't be cancelled    pain_05_no_sockets_leak, pain_05_an_end_is_an_end
  6  an eager heartbeat kills healthy links                     pain_06_slow_pongs
  7  thousands of loops of close 1006                           pain_07_no_reconnect_storm, pain_07_no_handshake
  8  a fault of the connection takes the process down           pain_08_hostile_frames
  9  it dies silently; a blocked loop                           pain_09_health_is_said, pain_09_slow_work_delays_nobody
 10  a late acknowledgement makes a duplicate                   pain_10_acknowledged_at_once, pain_10_repeats
 11  what is known of duplicates is lost on a restart           pain_11_repeats_to_another_life
 12  the sessionWebhook has expired, the answer is dropped      pain_12_expired_webhooks, pain_12_lasting_a_moment
 13  only the HTTP status is looked at                          pain_13_a_200_that_is_an_error,
                                                                pain_13_a_page_that_reached_nobody,
                                                                pain_13_a_card_that_was_not_delivered
 14  a rate limit is taken for a missing right                  pain_14_a_limit_is_no_missing_right
 15  storms lose messages, long ones are refused                pain_15_long_answers, pain_15_many_answers,
                                                                pain_15_a_page_first
 16  401 and 400 of the open call without an explanation        pain_16_a_bad_secret, pain_16_an_app_not_published
 17  clients share their subscriptions                          pain_17_subscriptions_stay_what_they_are
 18  the quota of DING                                          pain_18_no_quota_left
 19  a missing right is found at its first use                  pain_19_rights_are_asked_for_at_the_start
"""
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from dingtalk_pains_connection import Connecting
from dingtalk_pains_delivery import Delivering
from dingtalk_scene import Beside


class Table(unittest.TestCase):
    def pain_list(self):
        """The table above names every test there is, and each of the nineteen rows has one."""
        named = re.findall(r"\bpain_(\d\d)_(\w+)", __doc__)
        there = [name for case in (Connecting, Delivering) for name in dir(case) if name.startswith("pain_")]
        self.assertEqual(sorted(f"pain_{row}_{name}" for row, name in named), sorted(there))
        self.assertEqual({int(row) for row, _ in named}, set(range(1, 20)))


def load_tests(loader, _, __):
    loader.testMethodPrefix = "pain"
    return Beside(test for case in (Connecting, Delivering, Table) for test in loader.loadTestsFromTestCase(case))


if __name__ == "__main__":
    unittest.main(verbosity=2)
