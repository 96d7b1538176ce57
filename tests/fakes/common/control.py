"""A control port: tests act as people and as the weather through it, and see what came of it.

Bodies and answers are JSON. What nobody could do is refused with 4xx and {"error": why}; a wait in vain is a 408 with
what there is. A fault of the fake itself makes every later answer a 500: it can't pass for the bot's.
"""
import base64
import inspect
import json

from common.refusals import Impossible
from common.wire import json_answer


class ControlPort:
    """`stage` has `world`, `listeners` and `reset()`: a reset puts another world in the place of this one.

    A fake adds `listings()`, `counts()`, `file(id)`, `crowd()`, `special(socket, do, how)` for what its sockets alone
    can do, and an `on_...` method for each path one can POST to."""

    def __init__(self, stage):
        self.stage = stage

    async def serve(self, request):
        name = request.path.strip("/").replace("/", "_")
        crashes = [text for listener in self.stage.listeners.values() for text in listener.crashes]
        if crashes and name != "reset":
            return json_answer({"error": "the fake itself failed: " + crashes[0]}, 500)
        try:
            if request.method == "POST":
                return json_answer(await self._act(name, json.loads(request.body or b"{}")))
            if name.startswith("files_"):
                return self.file(name.removeprefix("files_"))
            return await self._look(name, request.query)
        except Impossible as error:
            return json_answer({"error": error.why}, error.status)
        except (ValueError, TypeError, KeyError) as error:  # a test must see what it did wrong
            return json_answer({"error": repr(error)}, 400)

    async def _act(self, name, body):
        """Each POST path is a method here, its JSON fields are the arguments."""
        do = getattr(self, "on_" + name, None)
        if do is None:
            raise Impossible(f"nothing to do at /{name}", 404)
        found = do(**body) if isinstance(body, dict) else do(body)
        return await found if inspect.isawaitable(found) else found

    async def _look(self, name, query):
        if name == "settings":
            return json_answer(self.stage.world.settings)
        if name == "time":
            return json_answer({"now": self.stage.world.clock.now()})
        if name == "counts":
            return json_answer(self.counts())
        listings = self.listings()
        if name not in listings.kinds:
            raise Impossible(f"nothing to see at /{name}", 404)
        rows, satisfied = await listings.show(name, query)
        return json_answer(rows, 200 if satisfied else 408)

    # The weather

    async def on_reset(self):
        await self.stage.reset()
        return {}

    def on_time(self, advance):
        self.stage.world.clock.advance(advance)
        return {"now": self.stage.world.clock.now()}

    def on_faults(self, *rules):
        """A list, replacing all there were; a single rule joins them."""
        faults = self.stage.world.faults
        if len(rules) == 1 and isinstance(rules[0], list):
            faults.rules, rules = [], rules[0]
        for rule in rules:
            faults.add(rule)
        return {}

    def on_fault(self, **rule):
        return self.on_faults(rule)

    def on_release(self):
        self.stage.world.faults.release()
        return {}

    def on_sockets(self, do, socket="all", **how):
        chosen = self.crowd().chosen(socket)
        if not chosen:
            raise Impossible(f"no socket is {socket}", 404)
        for each in chosen:
            self._socket(each, do, how)
        return {"sockets": [each.id for each in chosen]}

    def _socket(self, socket, do, how):
        if do == "send" and ("raw" in how or "binary" in how):
            send = socket.send_raw if "raw" in how else socket.send_binary
            send(base64.b64decode(how.get("raw", how.get("binary"))))
        elif do == "send":
            socket.send_text(how["text"], how.get("fragment_bytes", 0), how.get("ping", False))
        elif do in ("close", "cut", "freeze", "thaw", "ping"):
            getattr(socket, do)(**how)
        else:
            self.special(socket, do, how)

    async def on_listening(self, **wanted):
        for name, open in wanted.items():
            listener = self.stage.listeners[name]
            await (listener.open() if open else listener.close())
        return {}

    def on_connections(self, listener="api", reset=False):
        """Ends every connection there, such as those a client keeps for its next call."""
        self.stage.listeners[listener].cut_all(reset)
        return {}
