#!/usr/bin/python3
"""An SMTP server for tests: a real dialogue (aiosmtpd), with faults on demand.

usage: smtp_server.py [--mode plain|starttls|tls] [--cert FILE --key FILE] [--user NAME --password TEXT]
                      [--port N] [--output FILE]

Listens on 127.0.0.1 (port 0: a free one) and prints one JSON line when ready: {"port": N, "control_port": M}.
With --user it wants AUTH, in the modes starttls and tls only after TLS.
Each message it accepts is one JSON line {"at": epoch ms, "from", "to": [...], "subject", "message_id", "references",
"in_reply_to", "date", "auto_submitted", "may_repeat", "body", "raw"}, decoded but for raw, printed to standard output
and, with --output, appended to FILE and synced.

Faults come through HTTP on the control port (nothing but loopback can reach it):
  POST /faults     a JSON list of rules, replacing all: {"at": STAGE, "do": "reply"|"drop"|"hang"|"wait"|"pass",
                   "text": "451 4.3.0 later", "times": 1 (-1: always), "after": 0 (let so many pass first),
                   "recipients": [...], "delay_ms": 0, "store": false}
  POST /listening  true or false: false closes the listening socket, so that connections are refused
  GET  /messages   all accepted so far, as a JSON list
  GET  /counts     {"connections": N, "authenticated": N, "quit": N, "faults": N}
STAGE is where the rule acts: connect, ehlo, starttls, auth, mail, rcpt (`recipients` limits it), data (instead of
354), content (after 354: reads nothing and drops or hangs), dot (the whole message has come; `store` keeps it), quit.
"wait" delays and goes on; "delay_ms" delays any of them.

It ends on SIGTERM, SIGINT, or when the process that started it is gone.
"""
import argparse
import asyncio
import email
import email.policy
import json
import logging
import os
import queue
import signal
import ssl
import sys
import threading
import time
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

# What aiosmtpd warns of is what the tests are about.
warnings.simplefilter("ignore")
logging.getLogger("mail.log").setLevel(logging.CRITICAL)


class Faults:
    def __init__(self):
        self.rules = []
        self.taken = 0

    def take(self, stage, recipient=None):
        """The rule that acts here and now, used up by one."""
        for rule in self.rules:
            if rule["at"] != stage or rule.get("times", 1) == 0:
                continue
            if recipient is not None and "recipients" in rule and recipient not in rule["recipients"]:
                continue
            if rule.get("after", 0) > 0:
                rule["after"] -= 1
                continue
            if rule.get("times", 1) > 0:
                rule["times"] = rule.get("times", 1) - 1
            self.taken += 1
            return rule
        return None


class Post:
    """What was accepted, and who was here."""

    def __init__(self, output):
        self.messages = []
        self.counts = {"connections": 0, "authenticated": 0, "quit": 0}
        self.file = open(output, "a", encoding="utf-8") if output else None

    def keep(self, envelope):
        parsed = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        row = {
            "at": int(time.time() * 1000),
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "subject": str(parsed["Subject"] or ""),
            "message_id": str(parsed["Message-ID"] or ""),
            "references": str(parsed["References"] or ""),
            "in_reply_to": str(parsed["In-Reply-To"] or ""),
            "date": str(parsed["Date"] or ""),
            "auto_submitted": str(parsed["Auto-Submitted"] or ""),
            "may_repeat": str(parsed["X-Tocsin-May-Repeat"] or ""),
            "header_from": str(parsed["From"] or ""),
            "header_to": str(parsed["To"] or ""),
            "body": parsed.get_content().replace("\r\n", "\n") if parsed.get_content_maintype() == "text" else "",
            "raw": envelope.original_content.decode("latin-1"),
        }
        self.messages.append(row)
        line = json.dumps(row, ensure_ascii=False)
        if self.file:
            self.file.write(line + "\n")
            self.file.flush()
            os.fsync(self.file.fileno())
        say(line)


spoken = queue.SimpleQueue()


def say(line):
    """Through a thread: a reader that is busy elsewhere must not hold up the dialogue."""
    spoken.put(line)


def speak():
    while True:
        sys.stdout.write(spoken.get() + "\n")
        sys.stdout.flush()


class Dialogue(SMTP):
    def __init__(self, handler, post, faults, **options):
        super().__init__(handler, hostname="fake.invalid", ident="fake", **options)
        self.post, self.faults = post, faults

    async def stage(self, name, recipient=None):
        """True when a rule has answered in the place of the server."""
        rule = self.faults.take(name, recipient)
        if rule is None:
            return False
        await asyncio.sleep(rule.get("delay_ms", 0) / 1000)
        act = rule.get("do", "reply")
        if act == "reply":
            await self.push(rule["text"])
            if rule["text"].startswith("421"):
                self.transport.close()
        elif act == "drop":
            self.transport.close()
            await asyncio.sleep(3600)  # cancelled when the connection is gone
        elif act == "hang":
            await asyncio.sleep(3600)
        return act in ("reply", "drop", "hang")

    async def _handle_client(self):
        self.post.counts["connections"] += 1
        if not await self.stage("connect"):
            await super()._handle_client()

    async def smtp_EHLO(self, hostname):
        if not await self.stage("ehlo"):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg):
        if not await self.stage("starttls"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg):
        if not await self.stage("auth"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg):
        if not await self.stage("mail"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg):
        recipient = arg.split("<", 1)[-1].split(">", 1)[0] if arg else ""
        if not await self.stage("rcpt", recipient):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg):
        if await self.stage("data"):
            return
        rule = self.faults.take("content")
        if rule is None:
            await super().smtp_DATA(arg)
            return
        await self.push("354 go ahead, I will not listen")
        if rule["do"] == "drop":
            self.transport.close()
        await asyncio.sleep(3600)

    async def smtp_QUIT(self, arg):
        self.post.counts["quit"] += 1
        if not await self.stage("quit"):
            await super().smtp_QUIT(arg)


