#!/usr/bin/python3
"""The fake Slack's own tests: each rule it enforces and each fault it offers, by a client that does things by hand.

usage: test_slack_fake.py [NAME...], as unittest has it, such as checks_socket_mode.Acks
"""
import pathlib
import sys
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1])]

CHECKS = sorted(path.stem for path in pathlib.Path(__file__).parent.glob("checks_*.py"))

if __name__ == "__main__":
    unittest.main(module=None, argv=[sys.argv[0], *(sys.argv[1:] or CHECKS)])
