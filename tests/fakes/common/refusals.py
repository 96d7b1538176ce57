"""How the control port says no: to a test that asks for what nobody could do."""


class Impossible(Exception):
    def __init__(self, why, status=409):
        super().__init__(why)
        self.why, self.status = why, status
