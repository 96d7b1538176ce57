"""What the program of a fake is beside what it fakes: ports, TLS, flags, its start and its end."""
import argparse
import asyncio
import json
import os
import signal
import ssl
import sys
import traceback

from common.wire import Listener


class Stage:
    """The listeners, which stay, and the world of this moment behind them.

    `ports`: by name, (scheme, function that serves a request). A fake adds `new_world()` and `ready()`."""

    def __init__(self, options, ports, control):
        tls = _tls(options) if options.cert else None
        self.options, self.world = options, None
        self._schemes = {name: scheme for name, (scheme, _) in ports.items()}
        self.listeners = {name: Listener(name, serve, tls) for name, (_, serve) in ports.items()}
        self.control = Listener("control", control(self).serve)

    async def open(self):
        for each in (*self.listeners.values(), self.control):
            await each.open()
        await self.reset()

    async def reset(self):
        if self.world:
            self.world.end()
        for listener in self.listeners.values():
            await listener.open()
            listener.cut_all()
            listener.connections, listener.crashes = [], []
        self.world = self.new_world()

    def crashed(self, _, context):
        """What went wrong in a timer or a task, where no connection saw it."""
        text = "".join(traceback.format_exception(context["exception"])) if "exception" in context else str(context)
        self.listeners["api"].crashes.append(text)
        print(text, file=sys.stderr)

    def addresses(self):
        host, secure = ("localhost", "s") if self.options.cert else ("127.0.0.1", "")
        return {name: f"{self._schemes[name]}{secure}://{host}:{listener.port}"
                for name, listener in self.listeners.items()}

    def common_ready(self):
        ports = {name: listener.port for name, listener in self.listeners.items()}
        return {"control_url": f"http://127.0.0.1:{self.control.port}",
                "ports": {**ports, "control": self.control.port}}


def _tls(options):
    """Suites that large services offer, for the keys of make_ca.py. Who names no host is refused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.load_cert_chain(options.cert, options.key)
    context.sni_callback = lambda socket, name, _: None if name else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    return context


async def _outlive_nobody(parent):
    while os.getppid() == parent:
        await asyncio.sleep(0.3)


async def _run(make_stage, options):
    loop, parent = asyncio.get_running_loop(), os.getppid()
    ended = loop.create_future()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, lambda: ended.done() or ended.set_result(None))
    stage = make_stage(options)
    loop.set_exception_handler(stage.crashed)
    await stage.open()
    print(json.dumps(stage.ready()), flush=True)
    await asyncio.wait([asyncio.ensure_future(_outlive_nobody(parent)), ended], return_when=asyncio.FIRST_COMPLETED)


def _setting(text):
    name, _, value = text.partition("=")
    return name, json.loads(value)


def run(make_stage, description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--seed")
    parser.add_argument("--frozen", action="store_true")
    parser.add_argument("--set", action="append", default=[], type=_setting, metavar="NAME=JSON")
    options = parser.parse_args()
    options.settings = dict(options.set)
    asyncio.run(_run(make_stage, options))
