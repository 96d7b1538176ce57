"""A fake as tests use it: started as a child, asked and told through its control port.

Waiting is the server's: it answers as soon as there is what is waited for. `__` in a filter's name is a dot:
arguments__channel="C0OPS".
"""
import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request

DEADLINE = 30.0  # seconds; of any wait that names none


class Refused(AssertionError):
    """The control port says that nobody could do this."""

    def __init__(self, status, why):
        super().__init__(f"{status}: {why}")
        self.status, self.why = status, why


class FakeServer:
    def __init__(self, server, *arguments, frozen=False, deadline=DEADLINE, **settings):
        """`server`: the program; `settings`: of its service.py, such as ack_seconds=0.5."""
        self.deadline = deadline
        flags = ["--frozen"] if frozen else []
        for name, value in settings.items():
            flags += ["--set", f"{name}={json.dumps(value)}"]
        self.process = subprocess.Popen(["/usr/bin/python3", str(server), *flags, *arguments], stdout=subprocess.PIPE,
                                        text=True)
        self.ready = json.loads(self.process.stdout.readline())
        self.control_url = self.ready["control_url"]

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

    def load(self, count, rate, timeout=300, **how):
        started = self.post("load", count=count, rate=rate, **how)
        return self.wait("loads", timeout=timeout, id=started["id"], state="done")[0]


def _plain(value):
    return value if isinstance(value, str) else json.dumps(value)
