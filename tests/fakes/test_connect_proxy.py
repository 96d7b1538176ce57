#!/usr/bin/python3
"""connect_proxy.py does what its first lines say."""
import base64
import json
import pathlib
import socket
import subprocess
import unittest

PROXY = pathlib.Path(__file__).with_name("connect_proxy.py")


class ConnectProxy(unittest.TestCase):
    def start(self, *arguments):
        process = subprocess.Popen(["/usr/bin/python3", str(PROXY), *arguments], stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        self.port = json.loads(process.stdout.readline())["port"]

    def ask(self, text):
        """A connection on which `text` was said, and the head of the answer."""
        link = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        self.addCleanup(link.close)
        link.sendall(text.encode())
        head = b""
        while b"\r\n\r\n" not in head:
            more = link.recv(1)
            if not more:
                break
            head += more
        return link, head.decode()

    def connect(self, target, more="", host=None):
        return self.ask(f"CONNECT {target} HTTP/1.1\r\nHost: {host or target}\r\n{more}\r\n")

    def counts(self):
        link, _ = self.ask("GET / HTTP/1.1\r\n\r\n")
        with link.makefile() as body:
            return json.load(body)

    def listener(self):
        server = socket.create_server(("127.0.0.1", 0))
        server.settimeout(5)
        self.addCleanup(server.close)
        return server, f"127.0.0.1:{server.getsockname()[1]}"

    def test_a_tunnel_carries_both_ways_and_is_counted(self):
        server, target = self.listener()
        self.start()
        link, head = self.connect(target)
        self.assertTrue(head.startswith("HTTP/1.1 200 "), head)
        far, _ = server.accept()
        with far:
            link.sendall(b"there")
            self.assertEqual(far.recv(5, socket.MSG_WAITALL), b"there")
            far.sendall(b"back")
            self.assertEqual(link.recv(4, socket.MSG_WAITALL), b"back")
        self.assertEqual(link.recv(1), b"", "the end of one side is that of the other")
        self.assertEqual(self.counts(), {"tunnels": {target: 1}, "refused": 0})

    def test_authorization_is_asked_for(self):
        _, target = self.listener()
        self.start("--user", "ann:secret")
        for more in ("", f"Proxy-Authorization: Basic {base64.b64encode(b'ann:wrong').decode()}\r\n"):
            head = self.connect(target, more)[1]
            self.assertTrue(head.startswith("HTTP/1.1 407 "), head)
            self.assertIn("Proxy-Authenticate: Basic", head)
        right = f"Proxy-Authorization: Basic {base64.b64encode(b'ann:secret').decode()}\r\n"
        self.assertTrue(self.connect(target, right)[1].startswith("HTTP/1.1 200 "))
        self.assertEqual(self.counts(), {"tunnels": {target: 1}, "refused": 2})

    def test_a_refusal_is_a_status_and_a_page(self):
        _, target = self.listener()
        self.start("--answer", "403")
        link, head = self.connect(target)
        self.assertTrue(head.startswith("HTTP/1.1 403 "), head)
        self.assertEqual(link.recv(99, socket.MSG_WAITALL), b"<html>a page</html>")
        self.assertEqual(self.counts(), {"tunnels": {}, "refused": 1})

    def test_another_host_than_the_target_is_a_bad_request(self):
        _, target = self.listener()
        self.start()
        self.assertTrue(self.connect(target, host="elsewhere:1")[1].startswith("HTTP/1.1 400 "))
        self.assertEqual(self.counts(), {"tunnels": {}, "refused": 1})

    def test_a_tunnel_to_nowhere(self):
        server, target = self.listener()
        server.close()
        self.start()
        self.assertTrue(self.connect(target)[1].startswith("HTTP/1.1 502 "))
        self.assertEqual(self.counts(), {"tunnels": {}, "refused": 1})


if __name__ == "__main__":
    unittest.main()
