"""The sockets of a fake, all that ever were, and how a test names some of them."""


class Crowd:
    """A fake adds `every`, a list, and `counted()`: those that the service believes to be there."""

    def chosen(self, which):
        """By id as long as it is there, or "all", "oldest", "newest" of those counted."""
        alive = self.counted()
        if which == "all":
            return alive
        if which in ("oldest", "newest"):
            return alive[:1] if which == "oldest" else alive[-1:]
        return [each for each in self.every if each.id == which and each.alive]

    def cut_all(self):
        for each in self.every:
            each.cut()
