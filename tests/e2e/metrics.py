#!/usr/bin/python3
"""/metrics of a running bot, read by Prometheus' own parser, and judged by its own promtool."""
import http.client
import pathlib
import resource
import sqlite3
import subprocess
import sys
import time
import unittest

from prometheus_client.parser import text_string_to_metric_families

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage


class Metrics(stage.Scene):
    def get(self, host=None, port=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.bot.port, timeout=10)
        try:
            connection.request("GET", "/metrics", headers={"Host": host} if host else {})
            answer = connection.getresponse()
            return answer.status, answer.getheader("Content-Type"), answer.read().decode()
        finally:
            connection.close()

    def scrape(self):
        """Each series with its value, under its name and labels."""
        status, kind, text = self.get()
        self.assertEqual((status, kind), (200, "text/plain; version=0.0.4; charset=utf-8"))
        found = {}
        for family in text_string_to_metric_families(text):
            self.assertTrue(family.documentation, family.name)
            self.assertIn(family.type, ("gauge", "counter"))
            for sample in family.samples:
                key = (sample.name, *sorted(sample.labels.items()))
                self.assertNotIn(key, found)
                found[key] = sample.value
        return found

    def incidents(self, severity, status, found=None):
        return (found or self.scrape())["tocsin_incidents_open", ("severity", severity), ("status", status)]

    def test_numbers_of_a_night(self):
        self.assertEqual(self.incidents("P0", "open"), 0)
        self.bot.say("新建 P0 网站无法访问 私密内容")
        self.bot.say("保密 INC-1")
        self.bot.say("新建 P1 登录很慢")
        self.bot.say("认领 INC-2")
        self.bot.say("演练 P2")
        stage.wait_for("a mail that was counted", lambda: self.scrape()[
            "tocsin_delivery_attempts_total", ("channel", "email"), ("outcome", "accepted")] > 0)
        found = self.scrape()
        self.assertEqual(self.incidents("P0", "open", found), 1)
        self.assertEqual(self.incidents("P1", "acknowledged", found), 1)
        self.assertEqual(sum(value for key, value in found.items() if key[0] == "tocsin_incidents_open"), 2)
        self.assertEqual(found["tocsin_drills_open",], 1)
        self.assertEqual(found["tocsin_ready",], 1)
        self.assertGreaterEqual(found["tocsin_audit_rows_total",], 5)
        for kind in ("clock", "page", "outbox"):
            stage.wait_for(f"nothing overdue: {kind}", lambda: self.scrape()[
                "tocsin_overdue_age_seconds", ("kind", kind)] < 60)
        # The bot's clock is a fast one here, that of the process is not.
        looked, started = found["tocsin_scheduler_last_look_timestamp_seconds",], found["tocsin_start_time_seconds",]
        self.assertGreaterEqual(looked, started)
        self.assertGreater(stage.wait_for("the next look", lambda: self.scrape()[
            "tocsin_scheduler_last_look_timestamp_seconds",] > looked), 0)
        self.assertAlmostEqual(found["process_start_time_seconds",], time.time(), delta=120)
        self.assertEqual(found["tocsin_database_size_bytes", ("file", "main")],
                         (self.folder / "tocsin.db").stat().st_size)
        process = pathlib.Path(f"/proc/{self.bot.process.pid}")
        pages = int((process / "statm").read_text().split()[1])
        self.assertAlmostEqual(found["process_resident_memory_bytes",] / resource.getpagesize() / pages, 1, delta=0.5)
        self.assertAlmostEqual(found["process_open_fds",], len(list((process / "fd").iterdir())), delta=10)
        version = self.bot.tocsin("version").stdout.split()[1]
        self.assertEqual(found["tocsin_info", ("version", version)], 1)
        for word in ("网站", "私密", "登录", "INC-", "devops", "@"):
            self.assertNotIn(word, self.get()[2])

    def test_doors(self):
        self.assertEqual(self.get(host="evil.example")[0], 421)
        self.assertEqual(self.get(port=self.bot.public_port)[0], 404)

    def test_promtool(self):
        done = subprocess.run(["promtool", "check", "metrics"], input=self.get()[2], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_a_store_that_hangs_is_told_in_time(self):
        """Somebody else holds the database: the numbers come from memory, or it is said that there are none."""
        database = sqlite3.connect(self.folder / "tocsin.db", isolation_level=None)
        self.addCleanup(database.close)
        database.execute("BEGIN IMMEDIATE")  # nobody else can write now
        begun = time.monotonic()
        status, _, _ = self.get()
        self.assertLess(time.monotonic() - begun, 5)
        self.assertIn(status, (200, 503))
        database.execute("ROLLBACK")
        self.assertEqual(stage.wait_for("the numbers", lambda: self.get()[0] == 200), True)


if __name__ == "__main__":
    unittest.main(verbosity=2)
