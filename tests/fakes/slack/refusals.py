"""How Slack says no to the app. (The control port's way is common/refusals.py.)"""


class ApiError(Exception):
    """`ok: false`, with what goes beside it."""

    def __init__(self, error, **more):
        super().__init__(error)
        self.error, self.more = error, more


def invalid_arguments(*messages):
    return ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {each}" for each in messages]})
