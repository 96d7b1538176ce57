#!/usr/bin/python3
"""The fake DingTalk's own tests: each rule it enforces and each fault it offers, by a client that does things by hand.

usage: test_dingtalk_fake.py [NAME...], as unittest has it, such as checks_stream.Acks
"""
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

CHECKS = sorted(path.stem for path in HERE.glob("checks_*.py"))

if __name__ == "__main__":
    unittest.main(module=None, argv=[sys.argv[0], *(sys.argv[1:] or CHECKS)])
