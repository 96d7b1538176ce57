"""The fake Slack as end-to-end tests use it: started as a child, asked and told through its control port.

    with SlackServer() as slack:
        ... start a bot with slack.api_url, slack.app_token, slack.bot_token
        slack.wait("sockets", ready=True)
        asked = slack.command("alice", "open P0 the site is down", channel="ops")
        slack.answer(asked)["answers"][0]["text"]
        card = slack.wait("messages", channel="C0OPS", contains="INC-1")[0]
        slack.press("bob", "ack", channel="C0OPS", ts=card["ts"], value="1")

Waiting is the server's: it answers as soon as there is what is waited for. `__` in a filter's name is a dot:
arguments__channel="C0OPS".
"""
import json
import pathlib
import subprocess
import urllib.error
import urllib.parse
import urllib.request

SERVER = pathlib.Path(__file__).with_name("server.py")
DEADLINE = 30.0  # seconds; of any wait that names none


class Refused(AssertionError):
    """The control port says that nobody could do this."""

    def __init__(self, status, why):
        super().__init__(f"{status}: {why}")
        self.status, self.why = status, why


class SlackServer:
    def __init__(self, *arguments, frozen=False, deadline=DEADLINE, **settings):
        """`settings`: of service.py, such as ack_seconds=0.5."""
        self.deadline = deadline
        flags = ["--frozen"] if frozen else []
        for name, value in settings.items():
            flags += ["--set", f"{name}={json.dumps(value)}"]
        self.process = subprocess.Popen(["/usr/bin/python3", str(SERVER), *flags, *arguments], stdout=subprocess.PIPE,
                                        text=True)
        self.ready = json.loads(self.process.stdout.readline())
        self.api_url, self.control_url = self.ready["api_url"], self.ready["control_url"]
        self.app_token, self.bot_token = self.ready["app_token"], self.ready["bot_token"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    # The control port as it is

    def post(self, path, body=None, /, **fields):
        data = json.dumps(fields if body is None else body).encode()
        return self._fetch(urllib.request.Request(f"{self.control_url}/{path}", data, method="POST"))

    def get(self, path, **query):
        text = urllib.parse.urlencode({name.replace("__", "."): _plain(value) for name, value in query.items()})
        return self._fetch(urllib.request.Request(f"{self.control_url}/{path}?{text}"))

    def wait(self, kind, /, count=1, timeout=None, **filters):
        """Rows of /kind that match, as soon as there are so many."""
        return self.get(kind, until=count, timeout=self.deadline if timeout is None else timeout, **filters)

    def file(self, id):
        with urllib.request.urlopen(f"{self.control_url}/files/{id}", timeout=DEADLINE) as answer:
            return answer.read()

    @staticmethod
    def _fetch(request):
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE + 10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read().decode()
            if error.code == 408:
                raise AssertionError(f"not within the time: {request.full_url}; there is: {text[:2000]}") from None
            raise Refused(error.code, text) from None

    # The weather

    def reset(self):
        self.post("reset")

    def advance(self, seconds):
        return self.post("time", advance=seconds)["now"]

    def settings(self, **changes):
        return self.post("settings", **changes)

    def fault(self, at, do="pass", **more):
        """One more rule; `match` may be given as such. See faults.py."""
        self.post("fault", at=at, do=do, **more)

    def no_faults(self):
        self.post("faults", [])
        self.post("release")

    # People

    def command(self, user, text="", channel="general", command="/incident"):
        return self.post("commands", user=user, channel=channel, command=command, text=text)

    def say(self, user, text, channel="general", **more):
        return self.post("messages", user=user, channel=channel, text=text, **more)

    def press(self, user, action_id, **where):
        """`channel` and `ts` of a message, or `view_id`; `block_id` and `value` if there are several alike."""
        return self.post("press", user=user, action_id=action_id, **where)

    def submit(self, user, view_id, values=None):
        return self.post("submit", user=user, view_id=view_id, values=values or {})

    def answer(self, interaction, timeout=None):
        """The interaction once its author saw something: a message, a change of a view, or a failure."""
        return self.wait("interactions", timeout=timeout, id=interaction["id"], answered=True)[0]

    def acked(self, interaction, timeout=None):
        """The interaction once it was acked; a bare ack shows nothing and is enough."""
        return self.wait("interactions", timeout=timeout, id=interaction["id"], state="acked")[0]

    def load(self, count, rate, timeout=300, **how):
        started = self.post("load", count=count, rate=rate, **how)
        return self.wait("loads", timeout=timeout, id=started["id"], state="done")[0]


def _plain(value):
    return value if isinstance(value, str) else json.dumps(value)