class Handler:
    def __init__(self, post, faults, login):
        self.post, self.faults, self.login = post, faults, login

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [each for each in responses if self.login or not each.startswith("250-AUTH")]

    async def handle_DATA(self, server, session, envelope):
        rule = self.faults.take("dot")
        if rule is None:
            self.post.keep(envelope)
            return "250 2.0.0 queued as FAKE%d" % len(self.post.messages)
        await asyncio.sleep(rule.get("delay_ms", 0) / 1000)
        if rule.get("store", rule["do"] in ("wait", "pass")):
            self.post.keep(envelope)
        if rule["do"] == "reply":
            return rule["text"]
        if rule["do"] == "drop":
            server.transport.close()
        if rule["do"] in ("drop", "hang"):
            await asyncio.sleep(3600)
        return "250 2.0.0 queued"


class Control:
    """The HTTP side. It speaks just enough of it for curl and a dozen lines of C++."""

    def __init__(self, post, faults, listening):
        self.post, self.faults, self.listening = post, faults, listening

    async def serve(self, reader, writer):
        try:
            method, path, _ = (await reader.readline()).decode("ascii").split()
            length = 0
            while (line := (await reader.readline()).strip()):
                name, _, value = line.decode("latin-1").partition(":")
                if name.lower() == "content-length":
                    length = int(value)
            body = await reader.readexactly(length)
            status, answer = await self.answer(method, path, body)
        except Exception as error:  # a test must see what it did wrong
            status, answer = 400, {"error": repr(error)}
        text = json.dumps(answer, ensure_ascii=False).encode("utf-8")
        head = b"HTTP/1.1 %d fake\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % (status, len(text))
        writer.write(head + text)
        await writer.drain()
        writer.close()

    async def answer(self, method, path, body):
        if (method, path) == ("POST", "/faults"):
            self.faults.rules = json.loads(body)
            return 200, {}
        if (method, path) == ("POST", "/listening"):
            await self.listening(json.loads(body))
            return 200, {}
        if (method, path) == ("GET", "/messages"):
            return 200, self.post.messages
        if (method, path) == ("GET", "/counts"):
            return 200, {**self.post.counts, "faults": self.faults.taken}
        return 404, {"error": "unknown"}


async def outlive_nobody(parent):
    while os.getppid() == parent:
        await asyncio.sleep(0.3)


async def run(options):
    loop = asyncio.get_running_loop()
    parent = os.getppid()
    faults, post = Faults(), Post(options.output)
    context = None
    if options.mode != "plain":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert, options.key)

    def authenticate(server, session, envelope, mechanism, data):
        fine = (data.login.decode("utf-8", "replace") == options.user and
                data.password.decode("utf-8", "replace") == options.password)
        if fine:
            post.counts["authenticated"] += 1
        return AuthResult(success=fine, handled=False)

    def dialogue():
        return Dialogue(
            Handler(post, faults, options.user is not None), post, faults, loop=loop, authenticator=authenticate,
            auth_required=options.user is not None, auth_require_tls=options.mode == "starttls",
            auth_exclude_mechanism=None if options.user is not None else ["PLAIN", "LOGIN"],
            tls_context=context if options.mode == "starttls" else None,
            require_starttls=options.mode == "starttls")

    listener = {"port": options.port, "server": None}

    async def listening(wanted):
        if wanted and listener["server"] is None:
            listener["server"] = await loop.create_server(
                dialogue, "127.0.0.1", listener["port"], ssl=context if options.mode == "tls" else None, backlog=256)
            listener["port"] = listener["server"].sockets[0].getsockname()[1]
        elif not wanted and listener["server"] is not None:
            listener["server"].close()
            await listener["server"].wait_closed()
            listener["server"] = None

    await listening(True)
    control = await asyncio.start_server(Control(post, faults, listening).serve, "127.0.0.1", 0)
    say(json.dumps({"port": listener["port"], "control_port": control.sockets[0].getsockname()[1]}))

    ended = loop.create_future()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, lambda: ended.done() or ended.set_result(None))
    await asyncio.wait([asyncio.ensure_future(outlive_nobody(parent)), ended], return_when=asyncio.FIRST_COMPLETED)


def main():
    parser = argparse.ArgumentParser(description="An SMTP server for tests; see the head of this file.")
    parser.add_argument("--mode", choices=["plain", "starttls", "tls"], default="plain")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--user")
    parser.add_argument("--password", default="")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--output")
    options = parser.parse_args()
    threading.Thread(target=speak, daemon=True).start()
    asyncio.run(run(options))
    os._exit(0)  # connections that hang on purpose are not waited for


main()
