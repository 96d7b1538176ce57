#!/usr/bin/python3
"""Everything that the tests render for Slack, judged by the fake's own rules.

usage: TOCSIN_TEST_SLACK=…/test_slack test_samples.py
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1])]
import block_kit
import messages
from refusals import ApiError

ROOT = pathlib.Path(__file__).resolve().parents[3]
MOST_IN_BLOCKS = 11_000  # characters of a whole message, as the server counts them
MOST_TEXT = 4_000  # Slack's advice; longer ones come apart


def fault(sample):
    """Why the fake would refuse it, or nothing."""
    if "view" in sample:
        return block_kit.problems_of_view(sample["view"], ("modal", "home"))
    try:
        messages.content(sample["message"], blocks_text_limit=MOST_IN_BLOCKS, most_text=MOST_TEXT)
    except ApiError as refused:
        return f"{refused} {refused.__dict__}"
    return None


class Samples(unittest.TestCase):
    def test_all_would_be_taken(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "samples"
            done = subprocess.run([os.environ["TOCSIN_TEST_SLACK"], "--test-case=slack:*"], cwd=ROOT, text=True,
                                  capture_output=True, env={**os.environ, "TOCSIN_SLACK_SAMPLES": str(file)})
            self.assertEqual(done.returncode, 0, done.stdout[-2000:])
            samples = [json.loads(line) for line in file.read_text().splitlines()]
        kinds = {kind: sum(kind in sample for sample in samples) for kind in ("message", "view")}
        print(kinds, flush=True)
        self.assertGreater(kinds["message"], 2_000)
        self.assertGreater(kinds["view"], 9)
        faults = [(reason, str(sample)[:500]) for sample in samples if (reason := fault(sample))]
        self.assertEqual(faults[:3], [])

    def test_a_fault_would_be_seen(self):
        section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}
        button = {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "x"}, "value": "x" * 2001}
        for blocks in ([section], [{"type": "actions", "elements": [button]}], [{"type": "divider"}] * 51):
            self.assertTrue(fault({"message": {"text": "x", "blocks": blocks}}))
            self.assertTrue(fault({"message": {"text": "x", "blocks": [], "attachments": [{"blocks": blocks}]}}))
        self.assertTrue(fault({"message": {"text": "x" * 4001, "blocks": []}}))
        self.assertTrue(fault({"view": {"type": "modal", "blocks": [section]}}))
        self.assertTrue(fault({"view": {"type": "home", "blocks": [{"type": "divider"}] * 101}}))


if __name__ == "__main__":
    unittest.main()
