"""Two ways to say no: Slack's, to the app; and the control port's, to a test that asks for what nobody could do."""


class ApiError(Exception):
    """`ok: false`, with what goes beside it."""

    def __init__(self, error, **more):
        super().__init__(error)
        self.error, self.more = error, more


def invalid_arguments(*messages):
    return ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {each}" for each in messages]})


class Impossible(Exception):
    def __init__(self, why, status=409):
        super().__init__(why)
        self.why, self.status = why, status
