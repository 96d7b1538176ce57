"""How a fake begins and ends, whichever it is."""
import os
import select
import signal
import subprocess
import sys


class EndsAsToldTo:
    """For a TestCase with `new_server()`, which starts one, and `program`, the path of what it runs."""

    def test_it_ends_when_told(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            server = self.new_server()
            server.process.send_signal(number)
            self.assertEqual(server.process.wait(10), 0)
            server.stop()

    def test_it_ends_with_its_parent(self):
        text = ("import subprocess, sys; child = subprocess.Popen(['/usr/bin/python3', sys.argv[1]],"
                " stdout=subprocess.PIPE); child.stdout.readline(); print(child.pid, flush=True)")
        with subprocess.Popen([sys.executable, "-c", text, str(self.program)], stdout=subprocess.PIPE) as parent:
            pid = int(parent.stdout.readline())
        try:
            process = os.pidfd_open(pid)
        except ProcessLookupError:
            return  # it was quick
        self.addCleanup(os.close, process)
        self.assertTrue(select.select([process], [], [], 10)[0])
