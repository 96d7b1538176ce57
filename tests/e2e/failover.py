#!/usr/bin/python3
"""Who can't be reached is not waited for: a page that a mail server refuses, or doesn't take, goes to the person's next
channel within ten seconds and to the next person, loudly, on a real SMTP server."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage

DUTY, LEAD = "devops@lawsker.com", "tech-lead@lawsker.com"


class Failover(stage.Scene):
    bot_options = {"rate": 1}  # seconds are what this is about

    def deliveries(self, person):
        return self.bot.rows("SELECT channel, deliveries.state, detail FROM deliveries JOIN pages ON pages.id = page "
                          f"WHERE person = '{person}' ORDER BY pages.id, position")

    def test_a_refused_address_is_given_up_at_once_and_the_next_person_called(self):
        self.mail.fault({"at": "rcpt", "do": "reply", "text": "550 5.1.1 no such user", "times": -1,
                         "recipients": [DUTY]})
        self.bot.say("新建 P0 网站无法访问")
        lead = stage.wait_for("the lead's mail", lambda: self.mail.to(LEAD), 10)[0]
        self.assertIn("运维工程师", lead["subject"] + lead["body"])
        self.assertEqual(self.mail.to(DUTY), [])
        refused = self.deliveries("devops")[0]
        self.assertEqual(refused[0], "email")
        self.assertIn("550", refused[2])
        # Loudly: the timeline says who can't be reached, why, and who is called instead.
        told = self.bot.say("时间线")
        line = next(line for line in told.splitlines() if "550" in line)
        self.assertIn("运维工程师", line)
        self.assertIn("技术负责人", told)

    def test_a_server_that_takes_nothing_is_tried_again_and_the_next_channel_doesnt_wait_for_it(self):
        self.mail.fault({"at": "connect", "do": "reply", "text": "421 4.3.2 not now", "times": -1})
        self.bot.say("新建 P0 网站无法访问")
        # The inbox is each person's other channel here; ten seconds after the mail's turn at the latest.
        accepted = 2
        stage.wait_for("the page in the inbox",
                       lambda: [row for row in self.deliveries("devops") if row[:2] == ("inbox", accepted)], 12)
        # The mail goes on being tried, and arrives when the server takes it, once.
        self.mail.fault()
        stage.wait_for("the mail after all", lambda: self.mail.to(DUTY), 60)
        repeats = [mail["message_id"] for mail in self.mail.to(DUTY)]
        self.assertEqual(len(repeats), len(set(repeats)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
